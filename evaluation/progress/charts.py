"""The charts of the progress page."""

from collections.abc import Iterator, Sequence
from datetime import timedelta

import numpy as np
from django.utils.translation import gettext as _

from evaluation.charts.axis import Axis
from evaluation.charts.chart import Chart
from evaluation.charts.histogram import histogram
from evaluation.charts.per_day import Day, per_day
from evaluation.progress.measure import Person, Progress
from evaluation.stats.throughput import RECENT

AHEAD = 4 * 7
"""Days of a forecast that are drawn."""
TOP = 10
"""In a row of bars as wide as days."""


def charts(progress: Progress) -> Iterator[Chart]:
    if progress.people:
        yield throughput(progress)
    if progress.times.labels.size:
        yield active_time(progress)


def throughput(progress: Progress) -> Chart:
    past = [Day(day.start, day.filled) for day in progress.days[-RECENT:]]
    ahead = enumerate(progress.forecast.expected[1 : 1 + AHEAD], 1)
    foreseen = [Day(progress.today + timedelta(days=number), filled, forecast=True) for number, filled in ahead]
    return per_day(
        past + foreseen,
        name="seats-filled",
        title=_("Seats filled a day"),
        description=_("In the last four weeks, and in the mean of what is foreseen."),
        axis=Axis(_("seats filled"), digits=0, grouped=True, low=0),
    )


def active_time(progress: Progress) -> Chart:
    return histogram(
        np.repeat(progress.times.seconds, progress.times.labels),
        name="active-time",
        title=_("Active time a label"),
        description=_("With the page in view and somebody at it, until a label was first submitted."),
        axis=Axis(_("seconds"), digits=0, grouped=True),
        counts=Axis(_("labels"), digits=0, grouped=True),
    )


def sparks(people: Sequence[Person]) -> list[str]:
    """For each person the path of an SVG that is RECENT wide and TOP high: a bar a day, on one scale for all."""
    most = max((max(person.recent) for person in people), default=0) or 1
    return ["".join(bar(place, labels / most) for place, labels in enumerate(one.recent) if labels) for one in people]


def bar(place: int, share: float) -> str:
    return f"M{place + 0.5} {TOP}V{TOP - max(0.5, TOP * share):.1f}"
