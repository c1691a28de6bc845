"""Whether a person's choices are like those that others made between the same endpoints."""

import numpy as np
import scipy
from scipy.special import xlogy

from evaluation.stats.by_person import Figure, Rows, Values, cells, counts, design_effects, figures, sums
from evaluation.stats.habits import Judged
from evaluation.stats.intervals import share
from evaluation.stats.results import NO_HISTORY

OUTCOMES = 3


def anomaly(judged: Judged, n_annotators: int) -> list[Figure]:
    """Fisher's M = −2 Σ log p over a person's j pairs; the figure's p is from χ²(2j), large M being unusual.

    Chiang et al. 2024 (arXiv 2403.04132, section 5.1, equation 10): p of one outcome comes from H, the outcomes that
    others gave between the same two endpoints. There p = (1 + #{h ≥ H'}) / (|H| + 1), looked at at five random moments.
    Here

    - the outcomes are ordered by how rare they are in H and the outcome itself, so that p does not depend on which
      endpoint is called the first, and every unusual habit counts, not only liking one side;
    - −2 log p is replaced by its mean over the interval that an outcome as common as this one covers (Lancaster 1949,
      Biometrika 36), without which three possible outcomes make M far too small;
    - M and 2j are divided by a factor for labels of one prompt being alike (Brown 1975, Biometrics 31), and for H being
      a sample no larger than it is;
    - it is looked at once, with all the labels there are.

    No interval: M is a test's. Expected are 2j, so M / 2n says how unusual the choices are.
    """
    differ = judged.left_endpoint != judged.right_endpoint
    left, right = judged.left_endpoint[differ], judged.right_endpoint[differ]
    outcome = np.where(left < right, judged.outcome[differ], -judged.outcome[differ]) + 1
    _of_pair, pair = cells(np.minimum(left, right), np.maximum(left, right))
    who, cell = cells(judged.annotator[differ], pair)
    pair_of_cell = np.zeros(who.size, dtype=np.intp)
    pair_of_cell[cell] = pair
    own = tally(cell, outcome, who.size)
    history = tally(pair, outcome, pair.max(initial=-1) + 1)[pair_of_cell] - own
    size = history.sum(axis=1)
    asked = size[cell] > 0
    person = who[cell][asked]
    surprise = surprises(history)[cell[asked], outcome[asked]]
    n, total = counts(person, n_annotators), sums(surprise, person, n_annotators)
    effect, _clusters = design_effects(surprise - 2, person, judged.cluster[differ][asked], n_annotators)
    sampled = share(sums(np.nan_to_num(share(own.sum(axis=1) ** 2, size)), who, n_annotators), n)
    scale = effect * (1 + sampled)
    p = scipy.stats.chi2.sf(total / scale, 2 * n / scale)
    nothing = np.full(n_annotators, np.nan)
    return figures(n, np.where(n > 0, total, np.nan), nothing, nothing, p, NO_HISTORY)


def tally(group: Rows, outcome: Rows, n_groups: int) -> Values:
    """(g, 3) how often each outcome came in each group."""
    return counts(group * OUTCOMES + outcome, n_groups * OUTCOMES).reshape(-1, OUTCOMES)


def surprises(history: Values) -> Values:
    """(k, 3): the mean of −2 log p of each outcome, when history (k, 3) and that outcome are equally likely to come in
    any order. Its mean over them is 2.
    """
    bag = history[:, None, :] + np.eye(OUTCOMES)
    mine = bag.diagonal(axis1=1, axis2=2)[:, :, None]
    size = bag.sum(axis=2)
    upper, lower = ((bag * rarer).sum(axis=2) / size for rarer in (bag <= mine, bag < mine))
    surprise: Values = 2 - 2 * (xlogy(upper, upper) - xlogy(lower, lower)) / (upper - lower)
    return surprise
