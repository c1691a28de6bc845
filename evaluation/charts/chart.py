"""A chart as pages and files get it: drawn for a wide and a narrow place, with its numbers as a table."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.safestring import SafeString, mark_safe

from evaluation.charts.axis import Axis
from evaluation.charts.drawing import Drawing
from evaluation.charts.palette import SURFACE, on_paper

Cell = str | float | None
STARTS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\0")


@dataclass(frozen=True)
class Column:
    """Of the table under a chart; one without an axis holds words."""

    title: str
    axis: Axis | None = None


@dataclass(frozen=True)
class Chart:
    """`title` and `description` are in the reader's language; `name` is for addresses and file names.

    `rows` hold the numbers as they are, in the order of `columns`; None is what has no value.
    """

    name: str
    title: str
    description: str
    wide: Drawing
    narrow: Drawing
    columns: Sequence[Column]
    rows: Sequence[Sequence[Cell]]

    @property
    def svg(self) -> SafeString:
        """For pages: in the colours of the page, the style sheet shows the drawing there is room for."""
        kinds = {"chart-wide": self.wide, "chart-narrow": self.narrow} if self.fits else {"chart-whole": self.wide}
        return mark_safe("".join(self._markup(drawing, kind) for kind, drawing in kinds.items()))  # noqa: S308 (escaped by ElementTree)

    @property
    def fits(self) -> bool:
        """Whether there is a drawing for narrow places; without one the whole is scrolled."""
        return self.narrow is not self.wide

    @property
    def file(self) -> str:
        """To be kept or printed: one drawing, in light colours on white."""
        ground = f'<rect width="100%" height="100%" fill="{SURFACE}" /><g>'
        return on_paper(self._markup(self.wide, "chart").replace("<g>", ground, 1))

    @property
    def head(self) -> list[str]:
        return [column.title for column in self.columns]

    @property
    def shown(self) -> list[list[tuple[str, bool]]]:
        """The rows in the reader's notation, each cell with whether it is a number."""
        return [
            [
                (str("–" if cell is None else cell), False) if column.axis is None else (said(cell, column.axis), True)
                for cell, column in zip(row, self.columns, strict=True)
            ]
            for row in self.rows
        ]

    def csv(self) -> str:
        """Numbers with all their digits; words that a spreadsheet would take for a formula get a leading '."""
        file = io.StringIO()
        writer = csv.writer(file, lineterminator="\r\n")
        writer.writerows([harmless(cell) for cell in row] for row in [self.head, *self.rows])
        return file.getvalue()

    def _markup(self, drawing: Drawing, kind: str) -> str:
        return drawing.markup(kind=kind, title=self.title, description=self.description)


def said(cell: Cell, axis: Axis) -> str:
    return cell if isinstance(cell, str) else axis.written(cell)


def harmless(cell: Cell) -> Cell:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(STARTS_A_FORMULA) else cell
