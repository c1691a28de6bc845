"""How the rows of a file are to be understood: by a shape, by a mapping, or column by column."""

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from labeling.collection.mapping.read import read_mapping
from labeling.collection.mapping.reshape import Reshaping
from labeling.imports.brings import Brings
from labeling.imports.columns import ByColumns, ColumnMap, judged_by_columns
from labeling.imports.shapes import SHAPES
from labeling.imports.shapes.base import Shape
from labeling.prompts.files import LinedRow, Reshape, Row


@dataclass(frozen=True)
class Understanding:
    brings: Brings
    shape: str = ""
    """The key of one; none: by `mapping`, where there is one, else by `columns`."""
    columns: ColumnMap = field(default_factory=dict)
    mapping: str = ""
    """As it came, YAML or JSON."""

    def reshape(self, file_name: str, known: Sequence[str]) -> Reshape:
        """What makes our rows of those of this file, whose first rows have the fields `known`. Raises Refused."""
        if self.shape:
            shape = SHAPES[self.shape]
            return shape.gathers() if shape.gathers else ByShape(shape)
        if self.mapping:
            return Reshaping(read_mapping(io.BytesIO(self.mapping.encode()), "mapping.yaml"), file_name)
        if self.brings == Brings.JUDGMENTS:
            return Reshaping(judged_by_columns(self.columns, known), file_name)
        return ByColumns(self.brings, self.columns)


class ByShape(Reshape):
    def __init__(self, shape: Shape) -> None:
        self.shape = shape

    def __call__(self, line: int, row: Row) -> Iterator[LinedRow]:
        return ((line, made) for made in self.shape.rows(row))
