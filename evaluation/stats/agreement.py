"""How much annotators agree. Pure functions over arrays; definitions and sources in each docstring.

A *unit* is what gets one label from each annotator: a pair of responses for comparisons, a response for ratings.
An *item* is a task; units of one item, and items of one prompt, are not independent, so intervals resample prompts.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from itertools import combinations
from typing import Literal

import krippendorff
import numpy as np
from numpy.typing import NDArray
from statsmodels.stats.inter_rater import cohens_kappa
from statsmodels.stats.inter_rater import fleiss_kappa as statsmodels_fleiss_kappa

from evaluation.stats.intervals import RESAMPLES, cluster_bootstrap
from evaluation.stats.results import (
    NO_VARIATION,
    NOBODY_SHARED,
    NOT_OF_PAIRS,
    ONLY_TIES,
    UNEQUAL_RATERS,
    Undefined,
)

Level = Literal["nominal", "ordinal", "interval"]
Rows = NDArray[np.intp]
Counts = NDArray[np.int64]


@dataclass(frozen=True)
class Labels:
    """Labels as arrays over n labels; u units are numbered from 0.

    unit (n,), annotator (n,): whose label of what. value (n,): an index into `domain`.
    domain (c,): the possible values in ascending order, as numbers.
    item (u,), cluster (u,): each unit's task and prompt.
    tie: the index in `domain` that says "neither is better"; None where labels are not comparisons.
    """

    unit: Rows
    annotator: Rows
    value: Rows
    domain: NDArray[np.float64]
    item: Rows
    cluster: Rows
    tie: int | None = None

    def counts(self) -> Counts:
        """(u, c): how many annotators gave each unit each value."""
        flat = np.bincount(self.unit * self.domain.size + self.value, minlength=self.item.size * self.domain.size)
        return flat.reshape(self.item.size, self.domain.size)


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


def measure(
    labels: Labels, statistic: str, level: Level, *, seed: int = 0, resamples: int = RESAMPLES
) -> list[Agreement]:
    """A named statistic of STATISTICS; Cohen's κ of several annotators is followed by that of each two of them."""
    return STATISTICS[statistic](labels, level, seed, resamples)


def krippendorff_alpha(labels: Labels, level: Level, seed: int, resamples: int = RESAMPLES) -> list[Agreement]:
    """Krippendorff's α = 1 − D_o/D_e; units with missing labels take part with those they have.

    Krippendorff 2011, Computing Krippendorff's Alpha-Reliability; computed by the library `krippendorff`.
    """
    counts = labels.counts()

    def alpha(rows: Rows) -> float:
        chosen = counts[rows]
        pairable = chosen[chosen.sum(axis=1) > 1]
        if not pairable.size:
            raise Undefined(NOBODY_SHARED)
        if np.count_nonzero(pairable.sum(axis=0)) < 2:
            raise Undefined(NO_VARIATION)
        return float(krippendorff.alpha(value_counts=chosen, value_domain=labels.domain, level_of_measurement=level))

    return [estimate("krippendorff_alpha", labels, level, alpha, seed, resamples)]


def fleiss_kappa(labels: Labels, level: Level, seed: int, resamples: int = RESAMPLES) -> list[Agreement]:
    """Fleiss' κ over the units with the commonest number of labels (at least two); always nominal.

    Fleiss 1971, Psychological Bulletin 76(5); computed by statsmodels.
    """
    counts = labels.counts()
    raters = counts.sum(axis=1)
    shared = raters[raters > 1]
    if not shared.size:
        return [undefined("fleiss_kappa", "nominal", NOBODY_SHARED)]
    commonest = np.bincount(shared).argmax()
    if shared.size > 1 and (shared == commonest).sum() < 2:
        return [undefined("fleiss_kappa", "nominal", UNEQUAL_RATERS)]
    even = keep_units(labels, raters == commonest)
    even_counts = even.counts()

    def kappa(rows: Rows) -> float:
        chosen = even_counts[rows]
        if np.count_nonzero(chosen.sum(axis=0)) < 2:
            raise Undefined(NO_VARIATION)
        return float(statsmodels_fleiss_kappa(chosen))

    return [estimate("fleiss_kappa", even, "nominal", kappa, seed, resamples)]


def cohen_kappa(labels: Labels, level: Level, seed: int, resamples: int = RESAMPLES) -> list[Agreement]:
    """Cohen's κ; with linear weights at the ordinal level, quadratic at the interval level.

    Of several annotators: the mean over all two of them who share a unit (Light 1971, Psychological Bulletin 76(5)),
    then each two by themselves. Cohen 1960 and 1968; computed by statsmodels.
    """
    table, annotators = label_table(labels)
    pairs = [
        (left, right)
        for left, right in combinations(range(len(annotators)), 2)
        if ((table[:, left] >= 0) & (table[:, right] >= 0)).any()
    ]
    if not pairs:
        return [undefined("cohen_kappa", level, NOBODY_SHARED)]

    def kappa(rows: Rows, left: int, right: int) -> float:
        a, b = table[rows, left], table[rows, right]
        both = (a >= 0) & (b >= 0)
        if not both.any():
            raise Undefined(NOBODY_SHARED)
        size = labels.domain.size
        confusion = np.bincount(a[both] * size + b[both], minlength=size * size).reshape(size, size)
        if np.count_nonzero(confusion.sum(axis=0) + confusion.sum(axis=1)) < 2:
            raise Undefined(NO_VARIATION)
        weights = {"nominal": None, "ordinal": "linear", "interval": "quadratic"}[level]
        return float(cohens_kappa(confusion, return_results=False, wt=weights))

    def mean(rows: Rows) -> float:
        values = []
        reason = NOBODY_SHARED
        for left, right in pairs:
            try:
                values.append(kappa(rows, left, right))
            except Undefined as none:
                reason = none.reason
        if not values:
            raise Undefined(reason)
        return float(np.mean(values))

    overall = estimate("cohen_kappa", labels, level, mean, seed, resamples)
    if len(pairs) == 1:
        return [overall]
    each = []
    for left, right in pairs:
        both = keep_annotators(labels, (annotators[left], annotators[right]))
        one = estimate("cohen_kappa", both, level, partial(kappa, left=left, right=right), seed, resamples)
        each.append(replace(one, annotators=(int(annotators[left]), int(annotators[right]))))
    return [overall, *each]


def agreement_with_ties(labels: Labels, level: Level, seed: int, resamples: int = RESAMPLES) -> list[Agreement]:
    """Share of equal outcomes over all two annotators of each pair of responses, a tie being an outcome of its own.

    Chance is 1/3. FastChat `compute_agreement` (Zheng et al. 2023, arXiv 2306.05685).
    """
    if labels.tie is None:
        return [undefined("agreement_with_ties", "nominal", NOT_OF_PAIRS)]
    return [
        estimate("agreement_with_ties", labels, "nominal", equal_share(labels.counts(), NOBODY_SHARED), seed, resamples)
    ]


def agreement_without_ties(labels: Labels, level: Level, seed: int, resamples: int = RESAMPLES) -> list[Agreement]:
    """The same over those annotators of a pair of responses who do not say tie. Chance is 1/2. Same source."""
    if labels.tie is None:
        return [undefined("agreement_without_ties", "nominal", NOT_OF_PAIRS)]
    decided = replace(
        labels, **{name: getattr(labels, name)[labels.value != labels.tie] for name in ("unit", "annotator", "value")}
    )
    return [
        estimate(
            "agreement_without_ties", decided, "nominal", equal_share(decided.counts(), ONLY_TIES), seed, resamples
        )
    ]


STATISTICS: dict[str, Callable[[Labels, Level, int, int], list[Agreement]]] = {
    "krippendorff_alpha": krippendorff_alpha,
    "fleiss_kappa": fleiss_kappa,
    "cohen_kappa": cohen_kappa,
    "agreement_with_ties": agreement_with_ties,
    "agreement_without_ties": agreement_without_ties,
}


def equal_share(counts: Counts, reason: str) -> Callable[[Rows], float]:
    """Over units given by row: pairs of equal labels / pairs of labels."""
    equal = (counts * (counts - 1) // 2).sum(axis=1)
    raters = counts.sum(axis=1)
    pairs = raters * (raters - 1) // 2

    def share(rows: Rows) -> float:
        total = pairs[rows].sum()
        if not total:
            raise Undefined(reason)
        return float(equal[rows].sum() / total)

    return share


def estimate(
    statistic: str, labels: Labels, level: Level, compute: Callable[[Rows], float], seed: int, resamples: int
) -> Agreement:
    """`compute` on all units, with its interval and the sizes it rests on."""
    raters = labels.counts().sum(axis=1)
    shared = raters > 1
    n_items = int(np.unique(labels.item[shared]).size)
    n_annotators = int(np.unique(labels.annotator[shared[labels.unit]]).size)
    n_pairs = int((raters * (raters - 1) // 2).sum())
    try:
        value = compute(np.arange(labels.item.size))
    except Undefined as none:
        return Agreement(statistic, level, None, None, None, n_items, n_annotators, n_pairs, none.reason)
    (interval,) = cluster_bootstrap(compute, labels.cluster, seed, resamples)
    return Agreement(statistic, level, value, interval.low, interval.high, n_items, n_annotators, n_pairs)


def undefined(statistic: str, level: Level, reason: str) -> Agreement:
    return Agreement(statistic, level, None, None, None, 0, 0, 0, reason)


def keep_units(labels: Labels, kept: NDArray[np.bool_]) -> Labels:
    """Only the units where `kept` (u,) is true, numbered anew."""
    number = np.cumsum(kept) - 1
    of_kept = kept[labels.unit]
    return replace(
        labels,
        unit=number[labels.unit[of_kept]],
        annotator=labels.annotator[of_kept],
        value=labels.value[of_kept],
        item=labels.item[kept],
        cluster=labels.cluster[kept],
    )


def keep_annotators(labels: Labels, annotators: tuple[int, int]) -> Labels:
    """Only what these annotators said; the units stay as they are."""
    kept = np.isin(labels.annotator, annotators)
    return replace(labels, unit=labels.unit[kept], annotator=labels.annotator[kept], value=labels.value[kept])


def label_table(labels: Labels) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """(u, a): each annotator's label of each unit, −1 where missing; and which annotator each column is."""
    annotators, column = np.unique(labels.annotator, return_inverse=True)
    table = np.full((labels.item.size, annotators.size), -1, dtype=np.intp)
    table[labels.unit, column] = labels.value
    return table, annotators


def majority(labels: Labels) -> tuple[Counts, int]:
    """The consensus label by majority: how many units have each value (c,) as the one given most, and how many none.

    A unit whose commonest values are equally common has no majority. Units without labels do not count.
    """
    counts = labels.counts()
    counts = counts[counts.sum(axis=1) > 0]
    if not counts.size:
        return np.zeros(labels.domain.size, dtype=np.int64), 0
    most = counts.max(axis=1, keepdims=True)
    clear = (counts == most).sum(axis=1) == 1
    return np.bincount(counts[clear].argmax(axis=1), minlength=labels.domain.size), int((~clear).sum())
