"""What is measured along a side of a chart: how its values are written, and where they are placed."""

import math
from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.formats import number_format


@dataclass(frozen=True)
class Axis:
    """`title` in the reader's language. Shares from 0 to 1 are written in `percent`; counts `grouped`, 12,345.

    `low` and `high` are the ends where the measure has natural ones; the others come from what is drawn.
    """

    title: str
    digits: int = 1
    percent: bool = False
    grouped: bool = False
    low: float | None = None
    high: float | None = None

    def written(self, value: float | None) -> str:
        """In the reader's notation: 63.1 %, 0.647, – for None."""
        if value is None:
            return "–"
        return f"{self.bare(value, self.digits)} %" if self.percent else self.bare(value, self.digits)

    def bare(self, value: float, digits: int) -> str:
        """Without the unit."""
        shown = round(100 * value if self.percent else value, digits) + 0.0
        return str(number_format(shown, digits, force_grouping=self.grouped)).replace("-", "−")

    def step(self, rough: float) -> float:
        """A round one, not smaller than `rough` nor than what is written."""
        return nice_step(max(rough, self.finest))

    @property
    def finest(self) -> float:
        """The smallest difference that is written."""
        return float(10.0 ** -(self.digits + 2 * self.percent))

    def span(self, low: float | None, high: float | None) -> str:
        """An interval, its unit once: 58.0 – 67.2 %. Nothing where it has no ends."""
        if low is None or high is None:
            return ""
        return f"{self.bare(low, self.digits)} – {self.written(high)}"

    def scale(self, values: Iterable[float | None], start: float, end: float, *, ticks: int) -> "Scale":
        """Places the values from `start` to `end`, with about as many ticks."""
        given = [value for value in values if value is not None]
        low = min(given, default=0.0) if self.low is None else self.low
        high = max(given, default=1.0) if self.high is None else self.high
        if high - low < self.finest:
            apart = max(self.finest, abs(high) / 10 or 1.0)
            low = low if low == 0 or self.low is not None else low - apart
            high = high if self.high is not None else high + apart
        step = self.step((high - low) / ticks)
        if self.low is None:
            low = math.floor(low / step + 1e-9) * step
        if self.high is None:
            high = math.ceil(high / step - 1e-9) * step
        return Scale(low, high, step, start, end)


COUNT = Axis("n", digits=0, grouped=True)


@dataclass(frozen=True)
class Scale:
    low: float
    high: float
    step: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        """Where the value is; what lies beyond the ends is drawn at them, what has no ends in the middle."""
        if self.low == self.high:
            return (self.start + self.end) / 2
        within = min(self.high, max(self.low, value))
        return self.start + (self.end - self.start) * (within - self.low) / (self.high - self.low)

    def ticks(self) -> list[float]:
        first = math.ceil(self.low / self.step - 1e-9)
        last = math.floor(self.high / self.step + 1e-9)
        return [number * self.step for number in range(first, last + 1)]

    def digits(self, *, percent: bool) -> int:
        """As many as the step has."""
        return max(0, -math.floor(math.log10(100 * self.step if percent else self.step) + 1e-9))


def nice_step(rough: float) -> float:
    """The smallest of 1, 2, 5 × 10ⁿ that is not below `rough`."""
    power = float(10 ** math.floor(math.log10(rough)))
    return next(power * factor for factor in (1, 2, 5, 10) if power * factor >= rough * (1 - 1e-9))
