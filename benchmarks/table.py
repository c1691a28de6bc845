"""What every benchmark prints: a table for people, or rows for programs with --json."""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class Row:
    case: str
    metric: str
    value: float
    unit: str
    against: str = ""
    """What `ratio` compares with."""
    ratio: float | None = None
    """This over that."""


def show(rows: Iterable[Row], *, as_json: bool) -> None:
    rows = list(rows)
    if as_json:
        print(json.dumps([asdict(row) for row in rows], indent=1))
        return
    width = max(len(row.case) for row in rows)
    metric = max(len(row.metric) for row in rows)
    for row in rows:
        compared = f"  {row.ratio:8.2f} × {row.against}" if row.ratio is not None else ""
        print(f"{row.case:<{width}}  {row.metric:<{metric}}  {row.value:12,.1f} {row.unit:<6}{compared}")
