from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from django import template
from django.utils.translation import gettext

from evaluation import wording
from evaluation.notation import UNITS, figure, interval

register = template.Library()
register.filter(figure)
register.simple_tag(interval)


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


@register.simple_tag
def samples(stored: Mapping[str, Any], names: Sequence[str], by: str = "") -> str:
    """What asks for samples of what is behind a score, as the end of an address. names: of endpoints, by number."""
    asked = {"score": stored["score"], "first": names[stored["endpoint"]]}
    return urlencode({**asked, "by": by, "part": stored["part"]} if by else asked)


@register.inclusion_tag("evaluation/agreement/_person_figure.html")
def person_figure(stored: Mapping[str, Any], unit: str) -> dict[str, Any]:
    """One number about an annotator, as a cell, in a unit of evaluation/notation.py."""
    shown = UNITS[unit]
    low = stored["low"]
    return {
        "value": "–" if stored["value"] is None else shown(stored["value"]),
        "interval": "" if low is None else f"{shown(low)} – {shown(stored['high'])}",
        "n": stored["n"],
        "undefined": gettext(stored["undefined"]) if stored["undefined"] else "",
    }
