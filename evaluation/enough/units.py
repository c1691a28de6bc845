"""How the numbers of the forecast are written."""

from math import ceil, floor, log10

from django.utils.translation import gettext as _

from evaluation.charts.axis import COUNT, Axis
from evaluation.wording import AS_PERCENT, DECIMALS

EXACT = 100
"""Up to so many, forecasts are said to the label."""


def axis_of(figure: str) -> Axis:
    """Of widths of its interval."""
    kind, name = figure.partition(".")[0], _("± of the interval")
    if kind in AS_PERCENT:
        return Axis(name, percent=True, low=0)
    return Axis(name, digits=DECIMALS.get(kind, 3), low=0)


def written(value: float, figure: str) -> str:
    return axis_of(figure).written(value)


def about(labels: int) -> str:
    """Two digits of a number, rounded up: more would pretend that the future is known."""
    step = 1 if labels < EXACT else 10 ** (floor(log10(labels)) - 1)
    return COUNT.written(ceil(labels / step) * step)


def rounded(value: float, digits: int) -> str:
    return Axis("", digits=digits).written(value)
