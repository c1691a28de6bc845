"""A chart as pages and files get it: drawn for a wide and a narrow place, with its numbers as a table."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.safestring import SafeString, mark_safe

from evaluation.charts.axis import Axis
from evaluation.charts.drawing import NARROW, Drawing, escaped
from evaluation.charts.palette import SURFACE, on_paper
from labeling.spreadsheets import harmless

MARGIN = 10
"""Of files; on pages charts have the space around them that all has there."""

Cell = str | float | None


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
        narrow = "chart-narrow" if self.narrow.width <= NARROW else "chart-narrow chart-whole"
        kinds = (
            {"chart-whole": self.wide} if self.wide is self.narrow else {"chart-wide": self.wide, narrow: self.narrow}
        )
        described = f"<desc>{escaped(self.description)}</desc>"
        images = [drawing.svg(kind, self.title, described) for kind, drawing in kinds.items()]
        return mark_safe("".join(images))  # noqa: S308 (drawings escape the words they are given)

    @property
    def scrolls(self) -> bool:
        """Whether there may be no room for all of it."""
        return self.narrow.width > NARROW

    @property
    def file(self) -> str:
        """To be kept or printed: one drawing, in light colours on white."""
        described = f"<title>{escaped(self.title)}</title><desc>{escaped(self.description)}</desc>"
        ground = f'<rect x="-{MARGIN}" y="-{MARGIN}" width="100%" height="100%" fill="{SURFACE}"/>'
        return on_paper(self.wide.svg("chart", self.title, described + ground, margin=MARGIN))

    @property
    def head(self) -> list[str]:
        return [column.title for column in self.columns]

    @property
    def shown(self) -> list[list[tuple[str, bool]]]:
        """The rows in the reader's notation, each cell with whether it is a number."""
        return [
            [(said(cell, column), column.axis is not None) for cell, column in zip(row, self.columns, strict=True)]
            for row in self.rows
        ]

    def csv(self) -> str:
        """Numbers with all their digits; words that a spreadsheet would take for a formula get a leading '."""
        file = io.StringIO()
        writer = csv.writer(file, lineterminator="\r\n")
        writer.writerows([harmless(cell) for cell in row] for row in [self.head, *self.rows])
        return file.getvalue()


def said(cell: Cell, column: Column) -> str:
    if isinstance(cell, str):
        return cell
    return "–" if column.axis is None else column.axis.written(cell)
