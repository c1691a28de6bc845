"""What more labels would bring: a half-width or a power by their number, with the target, the present and the need."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext

from evaluation.charts.axis import Axis, Scale
from evaluation.charts.chart import Chart, Column
from evaluation.charts.drawing import NARROW, SIZE, WIDE, Drawing
from evaluation.charts.frame import Reference, axis_below, axis_beside, empty, marks_across, room_beside, title_above
from evaluation.charts.palette import ACCENT, SURFACE
from evaluation.charts.words import fitted, width_of

HEIGHT, TOP, BOTTOM = 238.0, 28.0, 196.0
DOT = 5.0
ROOM = 24.0
"""Under a dot, for its words."""


@dataclass(frozen=True)
class CurvePoint:
    """`n` labels bring `value`; a point with a `label` is marked."""

    n: float
    value: float
    label: str = ""


def curve(
    points: Sequence[CurvePoint],
    *,
    present: float,
    target: Reference,
    name: str,
    title: str,
    description: str,
    axis: Axis,
    labels: Axis,
) -> Chart:
    """`points` in the order of n, which is told by the axis `labels`. From `present` on the line is a forecast."""
    return Chart(
        name=name,
        title=title,
        description=description,
        wide=drawn(points, present, target, axis, labels, WIDE),
        narrow=drawn(points, present, target, axis, labels, NARROW),
        columns=[Column(labels.title, labels), Column(axis.title, axis), Column(gettext("Note"))],
        rows=[[point.n, point.value, point.label] for point in points],
    )


def drawn(
    points: Sequence[CurvePoint], present: float, target: Reference, axis: Axis, labels: Axis, width: float
) -> Drawing:
    if not points:
        return empty(width)
    up = axis.scale([*[point.value for point in points], target.value], BOTTOM, TOP, ticks=4)
    left = room_beside(axis, up)
    along = labels.scale([point.n for point in points], left + 4, width - 24, ticks=5 if width > NARROW else 3)
    drawing = Drawing(width, HEIGHT)
    title_above(drawing, axis, left=left)
    axis_beside(drawing, axis, up, left=left, right=width)
    axis_below(drawing, labels, along, top=BOTTOM, bottom=BOTTOM + 4)
    marks_across(drawing, [target], up, left=left, right=width)
    for part, dashes in (
        ([point for point in points if point.n <= present], "none"),
        ([point for point in points if point.n >= present], "5 4"),
    ):
        if part:
            places = [(along(point.n), up(point.value)) for point in part]
            drawing.path(places, fill="none", stroke=ACCENT, stroke_width=2, stroke_dasharray=dashes)
    falls = points[0].value > points[-1].value
    for point in points:
        if point.label:
            mark(drawing, point, along, up, hollow=point.n > present, over=falls or up(point.value) > BOTTOM - ROOM)
    return drawing


def mark(drawing: Drawing, point: CurvePoint, along: Scale, up: Scale, *, hollow: bool, over: bool) -> None:
    """A dot, a line down to its number, and its words on the side that the curve leaves free."""
    x, y = along(point.n), up(point.value)
    drawing.line(x, y, x, BOTTOM, stroke=ACCENT, stroke_dasharray="2 3")
    fill, stroke = (SURFACE, ACCENT) if hollow else (ACCENT, SURFACE)
    drawing.put("circle", cx=x, cy=y, r=DOT, fill=fill, stroke=stroke, stroke_width=2)
    words = fitted(point.label, SIZE, drawing.width)
    fits = x + 8 + width_of(words, SIZE) <= drawing.width
    place, anchor = (x + 8, "start") if fits else (drawing.width, "end")
    drawing.over(place, y - 13 if over else y + 15, words, text_anchor=anchor, font_weight="600")
