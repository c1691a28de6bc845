"""An estimate with its 95 % interval as it went from week to week."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import TypeVar

from django.utils.translation import gettext

from evaluation.charts.axis import Axis, Scale
from evaluation.charts.chart import Chart, Column
from evaluation.charts.dates import days_along, label_days
from evaluation.charts.drawing import NARROW, SIZE, WIDE, Drawing
from evaluation.charts.frame import Reference, axis_beside, empty, marks_across, room_beside, title_above
from evaluation.charts.palette import ACCENT, SURFACE
from evaluation.charts.words import width_of

HEIGHT, TOP, BOTTOM = 220.0, 28.0, 194.0
DOT = 3.5
MOST_DOTS = 26

Item = TypeVar("Item")


@dataclass(frozen=True)
class TimePoint:
    """`when` begins the time that is meant, a week; without a value the line is broken."""

    when: date
    value: float | None
    low: float | None = None
    high: float | None = None


def over_time(
    points: Sequence[TimePoint],
    *,
    name: str,
    title: str,
    description: str,
    axis: Axis,
    references: Sequence[Reference] = (),
) -> Chart:
    """The points are in the order of time; the last value is written beside its point."""
    return Chart(
        name=name,
        title=title,
        description=description,
        wide=drawn(points, axis, references, WIDE),
        narrow=drawn(points, axis, references, NARROW),
        columns=[
            Column(gettext("Week from")),
            Column(axis.title, axis),
            Column(gettext("Interval (95 %), low"), axis),
            Column(gettext("Interval (95 %), high"), axis),
        ],
        rows=[[point.when.isoformat(), point.value, point.low, point.high] for point in points],
    )


def drawn(points: Sequence[TimePoint], axis: Axis, references: Sequence[Reference], width: float) -> Drawing:
    if all(point.value is None for point in points):
        return empty(width)
    values = [value for point in points for value in (point.low, point.value, point.high)]
    up = axis.scale([*values, *[one.value for one in references]], BOTTOM, TOP, ticks=4)
    left = room_beside(axis, up)
    right = width - 12 - max(width_of(axis.written(point.value), SIZE) for point in points)
    days = [point.when for point in points]
    along = days_along(days, left + 10, right)
    drawing = Drawing(width, HEIGHT)
    title_above(drawing, axis, left=left)
    axis_beside(drawing, axis, up, left=left, right=right + 4)
    marks_across(drawing, references, up, left=left, right=right + 4)
    label_days(drawing, days, along, BOTTOM + 14)
    for band in runs([band_of(point, along, up) for point in points]):
        outline = [(x, low) for x, low, _high in band] + [(x, high) for x, _low, high in reversed(band)]
        drawing.path(outline, fill=ACCENT, stroke=ACCENT, stroke_width=2, opacity="0.16" if len(band) > 1 else "0.4")
    for line in runs([spot_of(point, along, up) for point in points]):
        drawing.path(line, fill="none", stroke=ACCENT, stroke_width=2, stroke_linejoin="round")
        for x, y in line if len(line) <= MOST_DOTS else line[-1:]:
            drawing.put("circle", cx=x, cy=y, r=DOT, fill=ACCENT, stroke=SURFACE, stroke_width=1)
    last = [point.value for point in points if point.value is not None][-1]
    drawing.over(x + 9, y, axis.written(last), font_weight="600")
    return drawing


def spot_of(point: TimePoint, along: Scale, up: Scale) -> tuple[float, float] | None:
    return None if point.value is None else (along(point.when.toordinal()), up(point.value))


def band_of(point: TimePoint, along: Scale, up: Scale) -> tuple[float, float, float] | None:
    if point.low is None or point.high is None:
        return None
    return along(point.when.toordinal()), up(point.low), up(point.high)


def runs(items: Sequence[Item | None]) -> list[list[Item]]:
    """The items between those that are missing."""
    whole = groupby(items, key=lambda item: item is not None)
    return [[item for item in run if item is not None] for there, run in whole if there]
