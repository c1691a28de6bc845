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
    rows = [
        {
            "score": one["figure"],
            "endpoint": None if one["endpoint"] is None else names[one["endpoint"]],
            "value": one["value"],
            "half_widths": one["half_widths"],
            **numbers(for_width(content, one, width) if width else None, one["undefined"]),
        }
        for one in figures
    ]
    pairs = []
    for one in content["pairs"]:
        sides = {side: names[one[side]] for side in ("first", "second")}
        if wanted <= set(sides.values()):
            needed = for_power(content, one, power)
            told = {name: one[name] for name in ("value", "low", "high", "apart", "powers")}
            why = one["undefined"] or (None if needed else BEYOND_REACH)
            pairs.append({"score": one["figure"], **sides, **told, **numbers(needed, why)})
    about = {name: content[name] for name in ("labels", "seconds", "per_day")}
    return {**about, "times": MULTIPLES.tolist(), "width": width, "power": power, "rows": rows, "pairs": pairs}


def numbers(needed: Needed | None, undefined: str | None) -> dict[str, Any]:
    """needed, more, hours, days: None where nothing is asked, or nothing is told."""
    return {
        "needed": needed and needed.labels,
        "more": needed and needed.more,
        "hours": needed and needed.hours,
        "days": needed and needed.days,
        "undefined": undefined,
    }
