"""How long texts are, of each endpoint: the median, the middle half, and nearly all."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext

from evaluation.charts.axis import COUNT, Axis, Scale
from evaluation.charts.chart import Chart, Column
from evaluation.charts.drawing import NARROW, SIZE, WIDE, Drawing
from evaluation.charts.frame import AXIS_HEIGHT, axis_below, empty
from evaluation.charts.palette import ACCENT, SURFACE
from evaluation.charts.words import shortened, width_of

WIDEST_LABEL = 180.0
GAP = 12.0
EDGE = 14.0
BOX = 12.0


@dataclass(frozen=True)
class Spread:
    """The values that 5, 25, 50, 75 and 95 % of all `n` are not above."""

    label: str
    n: int
    quantiles: Sequence[float]

    @property
    def median(self) -> float:
        return self.quantiles[2]


def spreads(rows: Sequence[Spread], *, name: str, title: str, description: str, axis: Axis) -> Chart:
    """In the order given, along `axis`."""
    heads = ["5 %", gettext("Lower quartile"), gettext("Median"), gettext("Upper quartile"), "95 %"]
    return Chart(
        name=name,
        title=title,
        description=description,
        wide=drawn(rows, axis, WIDE),
        narrow=drawn(rows, axis, NARROW),
        columns=[Column(gettext("Name")), *[Column(head, axis) for head in heads], Column("n", COUNT)],
        rows=[[row.label, *row.quantiles, row.n] for row in rows],
    )


def drawn(rows: Sequence[Spread], axis: Axis, width: float) -> Drawing:
    """Labels beside the boxes, or in a narrow place over them; the median at the end."""
    if not rows:
        return empty(width)
    beside = width > NARROW
    medians = [axis.written(row.median) for row in rows]
    room = max(width_of(median, SIZE) for median in medians)
    left = EDGE + min(WIDEST_LABEL, max(width_of(row.label, SIZE) for row in rows)) if beside else EDGE
    right = width - room - GAP - EDGE if beside else width - EDGE
    scale = axis.scale([value for row in rows for value in row.quantiles], left, right, ticks=5 if beside else 4)
    high = 26.0 if beside else 42.0
    drawing = Drawing(width, high * len(rows) + AXIS_HEIGHT + 4)
    axis_below(drawing, axis, scale, top=0, bottom=high * len(rows) + 4)
    for number, (row, median) in enumerate(zip(rows, medians, strict=True)):
        y = high * number + (high / 2 if beside else 9)
        drawing.over(0, y, shortened(row.label, SIZE, left - GAP if beside else width - room - GAP))
        drawing.over(width, y, median, text_anchor="end", font_weight="600")
        box(drawing, row, scale, y if beside else y + 18)
    return drawing


def box(drawing: Drawing, row: Spread, scale: Scale, middle: float) -> None:
    least, lower, median, upper, most = (scale(value) for value in row.quantiles)
    drawing.line(least, middle, most, middle, stroke=ACCENT, stroke_width=1.5)
    at = {"x": lower, "y": middle - BOX / 2, "width": max(1.0, upper - lower), "height": BOX}
    drawing.put("rect", fill=SURFACE, **at)
    drawing.put("rect", fill=ACCENT, fill_opacity="0.35", **at)
    drawing.line(median, middle - BOX / 2 - 2, median, middle + BOX / 2 + 2, stroke=ACCENT, stroke_width=2.5)
