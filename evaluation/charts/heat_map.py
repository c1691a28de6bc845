"""A value for each row and column: annotator × annotator, model × model, outcome × outcome."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext

from evaluation.charts.axis import Axis
from evaluation.charts.chart import Chart, Column
from evaluation.charts.drawing import NARROW, SMALL, WIDE, Drawing
from evaluation.charts.frame import empty
from evaluation.charts.palette import MUTED, ON_RAMP, RAMP, SUNKEN
from evaluation.charts.words import fitted, shortened, width_of

WIDEST_LABEL, TALLEST_LABEL = 132.0, 96.0
BROADEST_CELL, NARROWEST_CELL, HIGHEST_CELL = 56.0, 24.0, 30.0
GAP = 8.0
FONT = 10.0


@dataclass(frozen=True)
class Matrix:
    """`cells[y][x]` is the value of rows[y] and columns[x]; None where there is none. Titles may be empty."""

    rows: Sequence[str]
    columns: Sequence[str]
    cells: Sequence[Sequence[float | None]]
    row_title: str = ""
    column_title: str = ""

    def compares_itself(self, y: int, x: int) -> bool:
        """On the diagonal, where rows and columns are the same."""
        return x == y and list(self.rows) == list(self.columns)

    def lacks_values(self) -> bool:
        """Elsewhere than where something would be compared with itself."""
        return any(
            value is None and not self.compares_itself(y, x)
            for y, row in enumerate(self.cells)
            for x, value in enumerate(row)
        )


def heat_map(matrix: Matrix, *, name: str, title: str, description: str, axis: Axis, nothing: str) -> Chart:
    """Darker (in the dark, lighter) is more, from the low to the high end of the axis; each value is in its cell.

    `nothing` says why a cell may be without a value. Where a matrix is too broad for its place, it is scrolled.
    """
    wide = drawn(matrix, axis, nothing, WIDE)
    return Chart(
        name=name,
        title=title,
        description=description,
        wide=wide,
        narrow=wide if wide.width > WIDE else drawn(matrix, axis, nothing, NARROW),
        columns=[Column(matrix.row_title or gettext("Name")), *[Column(label, axis) for label in matrix.columns]],
        rows=[[label, *values] for label, values in zip(matrix.rows, matrix.cells, strict=True)],
    )


@dataclass(frozen=True)
class Grid:
    """Where the cells are: from (left, top), each `side` by `high`."""

    left: float
    top: float
    side: float
    high: float
    turned: bool
    """Whether the labels of columns are, as they are broader than the cells."""

    def middle(self, y: int, x: int) -> tuple[float, float]:
        return self.left + self.side * (x + 0.5), self.top + self.high * (y + 0.5)


def grid_of(matrix: Matrix, values: Sequence[Sequence[str]], width: float) -> Grid:
    """At most `width` wide, unless cells would get narrower than their values."""
    left = GAP + min(WIDEST_LABEL, max(width_of(words, SMALL) for words in [*matrix.rows, matrix.row_title]))
    longest = max(width_of(value, FONT) for row in values for value in row)
    side = min(BROADEST_CELL, max(NARROWEST_CELL, longest + 4, (width - left) / len(matrix.columns)))
    broadest = max(width_of(label, SMALL) for label in matrix.columns)
    turned = broadest > side - 6
    titles = 18 if matrix.row_title or matrix.column_title else 0
    top = titles + (min(TALLEST_LABEL, broadest) + GAP if turned else 20)
    return Grid(left, top, side, min(side, HIGHEST_CELL), turned)


def drawn(matrix: Matrix, axis: Axis, nothing: str, width: float) -> Drawing:
    if not (matrix.rows and matrix.columns):
        return empty(width)
    values = [[short(value, axis) for value in row] for row in matrix.cells]
    grid = grid_of(matrix, values, width)
    bottom = grid.top + grid.high * len(matrix.rows)
    note = f"–  {nothing}" if matrix.lacks_values() else ""
    beside = max(width_of(note, SMALL), width_of(matrix.column_title, SMALL))
    broad = max(grid.left + grid.side * len(matrix.columns), min(width, grid.left + beside))
    drawing = Drawing(broad, bottom + (24 if note else 1))
    label_sides(drawing, matrix, grid)
    for y, row in enumerate(matrix.cells):
        for x, value in enumerate(row):
            if value is not None or not matrix.compares_itself(y, x):
                step = None if value is None else step_of(value, axis)
                fill_cell(drawing, values[y][x], step, grid, *grid.middle(y, x))
    drawing.aside(grid.left, bottom + 14, fitted(note, SMALL, broad - grid.left))
    return drawing


def label_sides(drawing: Drawing, matrix: Matrix, grid: Grid) -> None:
    drawing.aside(grid.left, 8, fitted(matrix.column_title, SMALL, drawing.width - grid.left))
    drawing.aside(grid.left - GAP, grid.top - 10, fitted(matrix.row_title, SMALL, grid.left - GAP), text_anchor="end")
    for x, label in enumerate(matrix.columns):
        middle, _y = grid.middle(0, x)
        if grid.turned:
            foot = grid.top - GAP
            turn = f"rotate(-90 {middle:.1f} {foot:.1f})"
            drawing.text(middle, foot, shortened(label, SMALL, TALLEST_LABEL), size=SMALL, transform=turn)
        else:
            drawing.text(middle, grid.top - 10, label, size=SMALL, text_anchor="middle")
    for y, label in enumerate(matrix.rows):
        _x, middle = grid.middle(y, 0)
        drawing.text(grid.left - GAP, middle, shortened(label, SMALL, grid.left - GAP), size=SMALL, text_anchor="end")


def fill_cell(drawing: Drawing, words: str, step: int | None, grid: Grid, x: float, y: float) -> None:
    """Its middle at (x, y), in the colour of the step."""
    ground, ink = (SUNKEN, MUTED) if step is None else (RAMP[step], ON_RAMP[step])
    width, height = grid.side - 1, grid.high - 1
    drawing.put("rect", x=x - width / 2, y=y - height / 2, width=width, height=height, rx=2, fill=ground)
    drawing.text(x, y, words, fill=ink, size=FONT, text_anchor="middle")


def step_of(value: float, axis: Axis) -> int:
    """Of the ramp; the ends of the axis are 0 and 1 where it has none."""
    low, high = axis.low or 0.0, 1.0 if axis.high is None else axis.high
    return min(len(RAMP) - 1, max(0, int(len(RAMP) * (value - low) / (high - low))))


def short(value: float | None, axis: Axis) -> str:
    """With no more than two digits, and no unit: 63 for 62.7 %, 0.65 for 0.647."""
    return "–" if value is None else axis.bare(value, 0 if axis.percent else min(axis.digits, 2))
