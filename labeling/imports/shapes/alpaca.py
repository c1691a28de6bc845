"""Alpaca: an instruction, perhaps with an input, and the output that was wanted."""

from collections.abc import Iterator, Sequence, Set
from itertools import chain, cycle

from django.utils.translation import gettext as _

from labeling.imports.brings import Brings
from labeling.imports.shapes.base import Shape, Turn, made, text_in, together
from labeling.prompts.files import Row, RowRefused

USED = {"instruction", "input", "history", "output", "system", "text"}
"""`text` is the rest once more, in the words of one model's template."""


def recognizes(fields: Set[str], _rows: Sequence[Row]) -> bool:
    return {"instruction", "output"} <= fields and not {"instances", "context"} & fields


def rows(row: Row) -> Iterator[Row]:
    turns = turns_of(row)
    asked = {"messages": turns} if turns[1:] else {"prompt": turns[0]["content"]}
    yield made(row, USED, **asked, system=text_in(row, "system"), reference=text_in(row, "output"))


def turns_of(row: Row) -> list[Turn]:
    """What was said before comes first, in pairs of a question and its answer. Raises RowRefused."""
    history = row.get("history") or []
    if not isinstance(history, list) or not all(isinstance(pair, list) and len(pair) == 2 for pair in history):
        raise RowRefused(_("“history” must be a list of pairs, each a question and its answer."))
    said = [*chain.from_iterable(history), together(text_in(row, "instruction"), text_in(row, "input"))]
    return [{"role": role, "content": text} for role, text in zip(cycle(("user", "assistant")), said)]


SHAPE = Shape("alpaca", "Alpaca", Brings.PROMPTS, recognizes, rows)
