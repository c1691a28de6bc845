"""How figures are written, in the reader's notation: with the digits that mean something."""

from collections.abc import Callable, Mapping
from math import exp
from typing import Any

from django.utils.formats import number_format

from evaluation import wording


def figure(value: float | None, of: str) -> str:
    """A value of the statistic or score `of`, with the digits that mean something."""
    if value is None:
        return "–"
    kind = of.partition(".")[0]
    if kind in wording.AS_PERCENT:
        return f"{rounded(100 * value, 1)} %"
    return rounded(value, wording.DECIMALS.get(kind, 3))


def interval(stored: Mapping[str, Any], of: str) -> str:
    """The stored figure's interval, or nothing."""
    if stored["low"] is None:
        return ""
    return f"{figure(stored['low'], of)} – {figure(stored['high'], of)}"


def rounded(value: float, digits: int) -> str:
    """Django's number_format alone cuts digits off rather than rounding."""
    return str(number_format(round(value, digits) + 0.0, digits)).replace("-", "−")


UNITS: dict[str, Callable[[float], str]] = {
    "share": lambda value: f"{rounded(100 * value, 0)} %",
    "points": lambda value: f"{'+' if value > 0 else ''}{rounded(100 * value, 0)}",
    "odds": lambda value: f"× {rounded(exp(value), 2)}",
    "seconds": lambda value: rounded(value, 0),
}
"""Of figures about annotators: shares, points of a share, odds from log-odds, or seconds."""
