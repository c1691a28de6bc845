"""What people say together: the likeliest true value of each unit, and one ranking of a prompt's responses."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse.csgraph import connected_components
from scipy.special import logsumexp

from evaluation.stats.labels import Labels
from evaluation.stats.results import NOBODY_SHARED, Undefined

Values = NDArray[np.float64]

TOLERANCE, MOST_ITERATIONS = 1e-8, 1000


@dataclass(frozen=True)
class DawidSkene:
    """What the labels of u units say of these, and of their a annotators; c values.

    posterior (u, c): how probable each value is to be the true one of each unit.
    prevalence (c,): the share of units whose true value it is.
    confusion (a, c, c): by annotator and true value, the shares of what is said; NaN where an annotator has no units of
    that value. seen (a, c): how many labels these shares rest on.
    converged, n_iter: whether the likelihood has stopped growing, and after how many rounds.
    """

    posterior: Values
    prevalence: Values
    confusion: Values
    seen: Values
    converged: bool
    n_iter: int


def dawid_skene(labels: Labels, n_annotators: int) -> DawidSkene:
    """Error rates of annotators and true values of units at once, by maximum likelihood.

    EM from the share of labels of each value (Dawid and Skene 1979, Applied Statistics 28(1)); labels of one unit are
    taken as independent given its true value, several of one annotator as well. A unit without labels has the
    prevalence as its posterior. Raises Undefined where no unit has two labels: then nothing tells errors from truth.
    """
    said = labels_of_units(labels, n_annotators)
    n = said.sum(axis=1)
    if n.max(initial=0) < 2:
        raise Undefined(NOBODY_SHARED)
    size = labels.domain.size
    labeled = n > 0
    posterior = labels.counts / np.maximum(n, 1)[:, None]
    likelihood, converged, n_iter = -np.inf, False, 0
    with np.errstate(divide="ignore", invalid="ignore"):
        while not converged and n_iter < MOST_ITERATIONS:
            n_iter += 1
            given = (said.T @ posterior).reshape(n_annotators, size, size)
            seen = given.sum(axis=1)
            confusion = given / seen[:, None, :]
            prevalence = posterior[labeled].mean(axis=0)
            joint = np.log(prevalence) + said @ np.log(np.nan_to_num(confusion)).reshape(-1, size)
            of_unit = logsumexp(joint, axis=1)
            posterior = np.exp(joint - of_unit[:, None])
            last, likelihood = likelihood, float(of_unit[labeled].sum())
            converged = likelihood - last <= TOLERANCE * abs(likelihood)
    return DawidSkene(posterior, prevalence, confusion.transpose(0, 2, 1), seen, converged, n_iter)


def labels_of_units(labels: Labels, n_annotators: int) -> sparse.csr_array:
    """(u, a·c): how often each annotator gave each unit each value."""
    column = labels.annotator * labels.domain.size + labels.value
    shape = labels.item.size, n_annotators * labels.domain.size
    return sparse.csr_array((np.ones(labels.unit.size), (labels.unit, column)), shape=shape)


def ranked_pairs(wins: Values) -> NDArray[np.intp]:
    """(k,) ranks of k responses, 1 for the best, from wins (k, k): how often the row's was put above the column's.

    Tideman's ranked pairs (Tideman 1987, Social Choice and Welfare 4): majorities are locked in by their margin, the
    widest first, but for those that would close a circle. Majorities of one margin are taken together, and those that
    would close a circle with one another are all left out: so nothing depends on how responses are numbered, where
    Tideman draws lots. A rank is 1 + the number of responses above; who is not above one another may share it.
    """
    margin = wins - wins.T
    locked = np.zeros(wins.shape, dtype=bool)
    for strength in np.unique(margin[margin > 0])[::-1]:
        possible = (margin == strength) & ~above(locked).T
        _n, circle = connected_components(locked | possible, connection="strong")
        locked |= possible & (circle[:, None] != circle[None, :])
    ranks: NDArray[np.intp] = 1 + above(locked).sum(axis=0)
    return ranks


def above(locked: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """(k, k): whether the row is above the column, directly or by way of others."""
    reached = locked.copy()
    for by_way_of in range(len(locked)):
        reached |= reached[:, by_way_of, None] & reached[None, by_way_of]
    return reached
