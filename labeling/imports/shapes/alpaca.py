"""Alpaca: an instruction, perhaps with an input, and the output that was wanted."""

from collections.abc import Iterator, Sequence, Set

from labeling.imports.brings import Brings
from labeling.imports.shapes.base import Shape, made, text_in, together
from labeling.prompts.files import Row

USED = {"instruction", "input", "output", "system", "text"}
"""`text` is the rest once more, in the words of one model's template."""


def recognizes(fields: Set[str], _rows: Sequence[Row]) -> bool:
    return {"instruction", "output"} <= fields and not {"instances", "context"} & fields


def rows(row: Row) -> Iterator[Row]:
    prompt = together(text_in(row, "instruction"), text_in(row, "input"))
    yield made(row, USED, prompt=prompt, system=text_in(row, "system"), reference=text_in(row, "output"))


SHAPE = Shape("alpaca", "Alpaca", Brings.PROMPTS, recognizes, rows)
