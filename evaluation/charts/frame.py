"""What charts share: the lines of their axes, reference lines, and what is drawn where there is nothing."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext

from evaluation.charts.axis import Axis, Scale
from evaluation.charts.drawing import SMALL, Drawing
from evaluation.charts.palette import LINE, MUTED, SURFACE
from evaluation.charts.words import fitted, width_of

LABEL_LINE = 16.0
AXIS_HEIGHT = 36.0
"""Of the numbers under a chart and the title under them."""


@dataclass(frozen=True)
class Reference:
    """A value to compare with, as a line with its label: chance, a published figure, a target."""

    label: str
    value: float


def empty(width: float) -> Drawing:
    drawing = Drawing(width, 72)
    drawing.put(
        "rect", x=0.5, y=0.5, width=width - 1, height=71, rx=6, fill="none", stroke=LINE, stroke_dasharray="4 4"
    )
    drawing.text(width / 2, 36, gettext("No labels yet"), fill=MUTED, text_anchor="middle")
    return drawing


def tick_labels(axis: Axis, scale: Scale) -> list[tuple[float, str]]:
    """Where the ticks are, with what is written at them."""
    digits = scale.digits(percent=axis.percent)
    unit = " %" if axis.percent else ""
    return [(scale(tick), f"{axis.bare(tick, digits)}{unit}") for tick in scale.ticks()]


def axis_below(drawing: Drawing, axis: Axis, scale: Scale, *, top: float, bottom: float) -> None:
    for x, label in tick_labels(axis, scale):
        drawing.line(x, top, x, bottom)
        half = width_of(label, SMALL) / 2
        drawing.aside(min(x, drawing.width - half), bottom + 11, label, text_anchor="middle")
    middle = (scale.start + scale.end) / 2
    room = 2 * min(middle, drawing.width - middle)
    drawing.aside(middle, bottom + 29, fitted(axis.title, SMALL, room), text_anchor="middle")


def title_above(drawing: Drawing, axis: Axis, *, left: float) -> None:
    """Of an axis that goes up, in the first line of the chart."""
    drawing.aside(left, 8, fitted(axis.title, SMALL, drawing.width - left))


def axis_beside(drawing: Drawing, axis: Axis, scale: Scale, *, left: float, right: float) -> None:
    """The numbers end at `left`."""
    for y, label in tick_labels(axis, scale):
        drawing.line(left, y, right, y)
        drawing.aside(left - 6, y, label, text_anchor="end")


def room_beside(axis: Axis, scale: Scale) -> float:
    return 6 + max(width_of(label, SMALL) for _y, label in tick_labels(axis, scale))


@dataclass(frozen=True)
class Flag:
    """A reference as it stands over a plot: its line at x, and its label from `starts` in a row, 0 the lowest."""

    reference: Reference
    x: float
    starts: float
    row: int


def flags(references: Sequence[Reference], scale: Scale, *, width: float) -> list[Flag]:
    """Labels begin at their lines; from right to left, each is in the lowest row where it meets nothing."""
    placed: list[Flag] = []
    for reference in sorted(references, key=lambda one: -one.value):
        x, long = scale(reference.value), width_of(reference.label, SMALL)
        starts = max(0.0, min(x - 3, width - long))
        rows = [flag.row for flag in placed if min(flag.x, flag.starts) < starts + long + 8]
        placed.append(Flag(reference, x, starts, max(rows, default=-1) + 1))
    return placed


def raise_flags(drawing: Drawing, raised: Sequence[Flag], *, top: float, bottom: float) -> None:
    """Upright lines from the labels above `top` down to `bottom`."""
    for flag in raised:
        y = top - 10 - LABEL_LINE * flag.row
        drawing.line(flag.x, top, flag.x, bottom, stroke=SURFACE, stroke_width=3)
        drawing.line(flag.x, y + 8, flag.x, bottom, stroke=MUTED, stroke_dasharray="3 3")
        drawing.aside(flag.starts, y, fitted(flag.reference.label, SMALL, drawing.width))


def height_above(raised: Sequence[Flag]) -> float:
    return 4 + LABEL_LINE * (1 + max((flag.row for flag in raised), default=-1))


def marks_across(drawing: Drawing, references: Sequence[Reference], scale: Scale, *, left: float, right: float) -> None:
    """Level lines, each with its label over its left end, or where that would meet another, under it."""
    last = 0.0
    for reference in sorted(references, key=lambda one: -one.value):
        y = scale(reference.value)
        drawing.line(left, y, right, y, stroke=MUTED, stroke_dasharray="3 3")
        last = max(y - 9, last + LABEL_LINE)
        drawing.over(left + 4, last, fitted(reference.label, SMALL, right - left - 4), fill=MUTED, size=SMALL)
