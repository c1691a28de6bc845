"""Judgments as a data set of Concord's has them: a row for each response, those of one person on one task together."""

from collections.abc import Iterable, Iterator, Sequence, Set
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from labeling.collection.judgments import PREFERENCES
from labeling.imports.brings import Brings
from labeling.imports.shapes.base import Shape
from labeling.prompts.files import Reshape, Row, RowRefused
from labeling.prompts.json_text import JsonRefused, value_of

FIELDS = {"prompt_id", "prompt", "response", "model", "annotator", "position", "rank"}
TRUTH = {"true": True, "false": False}
COMMENT = "written.comment"


class Gathering(Reshape):
    def __init__(self) -> None:
        self.together: list[Row] = []

    def __call__(self, row: Row) -> Iterator[Row]:
        if self.together and not goes_on(self.together[-1], row):
            yield from self.rest()
        self.together.append(row)

    def rest(self) -> Iterator[Row]:
        rows, self.together = self.together, []
        if rows:
            yield judgment(rows)


def goes_on(last: Row, row: Row) -> bool:
    same = all(last.get(name) == row.get(name) for name in ("prompt_id", "annotator"))
    before = number(last.get("position"))
    return same and isinstance(before, int) and number(row.get("position")) == before + 1


def judgment(rows: Sequence[Row]) -> Row:
    """Raises RowRefused."""
    first = rows[0]
    made: Row = {
        "messages": messages(first.get("prompt")),
        "responses": [{"model": row.get("model"), "text": row.get("response") or ""} for row in rows],
        "annotator": first.get("annotator"),
        **{name: first[name] for name in ("use_case", "language") if first.get(name)},
        **({"created_at": str(first["day"])} if first.get("day") else {}),
        **({"comment": first[COMMENT]} if first.get(COMMENT) else {}),
    }
    ranks = [number(row.get("rank")) for row in rows]
    preference = str(first.get("preference") or "")
    if preference.lower() in PREFERENCES:
        made["preference"] = preference
    elif None not in ranks:
        made["ranks"] = ranks
    for kind, convert in (("scores", number), ("flags", truth)):
        if said := dict(by_name(rows, kind, convert)):
            made[kind] = said
    return made


def by_name(rows: Sequence[Row], kind: str, convert: Any) -> Iterator[tuple[str, list[Any]]]:
    names = dict.fromkeys(name for row in rows for name in row if name.startswith(f"{kind}."))
    for name in names:
        values = [convert(row.get(name)) for row in rows]
        if any(value is not None for value in values):
            yield name.partition(".")[2], values


def messages(prompt: object) -> object:
    """In a table they are JSON."""
    if not isinstance(prompt, str):
        return prompt
    try:
        return value_of(prompt.encode(errors="replace"), 0)
    except JsonRefused as wrong:
        raise RowRefused(_("“%(field)s” must be a list of messages.") % {"field": "prompt"}) from wrong


def number(value: object) -> Any:
    return int(value) if isinstance(value, str) and value.isdecimal() and len(value) < 10 else value


def truth(value: object) -> object:
    return TRUTH.get(value.lower(), value) if isinstance(value, str) else value


def recognizes(fields: Set[str], _rows: Sequence[Row]) -> bool:
    return fields >= FIELDS


def rows(row: Row) -> Iterable[Row]:
    return [judgment([row])]


SHAPE = Shape(
    "exported", gettext_lazy("Judgments of a data set"), Brings.JUDGMENTS, recognizes, rows, gathers=Gathering
)
