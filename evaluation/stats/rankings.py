"""How far rankings of the same responses go together. From outcomes of pairs, which say as much as the ranks."""

import numpy as np

from evaluation.stats.coefficients import Prepared
from evaluation.stats.intervals import numbered, share, sums_by_cluster
from evaluation.stats.labels import Labels, Level, Rows, label_pairs
from evaluation.stats.results import ONLY_TIED


def kendall_tau(labels: Labels, level: Level) -> Prepared:
    """Kendall's τ-b of every two annotators of an item, a mean over those: (C − D)/√(untied of one · of the other).

    Undefined, and left out, where one of them ties everything. Kendall 1945, Biometrika 33.
    """
    sign = labels.domain[labels.value]
    pairs = list(label_pairs(labels))
    left = np.concatenate([one for one, _other in pairs]) if pairs else np.empty(0, dtype=np.intp)
    right = np.concatenate([other for _one, other in pairs]) if pairs else np.empty(0, dtype=np.intp)
    one, other = labels.annotator[left], labels.annotator[right]
    keys = key(labels.item[labels.unit[left]], np.minimum(one, other), np.maximum(one, other))
    _groups, first, group = np.unique(keys, return_index=True, return_inverse=True)
    agreed = np.bincount(group, weights=sign[left] * sign[right], minlength=first.size)
    untied = [np.bincount(group, weights=np.abs(sign[one]), minlength=first.size) for one in (left, right)]
    return mean_of(share(agreed, np.sqrt(untied[0] * untied[1])), labels.cluster[labels.unit[left[first]]])


def kendall_w(labels: Labels, level: Level) -> Prepared:
    """Kendall's W of the annotators of an item, corrected for ties, a mean over items with at least two of them.

    W = S/(m Σ V): S the squared deviations of the responses' sums of ranks, V those of one annotator's ranks, m
    annotators. Where all tie everything it is undefined, and left out. Kendall and Babington Smith 1939.
    """
    left, right = np.empty((2, 0), dtype=np.int64) if labels.pair is None else labels.pair.T
    sign = labels.domain[labels.value]
    item = labels.item[labels.unit]
    # half the difference of pairs lost and won is a response's average rank, less the mean of ranks
    response = np.concatenate([left[labels.unit], right[labels.unit]])
    deviation = np.concatenate([-sign, sign]) / 2
    seats, seat = number(np.tile(item, 2), np.tile(labels.annotator, 2), response)
    own = np.bincount(seat, weights=deviation, minlength=len(seats))
    rated, place = number(seats[:, 0], seats[:, 2])
    together = np.bincount(place, weights=own, minlength=len(rated))
    items, of_seat = np.unique(seats[:, 0], return_inverse=True)
    spread = np.bincount(of_seat, weights=np.square(own), minlength=items.size)
    s = np.bincount(np.searchsorted(items, rated[:, 0]), weights=np.square(together), minlength=items.size)
    people, _person = number(item, labels.annotator)
    m = np.bincount(np.searchsorted(items, people[:, 0]), minlength=items.size)
    value = np.where(m > 1, share(s, m * spread), np.nan)
    names, first = np.unique(labels.item, return_index=True)
    return mean_of(value, labels.cluster[first[np.searchsorted(names, items)]])


def number(*columns: Rows) -> tuple[Rows, Rows]:
    """The distinct rows of some columns, and which of them each row is."""
    _keys, first, inverse = np.unique(key(*columns), return_index=True, return_inverse=True)
    return np.column_stack(columns)[first], inverse


def key(*columns: Rows) -> Rows:
    """One number for each row of some columns, in the order of the rows: sorting these is many times as fast."""
    keys = columns[0]
    for column in columns[1:]:
        n, place = numbered(column)
        keys = keys * n + place
    return keys


def mean_of(value: np.ndarray, cluster: Rows) -> Prepared:
    """The mean of values (n,), without those that are NaN."""
    defined = np.isfinite(value)
    sums = sums_by_cluster(np.column_stack([value[defined], np.ones(int(defined.sum()))]), cluster[defined])
    return Prepared(sums, lambda totals: share(totals[:, 0], totals[:, 1]), otherwise=ONLY_TIED)
