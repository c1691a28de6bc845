"""Cohen's κ: of two annotators, and its mean over each two of several."""

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from evaluation.stats.coefficients import Prepared, corrected, weights_of
from evaluation.stats.intervals import Values, share
from evaluation.stats.labels import Labels, Level, Rows, label_pairs
from evaluation.stats.results import NO_VARIATION, TOO_MANY_ANNOTATORS

MOST_ANNOTATORS = 60
"""Of more, every two are too many to tell anything by."""

FEWEST_SHARED = 20
"""Units that two annotators should share: of few, κ is undefined where they agree and low where they do not."""


@dataclass(frozen=True)
class Asymptotic:
    """Large-sample theory, units taken as independent: standard error, 95 % interval, z of the value being 0."""

    standard_error: float
    low: float
    high: float
    z: float | None = None


@dataclass(frozen=True)
class Confusions:
    """For each of p pairs of annotators what they said of the units both labeled.

    annotators (p, 2), the lower first. pair, cell, cluster (m,): of each unit shared by two, which pair, which cell of
    their table (the first's value · c + the second's), and the prompt.
    """

    annotators: Rows
    pair: Rows
    cell: Rows
    cluster: Rows


def confusions(labels: Labels) -> Confusions:
    found: list[Rows] = []
    c = labels.domain.size
    for left, right in label_pairs(labels):
        swap = labels.annotator[left] > labels.annotator[right]
        first, second = np.where(swap, right, left), np.where(swap, left, right)
        cell = labels.value[first] * c + labels.value[second]
        found.append(
            np.column_stack(
                [labels.annotator[first], labels.annotator[second], cell, labels.cluster[labels.unit[left]]]
            )
        )
    rows = np.concatenate(found) if found else np.empty((0, 4), dtype=np.intp)
    n_annotators = int(labels.annotator.max(initial=0)) + 1
    pairs, pair = np.unique(rows[:, 0] * n_annotators + rows[:, 1], return_inverse=True)
    return Confusions(np.column_stack(np.divmod(pairs, n_annotators)), pair, rows[:, 2], rows[:, 3])


def cohen_kappa(labels: Labels, level: Level) -> Prepared:
    """Cohen's κ; with linear weights at the ordinal level, quadratic ones at the interval level.

    Of several annotators the mean over every two of them, each two weighing the same (Light 1971, Psychological
    Bulletin 76(5)): of those who share at least FEWEST_SHARED units or, where nobody does, of all who share any. Cohen
    1960, EPM 20; 1968, Psychological Bulletin 70.
    """
    c = labels.domain.size
    if np.unique(labels.annotator).size > MOST_ANNOTATORS:
        return Prepared(np.zeros((0, 1)), lambda totals: np.full(len(totals), np.nan), otherwise=TOO_MANY_ANNOTATORS)
    found = confusions(labels)
    clusters, cluster = np.unique(found.cluster, return_inverse=True)
    p = len(found.annotators)
    contributions = sparse.csr_array(
        (np.ones(cluster.size), (cluster, found.pair * c * c + found.cell)), (clusters.size, p * c * c)
    )
    weights = cohen_weights(labels.domain, level)
    n_shared = np.bincount(found.pair, minlength=p)
    meant = n_shared >= min(FEWEST_SHARED, n_shared.max(initial=0))

    def kappa(totals: Values) -> Values:
        each = kappas(totals.reshape(-1, p, c, c)[:, meant], weights)
        return share(np.nansum(each, axis=1), np.isfinite(each).sum(axis=1))

    return Prepared(contributions, kappa, otherwise=NO_VARIATION)


def cohen_weights(domain: Values, level: Level) -> Values:
    """(c, c) agreement of two values: linear where ordinal, 1 or 0 where nominal, else as Gwet's."""
    if level == "ordinal" and domain.size > 1:
        steps = np.abs(np.subtract.outer(np.arange(domain.size), np.arange(domain.size)))
        return np.asarray(1 - steps / (domain.size - 1))
    return weights_of(domain, level)


def kappas(tables: Values, weights: Values) -> Values:
    """(…,) of confusion tables (…, c, c); NaN where there is nothing in one, or no variation."""
    n = tables.sum(axis=(-2, -1))
    shares = share(tables, n[..., None, None])
    expected = np.einsum("...i,ij,...j->...", shares.sum(axis=-1), weights, shares.sum(axis=-2))
    return corrected((shares * weights).sum(axis=(-2, -1)), expected)


def cohen_asymptotic(labels: Labels, level: Level) -> Asymptotic | None:
    """Of two annotators, by statsmodels (Fleiss, Cohen and Everitt 1969); None where κ or its error is undefined."""
    from statsmodels.stats.inter_rater import cohens_kappa

    found = confusions(labels)
    c = labels.domain.size
    if len(found.annotators) != 1 or level == "ratio":
        return None
    table = np.bincount(found.cell, minlength=c * c).reshape(c, c)
    if np.count_nonzero(table.sum(axis=0) + table.sum(axis=1)) < 2:
        return None
    weights = {"nominal": None, "ordinal": "linear", "interval": "quadratic"}[level]
    with np.errstate(divide="ignore", invalid="ignore"):
        result = cohens_kappa(table, return_results=True, wt=weights)
    numbers = [result.std_kappa, result.kappa_low, result.kappa_upp, result.z_value]
    if not np.isfinite(numbers).all():
        return None
    return Asymptotic(*map(float, numbers))
