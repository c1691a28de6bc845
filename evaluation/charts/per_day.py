"""How much was done on each day, and what is foreseen."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext

from evaluation.charts.axis import Axis
from evaluation.charts.chart import Chart, Column
from evaluation.charts.dates import days_along, label_days
from evaluation.charts.drawing import NARROW, SMALL, WIDE, Drawing
from evaluation.charts.frame import axis_beside, empty, room_beside, title_above
from evaluation.charts.palette import ACCENT, MUTED
from evaluation.charts.words import width_of

HEIGHT, TOP, BOTTOM = 216.0, 34.0, 190.0
BROADEST_BAR, THINNEST_OUTLINED = 36.0, 8.0


@dataclass(frozen=True)
class Day:
    """`count` is None for a day of which nothing is known."""

    day: date
    count: float | None
    forecast: bool = False


def per_day(days: Sequence[Day], *, name: str, title: str, description: str, axis: Axis) -> Chart:
    """The days are in order; a day that is left out leaves a gap. Forecasts are pale with an outline."""
    return Chart(
        name=name,
        title=title,
        description=description,
        wide=drawn(days, axis, WIDE),
        narrow=drawn(days, axis, NARROW),
        columns=[Column(gettext("Day")), Column(axis.title, axis), Column(gettext("Forecast"), axis)],
        rows=[
            [day.day.isoformat(), None if day.forecast else day.count, day.count if day.forecast else None]
            for day in days
        ],
    )


def drawn(days: Sequence[Day], axis: Axis, width: float) -> Drawing:
    if not days:
        return empty(width)
    up = axis.scale([0.0, *[day.count for day in days]], BOTTOM, TOP, ticks=4)
    left = room_beside(axis, up)
    slot = (width - left) / ((days[-1].day - days[0].day).days + 1)
    along = days_along([day.day for day in days], left + slot / 2, width - slot / 2)
    bar = min(BROADEST_BAR, slot * 0.8)
    labelled = all(width_of(axis.written(day.count), SMALL) <= slot - 2 for day in days)
    ahead = {"fill_opacity": "0.35", "stroke": ACCENT if bar > THINNEST_OUTLINED else "none", "stroke_dasharray": "3 2"}
    drawing = Drawing(width, HEIGHT)
    title_above(drawing, axis, left=left)
    axis_beside(drawing, axis, up, left=left, right=width)
    for day in days:
        if day.count is None:
            continue
        x, y = along(day.day.toordinal()), up(day.count)
        look = ahead if day.forecast else {}
        drawing.put("rect", x=x - bar / 2, y=y, width=bar, height=BOTTOM - y, fill=ACCENT, **look)
        if labelled:
            drawing.over(x, y - 9, axis.written(day.count), size=SMALL, text_anchor="middle")
    label_days(drawing, [day.day for day in days], along, BOTTOM + 14)
    foreseen = [along(day.day.toordinal()) - bar / 2 for day in days if day.forecast]
    if foreseen:
        words = gettext("forecast")
        drawing.over(min(foreseen[0], width - width_of(words, SMALL)), 22, words, fill=MUTED, size=SMALL)
    return drawing
