"""What people's choices between two responses show of their habits, and how fast they work."""

from dataclasses import dataclass

import numpy as np
import scipy
from numpy.typing import NDArray
from scipy.special import expit, ndtri

from evaluation.stats.by_person import (
    Figure,
    Rows,
    Values,
    cells,
    counts,
    design_effects,
    effective,
    figures,
    mean_figures,
    rows_of,
    sums,
    wilson_intervals,
)
from evaluation.stats.intervals import COVERAGE, share
from evaluation.stats.results import NO_CHOICE, NO_TIMES, NO_TRIPLES, SAME_LENGTH

Z = float(ndtri((1 + COVERAGE) / 2))
TOLERANCE, MOST_STEPS, LONGEST_STEP = 1e-9, 100, 2.0

QUICK = 1 / 3
"""A label is quick if it took less than this share of the usual time."""


@dataclass(frozen=True)
class Judged:
    """m outcomes of pairs of responses.

    annotator, item, cluster (m,): who, at which task, of which prompt. left, right (m,): the responses;
    left_endpoint, right_endpoint (m,): where these are from. outcome (m,): 1 left won, 0 tie, −1 right won.
    left_first (m,): whether the left response was shown before the right one.
    length_difference (m,): log2 of the left response's length over the right one's, so 1 is twice as long.
    """

    annotator: Rows
    item: Rows
    cluster: Rows
    left: Rows
    right: Rows
    left_endpoint: Rows
    right_endpoint: Rows
    outcome: NDArray[np.int8]
    left_first: NDArray[np.bool_]
    length_difference: Values


@dataclass(frozen=True)
class Worked:
    """annotator, seconds (k,): who was active for how long at one annotation, of those that were timed."""

    annotator: Rows
    seconds: Values


def position_bias(judged: Judged, n_annotators: int) -> list[Figure]:
    """How often the response shown first wins, of pairs with a winner. p: of one half, by the binomial test.

    Wilson's interval. Both count a ranking as what it is worth in separate pairs.
    """
    decided = judged.outcome != 0
    who = judged.annotator[decided]
    first_won = (judged.outcome[decided] > 0) == judged.left_first[decided]
    effect, _clusters = design_effects(first_won - 0.5, who, judged.cluster[decided], n_annotators)
    n, won = counts(who, n_annotators), sums(first_won, who, n_annotators)
    k, of = effective(won, n, effect)
    p = np.minimum(2 * scipy.stats.binom.cdf(np.minimum(k, of - k), of, 0.5), 1)  # binomtest's, of all at once
    low, high = wilson_intervals(k, of)
    return figures(n, share(won, n), low, high, p, NO_CHOICE)


def length_bias(judged: Judged, n_annotators: int) -> tuple[list[Figure], Values]:
    """By how much the log-odds of winning grow when a response is twice as long, and (a,) p of what the others have.

    Logistic regression of winning on the difference in log2 length, without a constant, since which response is left
    means nothing; ties say nothing. Half a win for the longer and half for the shorter response are added at the
    person's typical difference, the log-F(1, 1) prior (Greenland and Mansournia 2015, Statistics in Medicine 34): who
    chose the longer one always has a finite slope, too. p in the figures: of no slope. The others' slope is the mean of
    theirs weighted by 1/variance. A liking that all share is no bias of anybody's, so look at the second p.
    """
    kept = (judged.outcome != 0) & (judged.length_difference != 0)
    who, x, won = judged.annotator[kept], judged.length_difference[kept], judged.outcome[kept] > 0
    n = counts(who, n_annotators)
    typical = np.sqrt(share(sums(x**2, who, n_annotators), n))
    standard = x / typical[who]
    slope, information = fit_slopes(standard, won, who, n_annotators)
    residual = standard * (won - expit(slope[who] * standard))
    effect, _clusters = design_effects(residual, who, judged.cluster[kept], n_annotators)
    error = np.sqrt(effect / information) / typical
    slope /= typical
    weight = np.nan_to_num(error**-2)
    others = share((weight * np.nan_to_num(slope)).sum() - weight * np.nan_to_num(slope), weight.sum() - weight)
    apart = np.abs(slope - others) / np.sqrt(error**2 + share(np.ones(n_annotators), weight.sum() - weight))
    p = 2 * scipy.stats.norm.sf(np.abs(slope) / error)
    found = figures(n, slope, slope - Z * error, slope + Z * error, p, SAME_LENGTH, others)
    return found, 2 * scipy.stats.norm.sf(apart)


def fit_slopes(x: Values, won: NDArray[np.bool_], who: Rows, n_annotators: int) -> tuple[Values, Values]:
    """(a,) slopes of logit P(won) on x (m,) with mean square 1, and their information, by Newton's method."""
    slope = np.zeros(n_annotators)
    for _step in range(MOST_STEPS):
        p, prior = expit(slope[who] * x), expit(slope)
        information = sums(x**2 * p * (1 - p), who, n_annotators) + prior * (1 - prior)
        step = (sums(x * (won - p), who, n_annotators) + 0.5 - prior) / information
        slope += np.clip(step, -LONGEST_STEP, LONGEST_STEP)
        if np.abs(step).max(initial=0) < TOLERANCE:
            break
    return slope, information


def intransitive(judged: Judged, n_annotators: int, seed: int, resamples: int) -> list[Figure]:
    """Of each three responses that a person compared in separate pairs with a winner: the share that goes in a circle.

    By chance it is ¼ (Kendall and Babington Smith 1940, Biometrika 31). Rankings cannot go in circles and are left out.
    """
    person, turns, cluster = triples(judged)
    return mean_figures(turns.astype(float), person, cluster, n_annotators, NO_TRIPLES, seed, resamples)


def triples(judged: Judged) -> tuple[Rows, NDArray[np.bool_], Rows]:
    """Of every three responses that one person compared pairwise: the person, whether in a circle, and the prompt."""
    of_act, act = cells(judged.annotator, judged.item)
    single = counts(act, of_act.size)[act] == 1
    responses, ends = np.unique(np.stack([judged.left[single], judged.right[single]]), return_inverse=True)
    low, high = np.sort(ends.reshape(2, -1), axis=0)
    lower_won = np.where(ends.reshape(2, -1)[0] == low, judged.outcome[single], -judged.outcome[single])
    width = max(responses.size, 1)
    keys, first, edge = np.unique(
        (judged.annotator[single] * width + low) * width + high, return_index=True, return_inverse=True
    )
    balance = sums(lower_won, edge, keys.size)  # of who compared the same two more than once
    decided = balance != 0
    keys, balance, cluster = keys[decided], balance[decided], judged.cluster[single][first[decided]]
    one, other = fellows(keys // width)
    from_high, to_high = keys[one] % width, keys[other] % width
    start = keys[one] // width
    third = (start // width * width + from_high) * width + to_high
    place = np.minimum(np.searchsorted(keys, third), max(keys.size - 1, 0))
    closed = keys[place] == third if keys.size else np.zeros(0, dtype=bool)
    one, other, place = one[closed], other[closed], place[closed]
    # With a < b < c: a over b, b over c, c over a; or all three the other way.
    turns = (balance[one] > 0) == (balance[place] > 0)
    turns &= (balance[one] > 0) != (balance[other] > 0)
    return start[closed] // width, turns, cluster[one]


def fellows(group: Rows) -> tuple[Rows, Rows]:
    """All two rows, the earlier first, that have the same of `group` (k,), which is in ascending order."""
    ones, others = [np.empty(0, dtype=np.intp)], [np.empty(0, dtype=np.intp)]
    for apart in range(1, int(np.bincount(np.unique(group, return_inverse=True)[1]).max(initial=1))):
        row = np.flatnonzero(group[apart:] == group[:-apart])
        ones.append(row)
        others.append(row + apart)
    return np.concatenate(ones), np.concatenate(others)


def usual_seconds(worked: Worked) -> float:
    """The median of people's medians, so that who labels most does not set the pace; NaN if nobody was timed."""
    people = rows_of(worked.annotator, int(worked.annotator.max(initial=-1)) + 1)
    medians = [np.median(worked.seconds[rows]) for rows in people if rows.size]
    return float(np.median(medians)) if medians else np.nan


def speed(worked: Worked, n_annotators: int, usual: float) -> tuple[list[Figure], list[Figure]]:
    """Each person's median active seconds, with the distribution-free interval of a median; and the share of labels
    that took less than QUICK of the usual seconds, with Wilson's. p of the second: of at most half being so quick, by
    the sign test. Beside both is what is usual: the seconds, and the share of everybody's labels together.
    """
    n = counts(worked.annotator, n_annotators)
    quick = sums(worked.seconds < QUICK * usual, worked.annotator, n_annotators)
    median, low, high = np.full((3, n_annotators), np.nan)
    tail = scipy.stats.binom.ppf((1 - COVERAGE) / 2, n, 0.5).astype(int)  # as in scipy's quantile_test, of all at once
    for one, rows in enumerate(rows_of(worked.annotator, n_annotators)):
        if rows.size:
            seconds = np.sort(worked.seconds[rows])
            median[one] = np.median(seconds)
            if tail[one]:
                low[one], high[one] = seconds[tail[one] - 1], seconds[-tail[one]]
    least, most = wilson_intervals(quick, n)
    none = np.full(n_annotators, np.nan)
    together = float(share(quick.sum(), n.sum()))
    return (
        figures(n, median, low, high, none, NO_TIMES, usual),
        figures(n, share(quick, n), least, most, scipy.stats.binom.sf(quick - 1, n, 0.5), NO_TIMES, together),
    )
