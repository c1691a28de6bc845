"""Judgments as a data set of Concord's has them: a row for each response, those of one person on one task together."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from typing import Any, NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from labeling.collection.judgments import ANSWER_FIELDS
from labeling.collection.kinds.base import whole_number
from labeling.imports.brings import Brings
from labeling.imports.shapes.base import Shape
from labeling.prompts.files import LinedRow, Reshape, Row, RowRefused, refuse_unknown
from labeling.prompts.json_text import JsonRefused, value_of
from labeling.spreadsheets import text_of_cell

FIELDS = {"prompt_id", "prompt", "annotator", "position"}
"""What no table lacks, whose empty cells are left out."""

ABOUT = FIELDS | {"use_case", "language", "model", "response", "rank", "preference", "day", "questions", "guidelines"}

TRUTH = {"true": True, "false": False}
NOTHING = (None, "")


class Gathering(Reshape):
    def __init__(self) -> None:
        self.together: list[LinedRow] = []

    def __call__(self, line: int, row: Row) -> Iterator[LinedRow]:
        done: list[LinedRow] = []
        if self.together and not goes_on(self.together[-1][1], row):
            done, self.together = self.together, []
        self.together.append((line, row))
        yield from self.judged(done)

    def rest(self) -> Iterator[LinedRow]:
        rows, self.together = self.together, []
        yield from self.judged(rows)

    def judged(self, rows: Sequence[LinedRow]) -> Iterator[LinedRow]:
        if rows:
            line = rows[0][0]
            try:
                made = judgment([row for _line, row in rows])
            except RowRefused as refused:
                raise RowRefused(str(refused), line) from refused
            if ANSWER_FIELDS.keys().isdisjoint(made):
                self.blank += 1
            else:
                yield line, made


def goes_on(last: Row, row: Row) -> bool:
    same = all(last.get(name) == row.get(name) for name in ("prompt_id", "annotator"))
    before = number(last.get("position"))
    return same and isinstance(before, int) and number(row.get("position")) == before + 1


def judgment(rows: Sequence[Row]) -> Row:
    """Raises RowRefused."""
    refuse_unknown({name: None for row in rows for name in row if not is_known(name)}, KNOWN)
    if isinstance(rows[0].get("prompt"), str):
        rows = [as_in_a_table(row) for row in rows]
    first = rows[0]
    return {
        "messages": first.get("prompt"),
        "responses": [
            {"model": row.get("model"), "text": row.get("response") or ""}
            for row in rows
            if row.get("model") not in NOTHING or row.get("response") not in NOTHING
        ],
        "annotator": first.get("annotator"),
        **{name: first[name] for name in ("use_case", "language") if first.get(name)},
        **({"created_at": str(first["day"])} if first.get("day") else {}),
        **said_in(rows),
    }


def is_known(column: str) -> bool:
    start, dot, _name = column.partition(".")
    return column in ABOUT or (start in COLUMNS and bool(dot))


def as_in_a_table(row: Row) -> Row:
    """What its cells hold. Raises RowRefused."""
    cells = {name: text_of_cell(cell) if isinstance(cell, str) else cell for name, cell in row.items()}
    try:
        return {**cells, "prompt": value_of(str(row.get("prompt")).encode(errors="replace"), 0)}
    except JsonRefused as wrong:
        raise RowRefused(_("“%(field)s” must be a list of messages.") % {"field": "prompt"}) from wrong


def said_in(rows: Sequence[Row]) -> Row:
    """`rank` and `preference` say nothing more where the questions that compare have columns of their own."""
    said: Row = {}
    for column in dict.fromkeys(name for row in rows for name in row):
        start, _dot, name = column.partition(".")
        if name:
            field, convert, is_of_responses = COLUMNS[start]
            values = [convert(row.get(column)) for row in (rows if is_of_responses else rows[:1])]
            if any(value not in NOTHING for value in values):
                said.setdefault(field, {})[name] = values if is_of_responses else values[0]
    if {"ranks", "preference"}.isdisjoint(said):
        ranks = [number(row.get("rank")) for row in rows]
        if rows[0].get("preference"):
            said["preference"] = rows[0]["preference"]
        elif any(rank not in NOTHING for rank in ranks):
            said["ranks"] = ranks
    return said


def number(value: object) -> Any:
    found = whole_number(value)
    return value if found is None else found


def truth(value: object) -> object:
    return TRUTH.get(value.lower(), value) if isinstance(value, str) else value


def as_it_is(value: object) -> object:
    return value


class Column(NamedTuple):
    field: str
    convert: Callable[[object], object]
    is_of_responses: bool


COLUMNS: Mapping[str, Column] = {
    "rank": Column("ranks", number, True),
    "preference": Column("preference", as_it_is, False),
    "scores": Column("scores", number, True),
    "flags": Column("flags", truth, True),
    "comment": Column("comment", as_it_is, False),
    "demonstration": Column("demonstration", as_it_is, False),
    "refinement": Column("refinement", as_it_is, True),
    "prompt_flags": Column("prompt_flags", truth, False),
    "use_case": Column("said_use_case", as_it_is, False),
}
"""By how their names begin: the field of ours."""

KNOWN = frozenset([*ABOUT, *(f"{start}.…" for start in COLUMNS)])


def recognizes(fields: Set[str], _rows: Sequence[Row]) -> bool:
    return fields >= FIELDS


def rows(row: Row) -> Iterable[Row]:
    return [judgment([row])]


SHAPE = Shape(
    "exported", gettext_lazy("Judgments of a data set"), Brings.JUDGMENTS, recognizes, rows, gathers=Gathering
)
