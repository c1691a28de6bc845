"""The curves of the forecast: how an interval narrows, and how likely two are told apart."""

from collections.abc import Callable
from dataclasses import replace
from math import ceil, floor, log10

from django.utils.translation import gettext as _

from evaluation.charts.axis import COUNT, Axis
from evaluation.charts.chart import Chart
from evaluation.charts.curve import CurvePoint, curve
from evaluation.charts.frame import Reference
from evaluation.enough.answer import Needed, Stored, power_after, width_after
from evaluation.enough.units import about, axis_of, written
from evaluation.stats.power import MULTIPLES

STEPS = 1, 1.25, 1.6, 2, 2.5, 3.2, 4, 5, 6.3, 8
"""Numbers of labels at which a curve is drawn, times powers of ten: Renard's (ISO 3), each a quarter above the last."""

FURTHER = 1.3
"""How far a curve goes on after what is needed."""

LEAST_SEEN = 3.0
"""Times the present labels, which a curve shows at least."""


def of_width(content: Stored, figure: Stored, title: str, target: float, needed: Needed) -> Chart:
    kind = figure["figure"]
    now = content["labels"]
    end = now * max(LEAST_SEEN, FURTHER * needed.labels / now)
    return curve(
        points(now, end, needed, lambda labels: width_after(content, figure, labels)),
        present=now,
        target=Reference(f"± {written(target, kind)}", target),
        name="width",
        title=title,
        description=_("Half the width of its interval (95 %), by the number of labels."),
        axis=axis_of(kind),
        labels=labels_axis(),
    )


def of_power(content: Stored, pair: Stored, title: str, power: float, needed: Needed | None) -> Chart:
    now = content["labels"]
    beyond = float(MULTIPLES[-1])
    end = beyond if needed is None else min(beyond, max(LEAST_SEEN, FURTHER * needed.labels / now))
    return curve(
        points(now, now * end, needed, lambda labels: power_after(content, pair, labels)),
        present=now,
        target=Reference(_("power %(power)s") % {"power": f"{100 * power:.0f} %"}, power),
        name="power",
        title=title,
        description=_("The chance that the interval (95 %) of the difference leaves out 0, by the number of labels."),
        axis=Axis(_("chance of telling them apart"), percent=True, low=0, high=1),
        labels=labels_axis(),
    )


def points(now: int, end: float, needed: Needed | None, value: Callable[[float], float]) -> list[CurvePoint]:
    """From the present to the end in round steps; the present and what is needed are named."""
    named = {now: _("now")}
    if needed is not None and needed.more:
        named[needed.labels] = _("%(n)s more") % {"n": about(needed.more)}
    powers = range(floor(log10(now)), ceil(log10(end)) + 1)
    steps = {round(step * 10**power) for power in powers for step in STEPS}
    numbers = {round(end), *named, *(n for n in steps if now < n < end)}
    return [CurvePoint(n, value(n), named.get(n, "")) for n in sorted(numbers)]


def labels_axis() -> Axis:
    return replace(COUNT, title=_("labels"), low=0)
