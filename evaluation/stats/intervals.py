"""Intervals by resampling whole clusters, and closed ones for shares.

The labels of one prompt are not independent of each other, so resampling labels one by one gives intervals that are
too narrow. The cluster bootstrap resamples prompts, with everything said about them
(Davison and Hinkley 1997, Bootstrap Methods and their Application, section 3.8).

Every statistic here is a function of totals: sums over prompts of something counted in each. A resample is then a
weighted sum of those, so all resamples are one matrix product, and prompts that contribute the same are drawn together.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse

from evaluation.stats.results import NO_INTERVAL, Interval

Values = NDArray[np.float64]
Rows = NDArray[np.intp]
Contributions: TypeAlias = Values | sparse.csr_array
"""(clusters, k): what each cluster adds to each of k totals."""

RESAMPLES = 1000
COVERAGE = 0.95
FEWEST_CLUSTERS = 2
MOST_UNDEFINED = 0.05
"""Share of resamples that may have no value before the interval is not given."""

AT_ONCE = 4_000_000
"""Weights of clusters held in memory at a time."""

CHEAP_GROUPS = 8
"""Drawing groups of equal clusters takes about this many times as long for each as drawing a cluster."""

SPARSE = 8
"""Names that go up to more than so many times their number are sorted rather than counted."""


def sums_by_cluster(values: Values, cluster: Rows) -> Values:
    """(clusters, k) sums of the rows of `values` (n, k) in each cluster; cluster (n,) holds whole numbers from 0."""
    n_clusters, number = numbered(cluster)
    sums = np.empty((values.shape[1], n_clusters))
    for row, column in zip(sums, values.T, strict=True):
        row[:] = np.bincount(number, weights=column, minlength=n_clusters)
    return sums.T


def numbered(names: Rows) -> tuple[int, Rows]:
    """How many different whole numbers from 0 there are in `names` (n,), and their places among those in order (n,)."""
    if names.size and names.max() < SPARSE * names.size:
        there = np.bincount(names) > 0
        return int(np.count_nonzero(there)), (np.cumsum(there) - 1)[names]
    distinct, number = np.unique(names, return_inverse=True)
    return distinct.size, number


def cluster_bootstrap(
    contributions: Contributions,
    statistic: Callable[[Values], Values],
    seed: int,
    resamples: int = RESAMPLES,
) -> list[Interval]:
    """Percentile intervals of each of m values.

    `statistic` takes totals (b, k) of b resamples and returns (b, m), with NaN where a value is undefined. Clusters
    that contribute nothing are not drawn. Empty intervals come where more than MOST_UNDEFINED of the resamples have no
    value, or where there are fewer than FEWEST_CLUSTERS to resample.
    """
    groups = merged(contributions) if resamples else None
    if groups is None or groups.of_cluster.size < FEWEST_CLUSTERS:
        return [NO_INTERVAL] * statistic(np.zeros((1, contributions.shape[1]))).shape[1]
    values = np.concatenate([statistic(totals) for totals in resampled_totals(groups, seed, resamples)])
    return [percentile_interval(column) for column in values.T]


@dataclass(frozen=True)
class Groups:
    """Clusters by what they contribute: `contribution` (g, k), how many have each, and which one each cluster has."""

    contribution: Contributions
    size: Rows
    of_cluster: Rows


def merged(contributions: Contributions) -> Groups:
    """Those that contribute the same together, and those that contribute nothing left out.

    Rows are told apart by two random projections, which are the same for different ones only by rounding: once in some
    10^20 pairs.
    """
    weights = np.random.default_rng(0).random((contributions.shape[1], 2))
    projections = np.ascontiguousarray(contributions @ weights).view(np.complex128).ravel()
    something = np.flatnonzero(projections)
    _distinct, first, group, size = np.unique(
        projections[something], return_index=True, return_inverse=True, return_counts=True
    )
    return Groups(contributions[something[first]], size, group)


def resampled_totals(groups: Groups, seed: int, resamples: int) -> Iterator[Values]:
    """Totals (b, k) of data sets made of as many clusters as there are, drawn with replacement; in b's adding up to
    `resamples`."""
    generator = np.random.default_rng(seed)
    n_clusters, n_groups = groups.of_cluster.size, groups.size.size
    at_once = max(1, AT_ONCE // max(n_groups, groups.contribution.shape[1]))
    for begin in range(0, resamples, at_once):
        n = min(at_once, resamples - begin)
        if n_groups * CHEAP_GROUPS < n_clusters:
            drawn = generator.multinomial(n_clusters, groups.size / n_clusters, size=n).astype(np.float64)
        else:
            drawn = np.empty((n, n_groups))
            for row in drawn:
                chosen = groups.of_cluster[generator.integers(n_clusters, size=n_clusters)]
                row[:] = np.bincount(chosen, minlength=n_groups)
        yield np.asarray(drawn @ groups.contribution)


def percentile_interval(values: Values) -> Interval:
    """From the values of all resamples, NaN where undefined."""
    defined = values[np.isfinite(values)]
    if not defined.size or defined.size < (1 - MOST_UNDEFINED) * values.size:
        return NO_INTERVAL
    low, high = np.quantile(defined, [(1 - COVERAGE) / 2, (1 + COVERAGE) / 2])
    return Interval(float(low), float(high))


def wilson(n_of: float, n: float) -> Interval:
    """Of a share n_of / n (Wilson 1927, JASA 22), computed by statsmodels; empty for n = 0."""
    from statsmodels.stats.proportion import proportion_confint

    if not n:
        return NO_INTERVAL
    low, high = proportion_confint(n_of, n, alpha=1 - COVERAGE, method="wilson")
    return Interval(float(low), float(high))


def share(n_of: ArrayLike, n: ArrayLike) -> Values:
    """n_of / n, NaN where n is 0; any shapes that go together."""
    n_of, n = np.broadcast_arrays(np.asarray(n_of, dtype=np.float64), np.asarray(n, dtype=np.float64))
    found: Values = np.divide(n_of, n, out=np.full(n.shape, np.nan), where=n > 0)
    return found
