"""Values with intervals on a common axis, in the units of an SVG 100 wide."""

from collections.abc import Sequence
from dataclasses import dataclass

from evaluation.scores.models import ScoreFigure

WIDTH = 100.0
BOUNDS = {"win_rate": (0.0, 1.0), "win_rate_adjusted": (0.0, 1.0)}


@dataclass(frozen=True)
class Mark:
    """Where a figure's interval and value are drawn."""

    low: float
    value: float
    high: float


@dataclass(frozen=True)
class Axis:
    low: float
    high: float

    def place(self, value: float) -> float:
        return round(WIDTH * (value - self.low) / (self.high - self.low), 2)

    def mark(self, figure: ScoreFigure) -> Mark | None:
        """None for a figure without a value; without an interval, the interval is the value."""
        if figure.value is None:
            return None
        low = figure.value if figure.low is None else figure.low
        high = figure.value if figure.high is None else figure.high
        return Mark(self.place(low), self.place(figure.value), self.place(high))


def axis_of(figures: Sequence[ScoreFigure]) -> Axis:
    """The score's natural bounds, or what its figures span and a little more."""
    if figures[0].score in BOUNDS:
        return Axis(*BOUNDS[figures[0].score])
    values = [value for figure in figures for value in (figure.low, figure.value, figure.high) if value is not None]
    low, high = min(values, default=0.0), max(values, default=1.0)
    margin = (high - low or 1.0) / 20
    return Axis(low - margin, high + margin)
