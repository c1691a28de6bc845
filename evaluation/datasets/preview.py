"""What a recipe would write: counts and the first rows."""

from collections import Counter
from contextlib import closing
from dataclasses import dataclass
from typing import Any

import orjson
import pyarrow.types as pa
from django.db import transaction

from evaluation.datasets.examples import Stream
from evaluation.datasets.formats import FORMATS
from evaluation.datasets.formats.base import Row
from evaluation.datasets.recipe import Recipe
from evaluation.datasets.written import LEFT_OUT, place_of
from labeling.projects.models import Project

MOST_TASKS = 1000
"""So many are looked at, so that a page takes no longer where there are more."""

SHOWN = 10
LONGEST = 400
DIGITS = 4


@dataclass(frozen=True)
class Preview:
    """columns, rows: of the first rows, as text, each with whether it is a number. counts: by split. n_tasks: how many
    were looked at, of how many; they are prompts where rows are of these."""

    columns: list[tuple[str, bool]]
    rows: list[list[tuple[str, bool]]]
    counts: dict[str, int]
    left_out: dict[str, int]
    n_tasks: int
    of: int
    of_prompts: bool

    @property
    def is_part(self) -> bool:
        return self.n_tasks < self.of

    @property
    def said_left_out(self) -> list[tuple[str, int]]:
        return [(str(LEFT_OUT[reason]), n) for reason, n in self.left_out.items() if n]


def preview(project: Project, recipe: Recipe) -> Preview:
    """Raises Refused for a recipe that does not go with the project."""
    rows_of = FORMATS[recipe.format]
    with transaction.atomic():
        stream = Stream(project, recipe, MOST_TASKS)
        of = stream.total()
        counts: Counter[str] = Counter()
        first: list[Row] = []
        with closing(iter(stream)) as examples:
            for split, example in examples:
                counts[split] += 1
                if len(first) < SHOWN:
                    first.append(rows_of.row(example, stream.shape))
    columns = [
        (field.name, pa.is_integer(field.type) or pa.is_floating(field.type)) for field in rows_of.schema(stream.shape)
    ]
    rows = [[(shown(row[name]), is_number) for name, is_number in columns] for row in first]
    by_split = {split: counts[split] for split in sorted(counts, key=place_of)}
    return Preview(
        columns, rows, by_split, dict(stream.left_out), stream.n_tasks, of, of_prompts=rows_of.of == "prompts"
    )


def shown(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.{DIGITS}g}"
    text = value if isinstance(value, str) else "" if value is None else orjson.dumps(value).decode()
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"
