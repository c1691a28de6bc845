"""Agreement corrected for chance, of any number of annotators, each from totals over units.

Every coefficient takes what annotators said of each unit as counts (u, c), and becomes a function of sums over units,
so that resampling prompts costs no more than adding their sums. `level` says how far apart two values are: at the
nominal level all alike, at the others by δ² (Krippendorff) or by the weights of Gwet 2014, Handbook of Inter-Rater
Reliability, 4th edition, section 3.5.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from evaluation.stats.intervals import Contributions, Values, share, sums_by_cluster
from evaluation.stats.labels import Labels, Level
from evaluation.stats.results import NO_VARIATION


@dataclass(frozen=True)
class Prepared:
    """A statistic as a function of totals.

    contributions (clusters, k); compute: totals (b, k) to values (b,), NaN where undefined; otherwise: why a value is
    undefined although two people labeled something in common.
    """

    contributions: Contributions
    compute: Callable[[Values], Values]
    otherwise: str = NO_VARIATION


def krippendorff_alpha(labels: Labels, level: Level) -> Prepared:
    """Krippendorff's α = 1 − D_o/D_e; units with missing labels take part with those they have.

    Krippendorff 2011, Computing Krippendorff's Alpha-Reliability. The library `krippendorff` computes the same, without
    sums that a bootstrap could use.
    """
    counts, others = labels.counts, labels.raters - 1
    weight = np.divide(1.0, others, out=np.zeros(others.size), where=others > 0)
    c = labels.domain.size
    first, second = np.triu_indices(c)
    coincidences = np.empty((first.size, others.size))
    for row, one, other in zip(coincidences, first.tolist(), second.tolist(), strict=True):
        np.multiply(counts[:, one], counts[:, other] - (one == other), out=row)
        row *= weight

    def alpha(totals: Values) -> Values:
        observed = np.zeros((len(totals), c, c))
        observed[:, first, second] = observed[:, second, first] = totals
        marginal = observed.sum(axis=2)
        apart = distances(labels.domain, marginal, level)
        disagreement = (observed * apart).sum(axis=(1, 2))
        expected = np.einsum("bi,bij,bj->b", marginal, apart, marginal)
        return np.asarray(1 - (marginal.sum(axis=1) - 1) * share(disagreement, expected))

    return Prepared(sums_by_cluster(coincidences.T, labels.cluster), alpha)


def distances(domain: Values, marginal: Values, level: Level) -> Values:
    """Krippendorff's δ² (b, c, c) between the values of `domain` (c,), given how often each occurs (b, c)."""
    if level == "ordinal":
        up_to = np.cumsum(marginal, axis=1)
        middle = up_to - marginal / 2
        return np.square(middle[:, :, None] - middle[:, None, :])
    difference = domain[:, None] - domain[None, :]
    if level == "nominal":
        apart = (difference != 0).astype(np.float64)
    elif level == "interval":
        apart = np.square(difference)
    else:
        total = domain[:, None] + domain[None, :]
        apart = np.square(np.divide(difference, total, out=np.zeros_like(difference), where=total != 0))
    return np.broadcast_to(apart, (len(marginal), *apart.shape))


def weights_of(domain: Values, level: Level) -> Values:
    """Gwet's weights (c, c): 1 on the diagonal, less the further two values are apart."""
    c = domain.size
    if level == "nominal" or c < 2:
        return np.eye(c)
    if level == "ordinal":
        steps = np.abs(np.subtract.outer(np.arange(c), np.arange(c)))
        return np.asarray(1 - steps * (steps + 1) / (c * (c - 1)))
    if level == "interval":
        difference = np.subtract.outer(domain, domain)
        return np.asarray(1 - np.square(difference / (domain[-1] - domain[0])))
    apart = distances(domain, np.ones((1, c)), level)[0]
    return np.asarray(1 - apart / (apart.max() or 1.0))


@dataclass(frozen=True)
class Sums:
    """What the coefficients after Gwet add up over units, and the parts of it."""

    weights: Values
    by_unit: Values
    """(u, 3 + c): agreement where two labeled it; whether two did; whether anybody did; share of each value."""

    @classmethod
    def of(cls, labels: Labels, level: Level) -> "Sums":
        counts, raters = labels.counts.astype(np.float64), labels.raters.astype(np.float64)
        weights = weights_of(labels.domain, level)
        agreement = share((counts * (counts @ weights - 1)).sum(axis=1), raters * (raters - 1))
        two = raters > 1
        agreement[~two] = 0
        shares = np.divide(counts, raters[:, None], out=np.zeros_like(counts), where=raters[:, None] > 0)
        return cls(weights, np.column_stack([agreement, two, raters > 0, shares]))


def observed_and_shares(totals: Values) -> tuple[Values, Values]:
    """(b,) agreement, and (b, c) how often each value is given, a unit counting once."""
    return share(totals[:, 0], totals[:, 1]), share(totals[:, 3:], totals[:, 2:3])


def corrected(observed: Values, expected: Values) -> Values:
    """(p_a − p_e)/(1 − p_e); NaN where chance agreement is complete."""
    value = np.full(observed.shape, np.nan)
    np.divide(observed - expected, 1 - expected, out=value, where=1 - expected > 1e-12)
    return value


def percent_agreement(labels: Labels, level: Level) -> Prepared:
    """Share of agreeing pairs of annotators of a unit, a mean over units with at least two; chance is left in."""
    sums = Sums.of(labels, level)
    return Prepared(sums_by_cluster(sums.by_unit, labels.cluster), lambda totals: observed_and_shares(totals)[0])


def fleiss_kappa(labels: Labels, level: Level) -> Prepared:
    """Fleiss' κ: chance agreement Σ w_kl π_k π_l, with π from all annotators together (of two: Scott's π).

    Fleiss 1971, Psychological Bulletin 76(5); with units that not everybody labeled as Gwet 2014, section 2.4.
    """
    sums = Sums.of(labels, level)

    def kappa(totals: Values) -> Values:
        observed, shares = observed_and_shares(totals)
        return corrected(observed, np.einsum("bi,ij,bj->b", shares, sums.weights, shares))

    return Prepared(sums_by_cluster(sums.by_unit, labels.cluster), kappa)


def brennan_prediger(labels: Labels, level: Level) -> Prepared:
    """Brennan and Prediger's κ: chance agreement as if all c values were equally likely (1981, EPM 41)."""
    sums = Sums.of(labels, level)
    c = labels.domain.size

    def kappa(totals: Values) -> Values:
        observed, _shares = observed_and_shares(totals)
        return corrected(observed, np.full(observed.shape, sums.weights.sum() / c**2))

    return Prepared(sums_by_cluster(sums.by_unit, labels.cluster), kappa)


def gwet_ac(labels: Labels, level: Level) -> Prepared:
    """Gwet's AC1, and AC2 with weights: chance agreement is T_w Σ π_k(1 − π_k)/(c(c − 1)).

    It is stable where one value dominates. Gwet 2008, BJMSP 61; with missing labels as Gwet 2014, section 2.4.
    """
    sums = Sums.of(labels, level)

    def coefficient(totals: Values) -> Values:
        observed, shares = observed_and_shares(totals)
        return corrected(observed, gwet_chance(sums.weights, shares))

    return Prepared(sums_by_cluster(sums.by_unit, labels.cluster), coefficient)


def gwet_chance(weights: Values, shares: Values) -> Values:
    """(b,) from shares (b, c)."""
    c = len(weights)
    return share(weights.sum() * (shares * (1 - shares)).sum(axis=-1), c * (c - 1))


def gwet_standard_error(labels: Labels, level: Level) -> float | None:
    """Of AC1 or AC2 over units as if these were drawn independently (Gwet 2014, section 5.3); None below 2 units."""
    sums = Sums.of(labels, level)
    labeled = sums.by_unit[:, 2] > 0
    by_unit = sums.by_unit[labeled]
    n = len(by_unit)
    totals = by_unit.sum(axis=0, keepdims=True)
    observed, shares = observed_and_shares(totals)
    expected = gwet_chance(sums.weights, shares)
    (value,) = corrected(observed, expected)
    if n < 2 or not np.isfinite(value):
        return None
    c = len(sums.weights)
    own = n / totals[0, 1] * (by_unit[:, 0] - expected * by_unit[:, 1]) / (1 - expected)
    own_expected = sums.weights.sum() / (c * (c - 1)) * (by_unit[:, 3:] @ (1 - shares[0]))
    linear = own - 2 * (1 - value) * (own_expected - expected) / (1 - expected)
    return float(np.sqrt(np.square(linear - value).sum() / (n * (n - 1))))


def conger_kappa(labels: Labels, level: Level) -> Prepared:
    """Conger's κ: Cohen's of several annotators; chance agreement by how often each of them gives each value.

    Conger 1980, Psychological Bulletin 88; with missing labels as Gwet 2014, section 2.4.
    """
    sums = Sums.of(labels, level)
    c = labels.domain.size
    annotators, annotator = np.unique(labels.annotator, return_inverse=True)
    a = annotators.size
    clusters, cluster = np.unique(labels.cluster, return_inverse=True)
    by_annotator = sparse.coo_array(
        (np.ones(labels.unit.size), (cluster[labels.unit], annotator * c + labels.value)), (clusters.size, a * c)
    )
    contributions = sparse.hstack([by_annotator, sums_by_cluster(sums.by_unit, labels.cluster)], format="csr")

    def kappa(totals: Values) -> Values:
        given = totals[:, : a * c].reshape(-1, a, c)
        n = given.sum(axis=2, keepdims=True)
        there = n > 0
        shares = np.divide(given, n, out=np.zeros_like(given), where=there)
        n_there = there.sum(axis=1)
        mean = share(shares.sum(axis=1), n_there)
        spread = np.where(there, shares - mean[:, None, :], 0)
        products = np.einsum("bgi,ij,bgj->b", spread, sums.weights, spread)
        n_annotators = n_there[:, 0]
        between = share(products, n_annotators * (n_annotators - 1))
        expected = np.einsum("bi,ij,bj->b", mean, sums.weights, mean) - between
        return corrected(observed_and_shares(totals[:, a * c :])[0], expected)

    return Prepared(contributions, kappa)
