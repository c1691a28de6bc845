from collections.abc import Callable, Mapping
from math import exp
from typing import Any

from django import template
from django.utils.formats import number_format
from django.utils.translation import gettext

from evaluation import wording

register = template.Library()


@register.filter
def statistic_name(statistic: str) -> str:
    return str(wording.STATISTICS[statistic])


@register.filter
def statistic_meaning(statistic: str) -> str:
    return str(wording.EXPLAINED[statistic])


@register.filter
def level_name(level: str) -> str:
    return str(wording.LEVELS[level])


@register.filter
def score_name(score: str) -> str:
    return wording.score_name(score)


@register.filter
def score_meaning(score: str) -> str:
    return str(wording.SCORES_EXPLAINED[score.partition(".")[0]])


@register.filter
def reason(undefined: str) -> str:
    return gettext(undefined)


@register.filter
def figure(value: float | None, of: str) -> str:
    """A value of the statistic or score `of`, with the digits that mean something."""
    if value is None:
        return "–"
    kind = of.partition(".")[0]
    if kind in wording.AS_PERCENT:
        return f"{rounded(100 * value, 1)} %"
    return rounded(value, wording.DECIMALS.get(kind, 3))


def rounded(value: float, digits: int) -> str:
    """In the reader's notation. Django's number_format alone cuts digits off rather than rounding."""
    return str(number_format(round(value, digits) + 0.0, digits))


@register.simple_tag
def interval(stored: Mapping[str, Any], of: str) -> str:
    """The stored figure's interval, or nothing."""
    if stored["low"] is None:
        return ""
    return f"{figure(stored['low'], of)} – {figure(stored['high'], of)}"


@register.inclusion_tag("evaluation/agreement/_person_figure.html")
def person_figure(stored: Mapping[str, Any], unit: str) -> dict[str, Any]:
    """One number about an annotator, as a cell: shares, points of a share, odds from log-odds, or seconds."""
    shown = UNITS[unit]
    low = stored["low"]
    return {
        "value": "–" if stored["value"] is None else shown(stored["value"]),
        "interval": "" if low is None else f"{shown(low)} – {shown(stored['high'])}",
        "n": stored["n"],
        "undefined": gettext(stored["undefined"]) if stored["undefined"] else "",
    }


UNITS: dict[str, Callable[[float], str]] = {
    "share": lambda value: f"{rounded(100 * value, 0)} %",
    "points": lambda value: f"{'+' if value > 0 else ''}{rounded(100 * value, 0)}",
    "odds": lambda value: f"× {rounded(exp(value), 2)}",
    "seconds": lambda value: rounded(value, 0),
}
