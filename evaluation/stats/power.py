"""How many labels would be enough, foreseen from those there are.

More labels means more prompts like the present ones, with as many labels each. Data sets of one to ten times as many
prompts are drawn from the present ones, and the statistic is computed on each (Efron and Tibshirani 1993, An
Introduction to the Bootstrap, section 25.6). This foresees no better than the present labels show: where they happen to
show too large a difference, it seems easier to find than it is.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import scipy
from numpy.typing import ArrayLike, NDArray
from scipy import sparse

from evaluation.stats.intervals import FEWEST_CLUSTERS, Contributions, merged, percentile_interval, resampled_totals

Values = NDArray[np.float64]
Statistic = Callable[[Values], Values]

MULTIPLES = np.arange(1, 11)
DRAWS = 1000
"""Data sets of each size."""

MOST_CLUSTERS = 2000
"""Where there are more, bundles of them are drawn: sums of many are as good to draw as many, and cost less."""


@dataclass(frozen=True)
class Foreseen:
    """Of one value: as it is at present; on data sets of each size (DRAWS, sizes); and the ends (2, sizes) of the
    middle 95 % of these."""

    present: float
    values: Values
    ends: Values

    def half_widths(self) -> Values:
        """(sizes,): of the 95 % interval at so many times the present labels, which narrows with each more."""
        low, high = self.ends
        return np.asarray(scipy.optimize.isotonic_regression((high - low) / 2, increasing=False).x)

    def powers(self) -> Values:
        """(sizes,): the chance that the 95 % interval leaves out 0 at so many times the present labels.

        On each data set drawn, the interval is taken to reach as far from the value as the middle 95 % of all data
        sets of that size do from the present one.
        """
        below, above = (end / np.sqrt(MULTIPLES) for end in self.reach())
        left_out = (self.values + below > 0) | (self.values + above < 0)
        return np.asarray(scipy.optimize.isotonic_regression(left_out.mean(axis=0)).x)

    def reach(self) -> tuple[float, float]:
        """How far below and above the present value the middle 95 % end at the present size: the mean over sizes, as
        these distances fall with the square root of the labels, and one size alone says it with too much chance."""
        below, above = ((self.ends - self.present) * np.sqrt(MULTIPLES)).mean(axis=1).tolist()
        return below, above

    @property
    def apart(self) -> bool:
        """Whether the interval leaves out 0 at present."""
        low, high = self.ends[:, 0].tolist()
        return bool(low > 0 or high < 0)


def foresee(contributions: Contributions, statistic: Statistic, seed: int) -> list[Foreseen | None]:
    """Of each of m values, None where some size has no interval of any width.

    contributions, statistic: as `cluster_bootstrap` takes them. A larger data set is a smaller one and more, so that
    curves are smooth.
    """
    present = statistic(np.asarray(contributions.sum(axis=0))[None])[0].tolist()
    if contributions.shape[0] < FEWEST_CLUSTERS:
        return [None] * len(present)
    groups = merged(bundled(contributions, seed))
    totals = np.concatenate(list(resampled_totals(groups, seed, DRAWS * MULTIPLES.size)))
    growing = totals.reshape(DRAWS, MULTIPLES.size, -1)
    growing.cumsum(axis=1, out=growing)
    values = np.stack([statistic(growing[:, size]) for size in range(MULTIPLES.size)], axis=1)
    foreseen: list[Foreseen | None] = []
    for place, value in enumerate(present):
        intervals = [percentile_interval(column) for column in values[:, :, place].T]
        ends = np.array([(interval.low, interval.high) for interval in intervals], dtype=np.float64).T
        told = np.isfinite(value) and (ends[1] > ends[0]).all()
        foreseen.append(Foreseen(value, values[:, :, place], ends) if told else None)
    return foreseen


def bundled(contributions: Contributions, seed: int) -> Contributions:
    """(MOST_CLUSTERS, k): sums of as many clusters each as can be, put together by chance; all that are few."""
    n = contributions.shape[0]
    if n <= MOST_CLUSTERS:
        return contributions
    bundle = np.random.default_rng(seed).permutation(n) % MOST_CLUSTERS
    return sparse.coo_array((np.ones(n), (bundle, np.arange(n))), (MOST_CLUSTERS, n)).tocsr() @ contributions


def times_for_width(half_widths: ArrayLike, target: float) -> float:
    """How many times the present labels bring ± `target`, which is above 0: 1 where they do already.

    half_widths (sizes,): as `Foreseen` tells them. They fall with the square root of the labels, which tells what lies
    between the sizes, and beyond the largest of them.
    """
    precision = 1 / np.square(half_widths)
    wanted = 1 / target**2
    if wanted > precision[-1]:
        return float(MULTIPLES[-1] * wanted / precision[-1])
    return float(np.interp(wanted, precision, MULTIPLES))


def half_width_at(half_widths: ArrayLike, times: float) -> float:
    """The inverse of `times_for_width`, from the present labels on."""
    precision = 1 / np.square(half_widths)
    beyond = max(1.0, times / MULTIPLES[-1])
    return float(1 / np.sqrt(beyond * np.interp(times, MULTIPLES, precision)))


def times_for_power(powers: ArrayLike, power: float) -> float | None:
    """How many times the present labels leave out 0 with probability `power`; None if ten times do not.

    powers (sizes,): as `Foreseen` tells them.
    """
    chances = np.asarray(powers)
    return None if chances[-1] < power else float(np.interp(power, chances, MULTIPLES))


def power_at(powers: ArrayLike, times: float) -> float:
    """The inverse of `times_for_power`, up to ten times the present labels."""
    return float(np.interp(times, MULTIPLES, np.asarray(powers)))
