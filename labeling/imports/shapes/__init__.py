"""A rack: one module a shape. The first that recognizes a file's first rows is how the file is read."""

from collections.abc import Sequence

from labeling.imports.brings import Brings
from labeling.imports.shapes import alpaca, chat, dolly, exported, kto, own, pairs, self_instruct, sharegpt
from labeling.imports.shapes.base import Shape
from labeling.prompts.files import Row

OURS = {shape.brings: shape for shape in (own.PROMPTS, own.RESPONSES, own.JUDGMENTS)}

SHAPES: dict[str, Shape] = {
    shape.key: shape
    for shape in (
        *(
            pairs.SHAPE,
            kto.SHAPE,
            self_instruct.SHAPE,
            dolly.SHAPE,
            alpaca.SHAPE,
            sharegpt.SHAPE,
            exported.SHAPE,
            chat.SHAPE,
        ),
        *(own.PROMPTS, own.RESPONSES, own.JUDGMENTS),
    )
}


def recognized(rows: Sequence[Row], brings: Brings | None = None) -> Shape | None:
    """The shape of rows, the first of a file; of those that bring a certain thing, if it is said."""
    fields = {name for row in rows for name in row}
    shapes = [shape for shape in SHAPES.values() if brings in (None, shape.brings)]
    return next((shape for shape in shapes if shape.recognizes(fields, rows)), None)
