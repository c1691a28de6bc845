from typing import Any

from django import template
from django.utils.formats import number_format
from django.utils.translation import gettext

from evaluation import wording

register = template.Library()

AS_PERCENT = {"agreement_with_ties", "agreement_without_ties", "win_rate", "win_rate_adjusted"}
DECIMALS = {"bradley_terry": 0, "likert": 2}


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
    if of in AS_PERCENT:
        return f"{rounded(100 * value, 1)} %"
    return rounded(value, DECIMALS.get(of.partition(".")[0], 3))


def rounded(value: float, digits: int) -> str:
    """In the reader's notation. Django's number_format alone cuts digits off rather than rounding."""
    return str(number_format(round(value, digits) + 0.0, digits))


@register.simple_tag
def interval(stored: Any, of: str) -> str:
    """The stored figure's interval, or nothing."""
    if stored.low is None:
        return ""
    return f"{figure(stored.low, of)} – {figure(stored.high, of)}"
