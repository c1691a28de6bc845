"""Intervals by resampling whole clusters.

The labels of one prompt are not independent of each other, so resampling labels one by one gives intervals that are
too narrow. The cluster bootstrap resamples prompts, with everything said about them
(Davison and Hinkley 1997, Bootstrap Methods and their Application, section 3.8).
"""

from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

from evaluation.stats.results import NO_INTERVAL, Interval, Undefined

RESAMPLES = 1000
COVERAGE = 0.95
FEWEST_CLUSTERS = 2
MOST_UNDEFINED = 0.05
"""Share of resamples that may have no value before the interval is not given."""


def cluster_bootstrap(
    statistic: Callable[[NDArray[np.intp]], float | NDArray[np.float64]],
    cluster: NDArray[np.intp],
    seed: int,
    resamples: int = RESAMPLES,
) -> list[Interval]:
    """Percentile intervals of a statistic, or of each of several.

    `cluster` (n,) says to which cluster each row belongs, numbered from 0. `statistic` takes row indices, with
    repetitions, and returns a number or an array (k,); it may raise Undefined, or put NaN where a value is undefined.
    Returns k intervals (1 for a number), empty ones where more than MOST_UNDEFINED of the resamples have no value, or
    where there are fewer than FEWEST_CLUSTERS to resample.
    """
    width = value_of(statistic, np.arange(cluster.size)).size
    if np.unique(cluster).size < FEWEST_CLUSTERS:
        return [NO_INTERVAL] * width
    table = np.full((resamples, width), np.nan)
    for row, rows in enumerate(resampled_rows(cluster, seed, resamples)):
        value = value_of(statistic, rows)
        table[row, : value.size] = value
    return [percentile_interval(column) for column in table.T]


def value_of(
    statistic: Callable[[NDArray[np.intp]], float | NDArray[np.float64]], rows: NDArray[np.intp]
) -> NDArray[np.float64]:
    try:
        return np.atleast_1d(np.asarray(statistic(rows), dtype=np.float64))
    except Undefined:
        return np.empty(0)


def resampled_rows(cluster: NDArray[np.intp], seed: int, resamples: int) -> Iterator[NDArray[np.intp]]:
    """Row indices of data sets made of as many clusters as there are, drawn with replacement."""
    generator = np.random.default_rng(seed)
    names, compact = np.unique(cluster, return_inverse=True)
    n_clusters = names.size
    rows = np.arange(cluster.size)
    for _resample in range(resamples):
        drawn = generator.integers(n_clusters, size=n_clusters)
        yield np.repeat(rows, np.bincount(drawn, minlength=n_clusters)[compact])


def percentile_interval(values: NDArray[np.float64]) -> Interval:
    """From the values of all resamples, NaN where undefined."""
    defined = values[np.isfinite(values)]
    if not defined.size or defined.size < (1 - MOST_UNDEFINED) * values.size:
        return NO_INTERVAL
    low, high = np.quantile(defined, [(1 - COVERAGE) / 2, (1 + COVERAGE) / 2])
    return Interval(float(low), float(high))
