"""How many labels would be enough, foreseen from those there are.

More labels means more prompts like the present ones, with as many labels each. Data sets of one to ten times as many
prompts are drawn from the present ones, and the statistic is computed on each (Efron and Tibshirani 1993, An
Introduction to the Bootstrap, section 25.6). This foresees no better than the present labels show: where they happen to
show too large a difference, it seems easier to find than it is.
"""

from collections.abc import Callable
from dataclasses import dataclass
from math import ceil

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import isotonic_regression

from evaluation.stats.intervals import FEWEST_CLUSTERS, Contributions, merged, percentile_interval, resampled_totals
from evaluation.stats.results import BEYOND_REACH, NOT_FORESEEN

Values = NDArray[np.float64]
Statistic = Callable[[Values], Values]

MULTIPLES = np.arange(1, 11)
DRAWS = 1000
"""Data sets of each size."""


@dataclass(frozen=True)
class Needed:
    """How many labels one value needs, and why that cannot be told where it cannot.

    now, needed: labels in all; needed is never less than now. multiples, curve: at so many times the present labels,
    the half-width of the interval, or the chance that the interval leaves out 0; empty where nothing is foreseen.
    """

    now: int
    needed: int | None
    multiples: tuple[int, ...] = ()
    curve: tuple[float, ...] = ()
    undefined: str | None = None


@dataclass(frozen=True)
class Foreseen:
    """Of one value: as it is at present; on data sets of each size (DRAWS, sizes); and the ends (2, sizes) of the
    middle 95 % of these."""

    present: float
    values: Values
    ends: Values

    def reach(self) -> tuple[float, float]:
        """How far below and above the present value the middle 95 % end at the present size: the mean over sizes, as
        these distances fall with the square root of the labels, and one size alone says it with too much chance."""
        below, above = ((self.ends - self.present) * np.sqrt(MULTIPLES)).mean(axis=1).tolist()
        return below, above


def needed_for_width(
    contributions: Contributions, statistic: Statistic, target: float, labels_per_cluster: float, seed: int
) -> list[Needed]:
    """Until the 95 % interval of each of m values is ± `target`, which is above 0.

    contributions, statistic: as `cluster_bootstrap` takes them. labels_per_cluster: how many a prompt has on average.
    The half-width falls with the square root of the labels, which tells of more than ten times as many as well.
    """
    labels = contributions.shape[0] * labels_per_cluster
    needed = []
    for one in foresee(contributions, statistic, seed):
        if one is None:
            needed.append(Needed(round(labels), None, undefined=NOT_FORESEEN))
            continue
        below, above = one.reach()
        low, high = one.ends
        needed.append(enough(labels, ((above - below) / 2 / target) ** 2, (high - low) / 2))
    return needed


def needed_to_separate(
    contributions: Contributions, difference: Statistic, power: float, labels_per_cluster: float, seed: int
) -> list[Needed]:
    """Until the 95 % interval of each of m differences leaves out 0 with probability `power`, if it does not yet.

    contributions, difference: as `cluster_bootstrap` takes them. labels_per_cluster: how many a prompt has on average.
    On each data set drawn, the interval is taken to reach as far from the difference as the middle 95 % of all data
    sets of that size do from the present one.
    """
    labels = contributions.shape[0] * labels_per_cluster
    needed = []
    for one in foresee(contributions, difference, seed):
        if one is None:
            needed.append(Needed(round(labels), None, undefined=NOT_FORESEEN))
            continue
        below, above = (end / np.sqrt(MULTIPLES) for end in one.reach())
        powers = isotonic_regression(((one.values + below > 0) | (one.values + above < 0)).mean(axis=0)).x
        low, high = one.ends[:, 0]
        if low > 0 or high < 0:
            needed.append(enough(labels, 1, powers))
        elif powers[-1] < power:
            needed.append(Needed(round(labels), None, *drawing(powers), undefined=BEYOND_REACH))
        else:
            needed.append(enough(labels, float(np.interp(power, powers, MULTIPLES)), powers))
    return needed


def foresee(contributions: Contributions, statistic: Statistic, seed: int) -> list[Foreseen | None]:
    """Of each of m values, None where some size has no interval of any width.

    A larger data set is a smaller one and more, so that curves are smooth.
    """
    present = statistic(np.asarray(contributions.sum(axis=0))[None])[0].tolist()
    if contributions.shape[0] < FEWEST_CLUSTERS:
        return [None] * len(present)
    totals = np.concatenate(list(resampled_totals(merged(contributions), seed, DRAWS * MULTIPLES.size)))
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


def enough(labels: float, times: float, curve: Values) -> Needed:
    return Needed(round(labels), ceil(labels * max(times, 1)), *drawing(curve))


def drawing(curve: Values) -> tuple[tuple[int, ...], tuple[float, ...]]:
    return tuple(MULTIPLES.tolist()), tuple(curve.tolist())
