"""The forecast in plain values, as commands print it and programs are told it."""

from typing import Any

from django.utils.translation import gettext as _

from evaluation.enough.answer import USUAL_POWER, Needed, Stored, for_power, for_width
from evaluation.stats.power import MULTIPLES
from evaluation.stats.results import BEYOND_REACH
from labeling.errors import Refused


def plain_enough(
    content: Stored,
    *,
    score: str | None = None,
    width: float | None = None,
    first: str | None = None,
    second: str | None = None,
    power: float = USUAL_POWER,
) -> dict[str, Any]:
    """What is stored of a forecast, by names, and how many labels it says are needed.

    score: only this figure. width: half of the interval wanted. first, second: only pairs with these endpoints. power:
    with which probability two are to be told apart. `times`: so many times the present labels each of `half_widths` and
    `powers` is for. Raises Refused for a figure or an endpoint of which nothing is stored.
    """
    names = [name for _pk, name in content["endpoints"]]
    wanted = {name for name in (first, second) if name is not None}
    if unknown := wanted - set(names):
        known = ", ".join(names) or "–"
        raise Refused(
            _("There is no endpoint “%(name)s”. There are: %(known)s.") % {"name": min(unknown), "known": known}
        )
    figures = [one for one in content["figures"] if score in (None, one["figure"])]
    if score is not None and not figures:
        known = ", ".join(dict.fromkeys(one["figure"] for one in content["figures"])) or "–"
        raise Refused(_("Nothing is foreseen of “%(name)s”, but of: %(known)s.") % {"name": score, "known": known})
    return {
        **{name: content[name] for name in ("labels", "seconds", "per_day")},
        "times": MULTIPLES.tolist(),
        "width": width,
        "power": power,
        "rows": [
            {
                "score": one["figure"],
                "endpoint": None if one["endpoint"] is None else names[one["endpoint"]],
                "value": one["value"],
                "half_widths": one["half_widths"],
                **numbers(for_width(content, one, width) if width else None, one["undefined"]),
            }
            for one in figures
        ],
        "pairs": [
            {
                **{name: one[name] for name in ("value", "low", "high", "apart", "powers")},
                "score": one["figure"],
                "first": names[one["first"]],
                "second": names[one["second"]],
                **numbers(for_power(content, one, power), one["undefined"] or beyond(content, one, power)),
            }
            for one in content["pairs"]
            if wanted <= {names[one["first"]], names[one["second"]]}
        ],
    }


def beyond(content: Stored, pair: Stored, power: float) -> str | None:
    return None if for_power(content, pair, power) else BEYOND_REACH


def numbers(needed: Needed | None, undefined: str | None) -> dict[str, Any]:
    """needed, more, hours, days: None where nothing is asked, or nothing is told."""
    return {
        "needed": needed and needed.labels,
        "more": needed and needed.more,
        "hours": needed and needed.hours,
        "days": needed and needed.days,
        "undefined": undefined,
    }
