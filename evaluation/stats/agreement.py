"""How much annotators agree: every statistic by its name, with its interval. Pure functions over arrays."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import scipy
from numpy.typing import NDArray

from evaluation.stats.coefficients import (
    Prepared,
    brennan_prediger,
    conger_kappa,
    fleiss_kappa,
    gwet_ac,
    gwet_standard_error,
    krippendorff_alpha,
    percent_agreement,
)
from evaluation.stats.cohen import Asymptotic, cohen_asymptotic, cohen_kappa, confusions
from evaluation.stats.icc import icc, icc_mean
from evaluation.stats.intervals import COVERAGE, RESAMPLES, cluster_bootstrap, numbered, share, sums_by_cluster
from evaluation.stats.labels import Labels, Level, keep_annotators, keep_labels, label_pairs
from evaluation.stats.rankings import kendall_tau, kendall_w
from evaluation.stats.results import NOBODY_SHARED, NOT_OF_PAIRS, NOT_OF_RANKINGS, NOT_OF_RATINGS, ONLY_TIES

YES_OR_NO = 2


@dataclass(frozen=True)
class Agreement:
    """One statistic with its 95 % cluster-bootstrap interval.

    n_items: tasks in which some unit was labeled by two people. n_annotators: who took part in those.
    n_pairs: pairs of labels of one unit by two people that were compared.
    """

    statistic: str
    level: Level
    value: float | None
    low: float | None
    high: float | None
    n_items: int
    n_annotators: int
    n_pairs: int
    undefined: str | None = None
    annotators: tuple[int, int] | None = None
    """For a statistic of two annotators among more: which."""
    asymptotic: Asymptotic | None = None
    """What large-sample theory says instead, where there is such a theory for it."""


def measure(
    labels: Labels, statistic: str, level: Level, *, seed: int = 0, resamples: int = RESAMPLES
) -> list[Agreement]:
    """A named statistic of STATISTICS; Cohen's κ of several annotators is followed by that of each two of them."""
    overall = estimate(labels, statistic, level, seed, resamples)
    if statistic != "cohen_kappa" or overall.n_annotators < 3 or overall.value is None:
        return [overall]
    each = []
    for one, other in confusions(labels).annotators.tolist():
        of_two = estimate(keep_annotators(labels, (one, other)), statistic, level, seed, resamples)
        each.append(replace(of_two, annotators=(one, other)))
    return [overall, *each]


def estimate(labels: Labels, statistic: str, level: Level, seed: int = 0, resamples: int = RESAMPLES) -> Agreement:
    """The statistic over all annotators together."""
    chosen = STATISTICS[statistic]
    level = level if chosen.has_levels else "nominal"
    if not chosen.applies_to(labels):
        return undefined(statistic, level, NOT_APPLICABLE[chosen.of])
    if statistic == "agreement_without_ties":
        labels = keep_labels(labels, labels.value != labels.tie)
    shared = labels.raters > 1
    if not shared.any():
        return undefined(statistic, level, ONLY_TIES if statistic == "agreement_without_ties" else NOBODY_SHARED)
    n_items, _item = numbered(labels.item[shared])
    n_annotators = int(np.count_nonzero(np.bincount(labels.annotator[shared[labels.unit]])))
    n_pairs = int((labels.raters * (labels.raters - 1) // 2).sum())
    prepared = chosen.prepare(labels, level)
    value = float(prepared.compute(np.atleast_2d(prepared.contributions.sum(axis=0)))[0])
    if not np.isfinite(value):
        return Agreement(statistic, level, None, None, None, n_items, n_annotators, n_pairs, prepared.otherwise)
    (interval,) = cluster_bootstrap(
        prepared.contributions, lambda totals: prepared.compute(totals)[:, None], seed, resamples
    )
    return Agreement(
        statistic,
        level,
        value,
        interval.low,
        interval.high,
        n_items,
        n_annotators,
        n_pairs,
        asymptotic=chosen.asymptotic(labels, level, value) if chosen.asymptotic else None,
    )


def undefined(statistic: str, level: Level, reason: str) -> Agreement:
    return Agreement(statistic, level, None, None, None, 0, 0, 0, reason)


def agreement_with_ties(labels: Labels, level: Level) -> Prepared:
    """Share of equal outcomes over all two annotators of each pair of responses, a tie being an outcome of its own.

    Chance is 1/3. FastChat `compute_agreement` (Zheng et al. 2023, arXiv 2306.05685).
    """
    return equal_share(labels)


def agreement_without_ties(labels: Labels, level: Level) -> Prepared:
    """The same over those annotators of a pair of responses who do not say tie. Chance is 1/2. Same source."""
    return equal_share(labels)


def equal_share(labels: Labels) -> Prepared:
    """Pairs of equal labels of a unit / pairs of labels."""
    equal = (labels.counts * (labels.counts - 1)).sum(axis=1)
    both = labels.raters * (labels.raters - 1)
    sums = sums_by_cluster(np.column_stack([equal, both]).astype(np.float64), labels.cluster)
    return Prepared(sums, lambda totals: share(totals[:, 0], totals[:, 1]))


def gwet_asymptotic(labels: Labels, level: Level, value: float) -> Asymptotic | None:
    """With Student's t for as many units as were labeled; the interval ends at 1."""
    error = gwet_standard_error(labels, level)
    if error is None:
        return None
    n = int((labels.raters > 0).sum())
    reach = error * float(scipy.stats.t.ppf((1 + COVERAGE) / 2, n - 1))
    return Asymptotic(error, value - reach, min(1.0, value + reach), value / error if error else None)


Of = Literal["all", "pairs", "rankings", "ratings"]

NOT_APPLICABLE = {"pairs": NOT_OF_PAIRS, "rankings": NOT_OF_RANKINGS, "ratings": NOT_OF_RATINGS}


@dataclass(frozen=True)
class Statistic:
    prepare: Callable[[Labels, Level], Prepared]
    of: Of = "all"
    has_levels: bool = True
    asymptotic: Callable[[Labels, Level, float], Asymptotic | None] | None = None

    def applies_to(self, labels: Labels) -> bool:
        """Rankings are of more than two responses; ratings on a scale, not yes or no."""
        if self.of == "rankings":
            return labels.pair is not None and numbered(labels.item)[0] < labels.item.size
        if self.of == "ratings":
            return labels.pair is None and labels.domain.size > YES_OR_NO
        return self.of == "all" or labels.pair is not None


STATISTICS: dict[str, Statistic] = {
    "krippendorff_alpha": Statistic(krippendorff_alpha),
    "gwet_ac": Statistic(gwet_ac, asymptotic=gwet_asymptotic),
    "fleiss_kappa": Statistic(fleiss_kappa),
    "conger_kappa": Statistic(conger_kappa),
    "brennan_prediger": Statistic(brennan_prediger),
    "cohen_kappa": Statistic(cohen_kappa, asymptotic=lambda labels, level, _value: cohen_asymptotic(labels, level)),
    "percent_agreement": Statistic(percent_agreement, has_levels=False),
    "agreement_with_ties": Statistic(agreement_with_ties, of="pairs", has_levels=False),
    "agreement_without_ties": Statistic(agreement_without_ties, of="pairs", has_levels=False),
    "kendall_tau": Statistic(kendall_tau, of="rankings", has_levels=False),
    "kendall_w": Statistic(kendall_w, of="rankings", has_levels=False),
    "icc": Statistic(icc, of="ratings", has_levels=False),
    "icc_mean": Statistic(icc_mean, of="ratings", has_levels=False),
}


@dataclass(frozen=True)
class Between:
    """Of two annotators: in how many of the n units that both labeled they said the same."""

    first: int
    second: int
    equal: int
    n: int


def between_annotators(labels: Labels) -> list[Between]:
    """Each two who share a unit, the lower number first."""
    found = confusions(labels)
    c = labels.domain.size
    n = np.bincount(found.pair, minlength=len(found.annotators))
    equal = np.bincount(found.pair, weights=found.cell // c == found.cell % c, minlength=len(found.annotators))
    rows = zip(found.annotators.tolist(), equal.astype(int).tolist(), n.tolist(), strict=True)
    return [Between(first, second, same, of) for (first, second), same, of in rows]


def confusion(labels: Labels) -> NDArray[np.float64]:
    """(c, c), symmetrical: how often one annotator of a unit says the row's value where another says the column's.

    Each two annotators of a unit count once, half for either order, so the table adds up to the pairs of labels.
    """
    c = labels.domain.size
    table = np.zeros((c, c))
    for left, right in label_pairs(labels):
        table += np.bincount(labels.value[left] * c + labels.value[right], minlength=c * c).reshape(c, c)
    return (table + table.T) / 2
