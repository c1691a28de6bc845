"""Two endpoints side by side, on the prompts they share.

Each prompt gives one difference, and counts once, however many labels it has. Whether it could all be chance is told by
randomisation: were the two alike, each prompt's difference could as well have been the other way round (Fisher 1935,
The Design of Experiments). That supposes nothing of how differences are distributed, and is about their mean, which
Wilcoxon's test is not.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evaluation.stats.intervals import AT_ONCE, RESAMPLES, cluster_bootstrap, share, sums_by_cluster
from evaluation.stats.preference import Comparisons
from evaluation.stats.results import NEVER_MET, NO_SHARED_PROMPTS

Rows = NDArray[np.intp]
Values = NDArray[np.float64]

RANDOMISATIONS = 9999
DIGITS = 9
"""Differences that are the same to so many are taken for equal."""


@dataclass(frozen=True)
class Paired:
    """The first endpoint's value less the second's, with its 95 % cluster-bootstrap interval.

    p: two-sided, the chance of a mean as far from 0 if the two were alike. n: the prompts it rests on.
    """

    value: float | None
    low: float | None
    high: float | None
    p: float | None
    n: int
    undefined: str | None = None


def paired_means(
    endpoint: Rows,
    value: Values,
    cluster: Rows,
    first: int,
    second: int,
    *,
    seed: int = 0,
    resamples: int = RESAMPLES,
) -> Paired:
    """Of ratings, or of flags as 1 and 0: mean over shared prompts of the difference of each prompt's two means.

    endpoint, value, cluster (n,): of each label, whose response it is about, what it says, and the prompt.
    """
    kept = (endpoint == first) | (endpoint == second)
    value, cluster = value[kept], cluster[kept]
    of_first, of_second = endpoint[kept] == first, endpoint[kept] == second
    sums = sums_by_cluster(np.column_stack([of_first, of_first * value, of_second, of_second * value]), cluster)
    difference = share(sums[:, 1], sums[:, 0]) - share(sums[:, 3], sums[:, 2])
    return of_differences(difference[np.isfinite(difference)], NO_SHARED_PROMPTS, seed, resamples)


def paired_margin(
    comparisons: Comparisons, first: int, second: int, *, seed: int = 0, resamples: int = RESAMPLES
) -> Paired:
    """Of direct comparisons: share that the first won less share that the second won, averaged over prompts."""
    as_left = (comparisons.left == first) & (comparisons.right == second)
    as_right = (comparisons.right == first) & (comparisons.left == second)
    met = as_left | as_right
    won = np.where(as_left, 1.0, -1.0)[met] * comparisons.outcome[met]
    sums = sums_by_cluster(np.column_stack([won, np.ones_like(won)]), comparisons.cluster[met])
    return of_differences(sums[:, 0] / sums[:, 1], NEVER_MET, seed, resamples)


def of_differences(difference: Values, reason: str, seed: int, resamples: int) -> Paired:
    """difference (prompts,): of the first endpoint to the second, on each shared prompt."""
    n = difference.size
    if not n:
        return Paired(None, None, None, None, 0, undefined=reason)
    counted = np.column_stack([difference, np.ones(n)])  # or prompts without a difference would not be drawn
    (interval,) = cluster_bootstrap(counted, lambda totals: share(totals[:, :1], totals[:, 1:]), seed, resamples)
    return Paired(float(difference.mean()), interval.low, interval.high, by_chance(difference, seed), n)


def by_chance(difference: Values, seed: int) -> float:
    """How often, the signs of differences (n,) being drawn anew, their mean is as far from 0 as it is.

    The differences as they are count as one draw (Davison and Hinkley 1997, section 4.3), so p is never 0. Of
    differences of one size, binomially many are positive; scipy's `permutation_test` would draw each by itself.
    """
    size, times = np.unique(np.abs(difference).round(DIGITS), return_counts=True)
    generator = np.random.default_rng(seed)
    observed = abs(difference.sum()) * (1 - 10.0**-DIGITS)
    as_far, at_once = 1, max(1, AT_ONCE // size.size)
    for begin in range(0, RANDOMISATIONS, at_once):
        draws = min(at_once, RANDOMISATIONS - begin)
        positive = generator.binomial(times, 0.5, size=(draws, size.size))
        as_far += int((np.abs((2 * positive - times) @ size) >= observed).sum())
    return as_far / (RANDOMISATIONS + 1)
