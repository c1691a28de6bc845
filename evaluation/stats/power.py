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

from evaluation.stats.intervals import (
    COVERAGE,
    FEWEST_CLUSTERS,
    MOST_UNDEFINED,
    Contributions,
    merged,
    resampled_totals,
)
from evaluation.stats.results import BEYOND_REACH, NOT_FORESEEN

Values = NDArray[np.float64]
Statistic = Callable[[Values], Values]

MULTIPLES = np.arange(1, 11)
DRAWS = 400
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
    """Of one value: as it is at present, and on data sets of each size (DRAWS, sizes)."""

    present: float
    values: Values

    def middle(self) -> Values:
        """(2, sizes): between which the middle 95 % lie."""
        ends: Values = np.nanquantile(self.values, [(1 - COVERAGE) / 2, (1 + COVERAGE) / 2], axis=0)
        return ends

    def tells(self) -> bool:
        defined = np.isfinite(self.values).mean(axis=0)
        return bool((defined >= 1 - MOST_UNDEFINED).all() and (np.diff(self.middle(), axis=0) > 0).all())


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
        if not one.tells():
            needed.append(Needed(round(labels), None, undefined=NOT_FORESEEN))
            continue
        low, high = one.middle()
        half_widths = (high - low) / 2
        at_present = np.exp(np.log(half_widths * np.sqrt(MULTIPLES)).mean())
        needed.append(enough(labels, (at_present / target) ** 2, half_widths))
    return needed


def needed_to_separate(
    contributions: Contributions, difference: Statistic, power: float, labels_per_cluster: float, seed: int
) -> list[Needed]:
    """Until the 95 % interval of each of m differences leaves out 0 with probability `power`, if it does not yet.

    contributions, difference: as `cluster_bootstrap` takes them. labels_per_cluster: how many a prompt has on average.
    On each data set drawn, the interval is taken to lie about the difference as it lies, among all data sets of that
    size, about the present one.
    """
    labels = contributions.shape[0] * labels_per_cluster
    needed = []
    for one in foresee(contributions, difference, seed):
        if not one.tells():
            needed.append(Needed(round(labels), None, undefined=NOT_FORESEEN))
            continue
        low, high = one.middle()
        apart = (one.values + low > one.present) | (one.values + high < one.present)
        powers = isotonic_regression(apart.mean(axis=0)).x
        if low[0] > 0 or high[0] < 0:
            needed.append(enough(labels, 1, powers))
        elif powers[-1] < power:
            needed.append(Needed(round(labels), None, *drawing(powers), undefined=BEYOND_REACH))
        else:
            needed.append(enough(labels, float(np.interp(power, powers, MULTIPLES)), powers))
    return needed


def foresee(contributions: Contributions, statistic: Statistic, seed: int) -> list[Foreseen]:
    """Of each of m values. A larger data set is a smaller one and more, so that curves are smooth."""
    present = statistic(np.asarray(contributions.sum(axis=0))[None])[0]
    if contributions.shape[0] < FEWEST_CLUSTERS:
        return [Foreseen(value, np.full((DRAWS, MULTIPLES.size), np.nan)) for value in present.tolist()]
    totals = np.concatenate(list(resampled_totals(merged(contributions), seed, DRAWS * MULTIPLES.size)))
    growing = totals.reshape(DRAWS, MULTIPLES.size, -1).cumsum(axis=1)
    values = np.stack([statistic(growing[:, size]) for size in range(MULTIPLES.size)], axis=1)
    return [Foreseen(value, values[:, :, place]) for place, value in enumerate(present.tolist())]


def enough(labels: float, times: float, curve: Values) -> Needed:
    return Needed(round(labels), ceil(labels * max(times, 1)), *drawing(curve))


def drawing(curve: Values) -> tuple[tuple[int, ...], tuple[float, ...]]:
    return tuple(MULTIPLES.tolist()), tuple(curve.tolist())
