"""The intraclass correlation of ratings: annotators and responses both drawn from many (two-way random effects)."""

import numpy as np

from evaluation.stats.coefficients import Prepared
from evaluation.stats.intervals import Values, sums_by_cluster
from evaluation.stats.labels import Labels, Level
from evaluation.stats.results import INCOMPLETE


def icc(labels: Labels, level: Level) -> Prepared:
    """ICC(2,1): of one annotator's rating. Over the units that every annotator rated; undefined without two of those.

    Shrout and Fleiss 1979, Psychological Bulletin 86(2).
    """
    return correlation(labels, of_mean=False)


def icc_mean(labels: Labels, level: Level) -> Prepared:
    """ICC(2,k): of the mean of all k annotators' ratings. Otherwise as ICC(2,1)."""
    return correlation(labels, of_mean=True)


def correlation(labels: Labels, *, of_mean: bool) -> Prepared:
    annotators, annotator = np.unique(labels.annotator, return_inverse=True)
    k = annotators.size
    complete = labels.raters == k
    kept = complete[labels.unit]
    table = np.empty((int(complete.sum()), k))
    place = np.cumsum(complete) - 1
    table[place[labels.unit[kept]], annotator[kept]] = labels.domain[labels.value[kept]]
    rows = table.sum(axis=1)
    by_unit = np.column_stack([np.ones(len(table)), rows**2, (table**2).sum(axis=1), table])

    def coefficient(totals: Values) -> Values:
        n, rows_squared, squares, columns = totals[:, 0], totals[:, 1], totals[:, 2], totals[:, 3:]
        with np.errstate(divide="ignore", invalid="ignore"):
            common = columns.sum(axis=1) ** 2 / (n * k)
            between_rows = rows_squared / k - common
            between_columns = (columns**2).sum(axis=1) / n - common
            rest = squares - common - between_rows - between_columns
            ms_rows, ms_columns = between_rows / (n - 1), between_columns / (k - 1)
            ms_rest = rest / ((n - 1) * (k - 1))
            excess = (ms_columns - ms_rest) / n
            noise = excess if of_mean else (k - 1) * ms_rest + k * excess
            value = (ms_rows - ms_rest) / (ms_rows + noise)
        varies = squares - common > 1e-12 * squares
        return np.where((n > 1) & varies & (ms_rows + noise > 0), value, np.nan)

    return Prepared(sums_by_cluster(by_unit, labels.cluster[complete]), coefficient, otherwise=INCOMPLETE)
