"""What the difference between two endpoints comes to, in plain words."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext

from evaluation import wording
from evaluation.charts.axis import COUNT, Axis

Stored = Mapping[str, Any]

CLEAR = 0.05
"""A difference at least as likely as this by chance is not told."""

AMONG = (100, 1000, 10_000)

OF_SHARES, OF_RATINGS = Axis("", digits=1, percent=True), Axis("", digits=2)

FINDINGS = {
    "margin": gettext_noop("%(better)s wins %(by)s of 100 comparisons more than %(other)s"),
    "likert": gettext_noop("%(better)s is rated %(by)s higher than %(other)s"),
    "instruction_following": gettext_noop(
        "%(better)s follows the instruction %(by)s times in 100 more often than %(other)s"
    ),
    "instruction_following_weighted": gettext_noop(
        "%(better)s follows the instruction better than %(other)s, by %(by)s of 100 points"
    ),
    "error_rate": gettext_noop("%(better)s has errors %(by)s times in 100 more often than %(other)s"),
}
"""By score; what is not among them is a scale. `better` is the one with more of it."""


@dataclass(frozen=True)
class Difference:
    """The first endpoint's score less the second's, in the reader's notation; empty where there is none."""

    title: str
    value: str
    interval: str
    p: float | None
    sentence: str
    is_clear: bool


def differences(
    stored: list[Stored], names: list[str], first: int, second: int, titles: Mapping[str, str]
) -> Iterator[Difference]:
    """Of two endpoints, by number. titles: of scales, by their names."""
    for one in stored:
        if (one["first"], one["second"]) == (first, second):
            yield difference(one, names[first], names[second], titles)
        elif (one["first"], one["second"]) == (second, first):
            yield difference(turned(one), names[first], names[second], titles)


def turned(one: Stored) -> Stored:
    """The same of the second less the first."""
    negative = {name: None if one[name] is None else -one[name] for name in ("value", "low", "high")}
    return {**one, "value": negative["value"], "low": negative["high"], "high": negative["low"]}


def difference(one: Stored, first: str, second: str, titles: Mapping[str, str]) -> Difference:
    score = one["score"]
    title = titled(score, titles)
    if one["value"] is None:
        return Difference(title, "", "", None, _(one["undefined"]), is_clear=False)
    axis = OF_SHARES if score in FINDINGS else OF_RATINGS
    is_clear = one["p"] < CLEAR
    return Difference(
        title,
        signed(axis, one["value"]),
        "" if one["low"] is None else f"{signed(axis, one['low'])} – {signed(axis, one['high'])}",
        one["p"],
        sentence(one, first, second, axis, is_clear=is_clear),
        is_clear,
    )


def titled(score: str, titles: Mapping[str, str]) -> str:
    if score == "margin":
        return _("Wins, less losses")
    return str(wording.SCORES[score]) if score in FINDINGS else titles.get(score, score)


def signed(axis: Axis, value: float) -> str:
    written = axis.bare(value, axis.digits)
    return f"+{written}" if value > 0 else written


def sentence(one: Stored, first: str, second: str, axis: Axis, *, is_clear: bool) -> str:
    said = {"n": one["n"], "finding": finding(one, first, second, axis), **by_chance(one["p"])}
    if is_clear:
        return (
            ngettext(
                "On the %(n)d prompt that both answered, %(finding)s. Chance alone would bring such a difference in "
                "%(times)d of %(of)s cases.",
                "On the %(n)d prompts that both answered, %(finding)s. Chance alone would bring such a difference in "
                "%(times)d of %(of)s cases.",
                one["n"],
            )
            % said
        )
    return (
        ngettext(
            "No difference can be told: on the %(n)d prompt that both answered, %(finding)s, which chance alone would "
            "bring in %(times)d of %(of)s cases.",
            "No difference can be told: on the %(n)d prompts that both answered, %(finding)s, which chance alone would "
            "bring in %(times)d of %(of)s cases.",
            one["n"],
        )
        % said
    )


def finding(one: Stored, first: str, second: str, axis: Axis) -> str:
    """Of whoever has more; with the interval, from that one's side."""
    if not one["value"]:
        return _("%(first)s and %(second)s come out even") % {"first": first, "second": second}
    if one["value"] < 0:
        return finding(turned(one), second, first, axis)
    said = _(FINDINGS.get(one["score"], FINDINGS["likert"])) % {
        "better": first,
        "other": second,
        "by": axis.bare(one["value"], axis.digits),
    }
    if one["low"] is None:
        return said
    low, high = (axis.bare(bound, axis.digits) for bound in (one["low"], one["high"]))
    return _("%(finding)s (95 %%: %(low)s to %(high)s)") % {"finding": said, "low": low, "high": high}


def by_chance(p: float) -> dict[str, int | str]:
    """As so many of a round number of cases."""
    among = next((of for of in AMONG if round(p * of) >= 1), AMONG[-1])
    return {"times": max(1, round(p * among)), "of": COUNT.written(among)}
