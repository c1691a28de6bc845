"""Estimates with their 95 % intervals, a row each, beside chance and published figures."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext

from evaluation.charts.axis import COUNT, Axis, Scale
from evaluation.charts.chart import Chart, Column
from evaluation.charts.drawing import NARROW, SIZE, SMALL, WIDE, Drawing
from evaluation.charts.frame import (
    AXIS_HEIGHT,
    Reference,
    axis_below,
    empty,
    flags,
    height_above,
    raise_flags,
)
from evaluation.charts.palette import ACCENT, MUTED, SURFACE
from evaluation.charts.words import fitted, shortened, width_of

WIDEST_LABEL = 180.0
EDGE = 20.0
"""Beside the plot, for the half of a tick's number that stands out."""
GAP = 12.0
DOT = 4.5


@dataclass(frozen=True)
class IntervalRow:
    """`value` is None where it is undefined, and `undefined` then says why, in the reader's language."""

    label: str
    value: float | None
    low: float | None = None
    high: float | None = None
    n: int | None = None
    undefined: str = ""


def intervals(
    rows: Sequence[IntervalRow],
    *,
    name: str,
    title: str,
    description: str,
    axis: Axis,
    references: Sequence[Reference] = (),
) -> Chart:
    """In the order given. The ends of the axis come from values, intervals and references."""
    reasons = any(row.undefined for row in rows)
    columns = [
        Column(gettext("Name")),
        Column(axis.title, axis),
        Column(gettext("Interval (95 %), low"), axis),
        Column(gettext("Interval (95 %), high"), axis),
        Column("n", COUNT),
        *[Column(gettext("Undefined because"))] * reasons,
    ]
    cells = [[row.label, row.value, row.low, row.high, row.n, *[row.undefined] * reasons] for row in rows]
    return Chart(
        name=name,
        title=title,
        description=description,
        wide=beside(rows, axis, references),
        narrow=below(rows, axis, references),
        columns=columns,
        rows=cells,
    )


def scale_of(
    rows: Sequence[IntervalRow], axis: Axis, references: Sequence[Reference], start: float, end: float
) -> Scale:
    values = [value for row in rows for value in (row.low, row.value, row.high)]
    return axis.scale([*values, *[one.value for one in references]], start, end, ticks=5)


def beside(rows: Sequence[IntervalRow], axis: Axis, references: Sequence[Reference]) -> Drawing:
    """Label, interval and numbers in one line."""
    if not rows:
        return empty(WIDE)
    high = 28.0
    spans = [axis.span(row.low, row.high) for row in rows]
    labels = min(WIDEST_LABEL, max(width_of(row.label, SIZE) for row in rows))
    values_end = WIDE - max(width_of(span, SMALL) for span in spans) - (GAP if any(spans) else 0)
    end = values_end - max(width_of(axis.written(row.value), SIZE) for row in rows) - EDGE - GAP
    scale = scale_of(rows, axis, references, labels + EDGE, end)
    raised = flags(references, scale, width=WIDE)
    top = height_above(raised)
    bottom = top + high * len(rows)
    drawing = Drawing(WIDE, bottom + AXIS_HEIGHT)
    axis_below(drawing, axis, scale, top=top, bottom=bottom)
    raise_flags(drawing, raised, top=top, bottom=bottom)
    for number, (row, span) in enumerate(zip(rows, spans, strict=True)):
        y = top + high * (number + 0.5)
        drawing.text(0, y, shortened(row.label, SIZE, labels))
        if row.value is None:
            room = WIDE - scale.start
            drawing.over(WIDE, y, fitted(row.undefined or "–", SMALL, room), fill=MUTED, size=SMALL, text_anchor="end")
            continue
        drawing.text(values_end, y, axis.written(row.value), text_anchor="end", font_weight="600")
        drawing.aside(WIDE, y, span, text_anchor="end")
        interval(drawing, row.low, row.value, row.high, scale, y)
    return drawing


def below(rows: Sequence[IntervalRow], axis: Axis, references: Sequence[Reference]) -> Drawing:
    """Label and numbers in one line, and the interval under them from side to side."""
    if not rows:
        return empty(NARROW)
    high = 46.0
    scale = scale_of(rows, axis, references, EDGE, NARROW - EDGE)
    raised = flags(references, scale, width=NARROW)
    top = height_above(raised)
    bottom = top + high * len(rows)
    drawing = Drawing(NARROW, bottom + AXIS_HEIGHT)
    axis_below(drawing, axis, scale, top=top, bottom=bottom)
    raise_flags(drawing, raised, top=top, bottom=bottom)
    for number, row in enumerate(rows):
        y = top + high * number + 14
        span = axis.span(row.low, row.high)
        if row.value is None:
            drawing.over(0, y, shortened(row.label, SIZE, NARROW))
            drawing.over(0, y + 18, fitted(row.undefined or "–", SMALL, NARROW), fill=MUTED, size=SMALL)
            continue
        spans = width_of(span, SMALL) + (GAP if span else 0)
        numbers = spans + width_of(axis.written(row.value), SIZE)
        drawing.over(0, y, shortened(row.label, SIZE, NARROW - numbers - GAP))
        drawing.over(NARROW - spans, y, axis.written(row.value), text_anchor="end", font_weight="600")
        drawing.over(NARROW, y, span, fill=MUTED, size=SMALL, text_anchor="end")
        interval(drawing, row.low, row.value, row.high, scale, y + 18)
    return drawing


def interval(drawing: Drawing, low: float | None, value: float, high: float | None, scale: Scale, y: float) -> None:
    if low is not None and high is not None:
        drawing.line(scale(low), y, scale(high), y, stroke=ACCENT, stroke_width=2, stroke_linecap="round")
    drawing.put("circle", cx=scale(value), cy=y, r=DOT, fill=ACCENT, stroke=SURFACE, stroke_width=1.5)
