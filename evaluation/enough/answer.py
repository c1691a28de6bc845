"""Read off the stored forecast how many labels are needed, and what work that is."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil
from typing import Any

from evaluation.stats.power import half_width_at, power_at, times_for_power, times_for_width

HOUR = 60 * 60

DIGITS = 6
"""Of a number of labels; what is beyond them comes from rounding."""

POWERS = 0.8, 0.9, 0.95
USUAL_POWER = POWERS[0]
"""Cohen 1988, Statistical Power Analysis for the Behavioral Sciences, section 2.4."""

Stored = Mapping[str, Any]


@dataclass(frozen=True)
class Needed:
    """labels: in all, and how many more than there are. hours, days: of work at the present pace; None where that is
    not known."""

    labels: int
    more: int
    hours: float | None
    days: float | None


def for_width(content: Stored, figure: Stored, target: float) -> Needed | None:
    """Until the interval is ± `target`, which is above 0; None where nothing is foreseen."""
    return needed(content, times_for_width(figure["half_widths"], target)) if figure["half_widths"] else None


def for_power(content: Stored, pair: Stored, power: float) -> Needed | None:
    """Until the two are told apart with that probability, if they are not yet; None where that is beyond reach, or
    nothing is foreseen."""
    if not pair["powers"]:
        return None
    times = 1.0 if pair["apart"] else times_for_power(pair["powers"], power)
    return None if times is None else needed(content, times)


def needed(content: Stored, times: float) -> Needed:
    labels = ceil(round(content["labels"] * times, DIGITS))
    more = labels - content["labels"]
    seconds, per_day = content["seconds"], content["per_day"]
    return Needed(labels, more, seconds and more * seconds / HOUR, more / per_day if per_day else None)


def width_after(content: Stored, figure: Stored, labels: float) -> float:
    """The half-width of the interval once there are so many labels, at least the present ones."""
    return half_width_at(figure["half_widths"], labels / content["labels"])


def power_after(content: Stored, pair: Stored, labels: float) -> float:
    """The chance that so many labels, one to ten times the present ones, tell the two apart."""
    return power_at(pair["powers"], labels / content["labels"])
