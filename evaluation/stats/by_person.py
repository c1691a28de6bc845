"""Figures of many people at once, from arrays by label.

People are numbered from 0 to a − 1. What one person says of one prompt is not independent, so every interval and every
test here counts prompts, not labels: shares are resampled by prompt, and variances that would hold for independent
labels are multiplied by the design effect (Rao and Scott 1992, Biometrics 48).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evaluation.stats.intervals import cluster_bootstrap, share, sums_by_cluster, wilson

Rows = NDArray[np.intp]
Values = NDArray[np.float64]
Texts = NDArray[np.object_]


@dataclass(frozen=True)
class Figure:
    """What one number about one person comes to.

    low, high: its 95 % interval. n: the observations it rests on. p: of the hypothesis that its function names.
    others: the same number of everybody else, to compare with. undefined: why there is no value.
    """

    value: float | None
    low: float | None
    high: float | None
    n: int
    p: float | None = None
    others: float | None = None
    undefined: str | None = None


def figures(
    n: Values,
    value: Values,
    low: Values,
    high: Values,
    p: Values,
    reason: str | Texts,
    others: Values | float = np.nan,
) -> list[Figure]:
    """From arrays (a,), with NaN for what there is not. Where `value` is NaN it is undefined for `reason`."""
    columns = np.stack(np.broadcast_arrays(value, low, high, p, others), axis=1).tolist()
    reasons = np.broadcast_to(np.asarray(reason, dtype=object), n.shape)
    found = []
    for count, numbers, why in zip(n.astype(int).tolist(), columns, reasons, strict=True):
        known, least, most, chance, beside = (None if np.isnan(number) else number for number in numbers)
        found.append(
            Figure(None, None, None, count, None, beside, why)
            if known is None
            else Figure(known, least, most, count, chance, beside)
        )
    return found


def sums(values: NDArray[np.generic], person: Rows, n_people: int) -> Values:
    """(a,) of `values` (n,) by person."""
    return np.bincount(person, weights=values, minlength=n_people).astype(np.float64)


def counts(person: Rows, n_people: int) -> Values:
    """(a,) rows of each person."""
    return np.bincount(person, minlength=n_people).astype(np.float64)


def cells(person: Rows, other: Rows) -> tuple[Rows, Rows]:
    """The person of each different pair of `person` and `other` (n,), and which of these pairs each row has."""
    names, number = np.unique(other, return_inverse=True)
    width = max(names.size, 1)
    keys, cell = np.unique(person * width + number, return_inverse=True)
    return keys // width, cell


def rows_of(person: Rows, n_people: int) -> list[Rows]:
    """Each person's rows."""
    ends = np.cumsum(np.bincount(person, minlength=n_people))
    return np.split(np.argsort(person, kind="stable"), ends[:-1])


def design_effects(residual: Values, person: Rows, cluster: Rows, n_people: int) -> tuple[Values, Values]:
    """By how much sums of each person's residuals (n,) vary more than those of independent labels, and how many
    clusters there are of each; both (a,).

    Σ over clusters of (Σ residual)² / Σ residual², at least 1. Residuals are from what the hypothesis expects, so that
    who gives the same answer throughout does not seem to be sure of each by itself.
    """
    of_cell, cell = cells(person, cluster)
    squares = sums(residual**2, person, n_people)
    together = sums(sums(residual, cell, of_cell.size) ** 2, of_cell, n_people)
    effect = np.divide(together, squares, out=np.ones(n_people), where=squares > 0)
    return np.maximum(effect, 1), counts(of_cell, n_people)


def effective(n_of: Values, n: Values, effect: Values) -> tuple[Rows, Rows]:
    """Shares n_of / n as whole numbers of independent labels that would tell as much (Rao and Scott 1992)."""
    return np.rint(n_of / effect).astype(np.intp), np.rint(n / effect).astype(np.intp)


def wilson_intervals(n_of: Values | Rows, n: Values | Rows) -> tuple[Values, Values]:
    """The ends of the intervals of shares n_of / n, all (a,)."""
    ends = [wilson(k, of) for k, of in zip(n_of.tolist(), n.tolist(), strict=True)]
    low, high = np.array([(interval.low, interval.high) for interval in ends], dtype=np.float64).reshape(-1, 2).T
    return low, high


def mean_figures(
    score: Values, person: Rows, cluster: Rows, n_people: int, reason: str, seed: int, resamples: int
) -> list[Figure]:
    """Each person's mean of scores (n,) from 0 to 1, with what all others have.

    Intervals by the cluster bootstrap. Where the mean is 0 or 1 that has nothing to vary; there Wilson's interval is
    given, each cluster being one observation.
    """
    n, total = counts(person, n_people), sums(score, person, n_people)
    mean = share(total, n)
    low, high = np.full((2, n_people), np.nan)
    for one, rows in enumerate(rows_of(person, n_people)):
        if not rows.size:
            continue
        totals = sums_by_cluster(np.stack([score[rows], np.ones(rows.size)], axis=1), cluster[rows])
        if mean[one] in (0, 1):
            interval = wilson(mean[one] * len(totals), len(totals))
        else:
            (interval,) = cluster_bootstrap(totals, mean_of_totals, seed, resamples)
        if interval.low is not None:
            low[one], high[one] = interval.low, interval.high
    others = share(total.sum() - total, n.sum() - n)
    return figures(n, mean, low, high, np.full(n_people, np.nan), reason, others)


def mean_of_totals(totals: Values) -> Values:
    """Totals (b, 2) of scores and of their number → (b, 1) means."""
    return share(totals[:, :1], totals[:, 1:])
