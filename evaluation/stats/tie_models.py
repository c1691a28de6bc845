"""Ratings from comparisons in which a tie is an outcome of its own, and not half a win for each.

How likely a tie is becomes a parameter beside the strengths. Both likelihoods are concave in the logarithms of these,
so Newton's method finds their maximum, for all resamples at once.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse.csgraph import NegativeCycleError, bellman_ford, connected_components

from evaluation.stats.bradley_terry import ELO_CENTRE, ELO_SCALE
from evaluation.stats.intervals import RESAMPLES, cluster_bootstrap
from evaluation.stats.preference import Comparisons, Score, ranked
from evaluation.stats.results import ALL_TIED, DISCONNECTED, NO_COMPARISONS, ONE_WAY, UNBOUNDED, Undefined

Rows = NDArray[np.intp]
Values = NDArray[np.float64]

CLOSE, MOST_STEPS, MOST_HALVINGS = 1e-9, 100, 40
OUTCOMES = 3
"""Of a pair, in this order: the second won, a tie, the first won."""


@dataclass(frozen=True)
class Fitted:
    """ratings (e,): on the Elo scale, with mean 1000. tie: Davidson's ν or Rao and Kupper's θ."""

    ratings: Values
    tie: float
    converged: bool


@dataclass(frozen=True)
class TieModel:
    """scores: of each endpoint, as Bradley–Terry ratings are. tie: ν or θ, its n being all comparisons."""

    scores: list[Score]
    tie: Score
    converged: bool


class Slopes(NamedTuple):
    """Of the log-likelihood (b,): first and second derivatives by the difference in log-strength of each of p pairs,
    (b, p), and by the logarithm of the tie parameter, (b,)."""

    likelihood: Values
    by_pair: Values
    by_tie: Values
    by_pair_twice: Values
    by_both: Values
    by_tie_twice: Values


@dataclass(frozen=True)
class Family:
    """slopes: from counts (b, 3, p), differences in log-strength (b, p) and log tie parameter (b,).

    among_equals: the log tie parameter by the share of ties, were all equally strong; it is exact where that is 0.
    """

    slopes: Callable[[Values, Values, Values], Slopes]
    among_equals: Callable[[Values], Values]


@dataclass(frozen=True)
class Meetings:
    """Who met, and how it went.

    compared (e,): the endpoints that were, here numbered anew. first, second (p,): the pairs of them that met.
    contributions (clusters, 3p): how often each prompt had each outcome of each pair.
    """

    compared: Rows
    first: Rows
    second: Rows
    contributions: sparse.csr_array

    def tables(self, totals: Values) -> tuple[Values, Values]:
        """Wins (e, e) and ties (e, e) from totals (3p,)."""
        wins, ties = np.zeros((2, self.compared.size, self.compared.size))
        lost, tied, won = totals.reshape(OUTCOMES, -1)
        wins[self.second, self.first], wins[self.first, self.second] = lost, won
        ties[self.second, self.first] = ties[self.first, self.second] = tied
        return wins, ties


def davidson(comparisons: Comparisons, *, seed: int = 0, resamples: int = RESAMPLES) -> TieModel:
    """Win : tie : loss of a against b are as π_a : ν√(π_a π_b) : π_b, so that ν = 0 leaves Bradley and Terry's model.

    R = 400·log10 π with mean 1000; intervals resample prompts. An endpoint that was never compared is undefined by
    itself; where no finite estimate exists, all others and ν are. Davidson 1970, JASA 65.
    """
    return estimate(DAVIDSON, comparisons, seed, resamples)


def rao_kupper(comparisons: Comparisons, *, seed: int = 0, resamples: int = RESAMPLES) -> TieModel:
    """P(a beats b) = π_a / (π_a + θπ_b), the rest being ties, so that θ = 1 leaves Bradley and Terry's model.

    Scale, intervals and what is undefined as in `davidson`. Rao and Kupper 1967, JASA 62.
    """
    return estimate(RAO_KUPPER, comparisons, seed, resamples)


def fit_davidson(wins: Values, ties: Values) -> Fitted:
    """From wins (e, e), of the row's endpoint over the column's, and ties (e, e), symmetric. Raises Undefined."""
    return fit(DAVIDSON, wins, ties)


def fit_rao_kupper(wins: Values, ties: Values) -> Fitted:
    """From wins and ties as `fit_davidson`. Raises Undefined."""
    return fit(RAO_KUPPER, wins, ties)


def fit(family: Family, wins: Values, ties: Values) -> Fitted:
    reason = impediment(wins, ties)
    if reason:
        raise Undefined(reason)
    first, second = np.nonzero(np.triu(wins + wins.T + ties, 1))
    counts = np.stack([wins[second, first], ties[first, second], wins[first, second]])[None]
    found, converged = maximise(family, counts, (first, second), np.zeros(len(wins)))
    return Fitted(on_elo_scale(found[0, :-1]), float(np.exp(found[0, -1])), bool(converged[0]))


def estimate(family: Family, comparisons: Comparisons, seed: int, resamples: int) -> TieModel:
    met = meetings(comparisons)
    n = np.bincount(np.concatenate([comparisons.left, comparisons.right]), minlength=comparisons.n_endpoints).tolist()
    try:
        fitted = fit(family, *met.tables(met.contributions.sum(axis=0)))
    except Undefined as none:
        return undefined(n, none.reason)
    start = (fitted.ratings - ELO_CENTRE) * np.log(10) / ELO_SCALE

    def statistic(totals: Values) -> Values:
        values = np.full((len(totals), start.size + 1), np.nan)
        patterns, pattern = np.unique(totals > 0, axis=0, return_inverse=True)
        exist = np.array([impediment(*met.tables(one)) is None for one in patterns])[pattern.ravel()]
        if exist.any():
            counts = totals[exist].reshape(-1, OUTCOMES, met.first.size)
            found, converged = maximise(family, counts, (met.first, met.second), start)
            found[~converged] = np.nan
            values[exist] = np.column_stack([on_elo_scale(found[:, :-1]), np.exp(found[:, -1])])
        return values

    *of_ratings, of_tie = cluster_bootstrap(met.contributions, statistic, seed, resamples)
    scores = [Score(None, None, None, 0, undefined=NO_COMPARISONS)] * comparisons.n_endpoints
    for endpoint, rating, interval in zip(met.compared.tolist(), fitted.ratings.tolist(), of_ratings, strict=True):
        scores[endpoint] = Score(rating, interval.low, interval.high, n[endpoint])
    tie = Score(fitted.tie, of_tie.low, of_tie.high, comparisons.left.size)
    return TieModel(ranked(scores), tie, fitted.converged)


def meetings(comparisons: Comparisons) -> Meetings:
    left, right, e = comparisons.left, comparisons.right, comparisons.n_endpoints
    compared, place = np.unique(np.concatenate([left, right]), return_inverse=True)
    left, right = place[: left.size], place[left.size :]
    first, second = np.minimum(left, right), np.maximum(left, right)
    names, pair = np.unique(first * e + second, return_inverse=True)
    outcome = np.where(left == first, comparisons.outcome, -comparisons.outcome).astype(np.intp) + 1
    clusters, cluster = np.unique(comparisons.cluster, return_inverse=True)
    contributions = sparse.csr_array(
        (np.ones(cluster.size), (cluster, outcome * names.size + pair)), shape=(clusters.size, OUTCOMES * names.size)
    )
    return Meetings(compared, names // e, names % e, contributions)


def undefined(n: list[int], reason: str) -> TieModel:
    scores = [Score(None, None, None, one, undefined=reason if one else NO_COMPARISONS) for one in n]
    return TieModel(scores, Score(None, None, None, sum(n) // 2, undefined=reason), converged=False)


def impediment(wins: Values, ties: Values) -> str | None:
    """Why these (e, e) have no finite estimate, if so.

    The maximum is at infinity if for some c ≥ 0 there are strengths s, not all equal where c = 0, with s_i − s_j ≥ c
    wherever i beat j and |s_i − s_j| ≤ c wherever they tied. For c = 0 there are, unless wins and ties lead from every
    endpoint to every other (Ford 1957). For c > 0 there are, unless some cycle has more wins than ties: these are the
    constraints of shortest paths.
    """
    reason = unrated(wins + ties)
    if reason or not ties.any():
        return reason
    if not wins.any():
        return ALL_TIED
    try:
        bellman_ford(np.where(wins > 0, -1.0, (ties > 0).astype(np.float64)), indices=0)
    except NegativeCycleError:
        return None
    return ONE_WAY


def unrated(wins: Values) -> str | None:
    """Why no finite ratings fit wins (e, e), in which ties count for both, if so (Ford 1957)."""
    if not wins.size:
        return NO_COMPARISONS
    if connected_components(wins > 0, directed=False, return_labels=False) > 1:
        return DISCONNECTED
    if connected_components(wins > 0, connection="strong", return_labels=False) > 1:
        return UNBOUNDED
    return None


def maximise(
    family: Family, counts: Values, pairs: tuple[Rows, Rows], start: Values
) -> tuple[Values, NDArray[np.bool_]]:
    """Maximum likelihood of b data sets that have one, by Newton's method; a step is halved until it ascends.

    counts (b, 3, p): of the outcomes of p pairs of endpoints. start (e,): log-strengths to begin with.
    Returns (b, e+1), log-strengths with mean 0 and the log tie parameter, and (b,) whether it converged.
    """
    first, second = pairs
    e = start.size
    ends = np.zeros((first.size, e))
    ends[np.arange(first.size), first], ends[np.arange(first.size), second] = 1, -1
    tied = counts[:, 1].sum(axis=1)
    with np.errstate(divide="ignore"):
        log_tie = family.among_equals(tied / counts.sum(axis=(1, 2)))
    at = np.column_stack([np.tile(start, (len(counts), 1)), log_tie])

    def slopes(at: Values) -> Slopes:
        with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
            return family.slopes(counts, at[:, first] - at[:, second], at[:, -1])

    here = slopes(at)
    converged = np.zeros(len(counts), dtype=bool)
    for _step in range(MOST_STEPS):
        gradient = np.column_stack([here.by_pair @ ends, np.where(tied > 0, here.by_tie, 0)])
        step = np.linalg.solve(information(here, pairs, ends, tied), gradient[..., None])[..., 0]
        converged = np.abs(step).max(axis=1) < CLOSE
        for _halving in range(MOST_HALVINGS):
            there = slopes(at + step)
            descends = ~(there.likelihood >= here.likelihood - CLOSE * np.abs(here.likelihood))
            if not descends.any():
                break
            step[descends] /= 2
        at, here = at + step, there
        if converged.all():
            break
    return at, converged


def information(here: Slopes, pairs: tuple[Rows, Rows], ends: Values, tied: Values) -> Values:
    """(b, e+1, e+1). Strengths are known up to what they all share: a number added everywhere settles that."""
    first, second = pairs
    b, e = len(tied), ends.shape[1]
    weight = -here.by_pair_twice
    matrix = np.zeros((b, e + 1, e + 1))
    matrix[:, first, second] = matrix[:, second, first] = -weight
    matrix[:, np.arange(e), np.arange(e)] = weight @ np.abs(ends)
    matrix[:, :e, :e] += weight.mean(axis=1)[:, None, None]
    both = np.where(tied[:, None] > 0, -here.by_both @ ends, 0)
    matrix[:, :e, e] = matrix[:, e, :e] = both
    matrix[:, e, e] = np.where(tied > 0, -here.by_tie_twice, 1)
    return matrix


def on_elo_scale(log_strengths: Values) -> Values:
    centred = log_strengths - log_strengths.mean(axis=-1, keepdims=True)
    ratings: Values = ELO_SCALE / np.log(10) * centred + ELO_CENTRE
    return ratings


def davidson_slopes(counts: Values, difference: Values, tie: Values) -> Slopes:
    lost, tied, won = counts[:, 0], counts[:, 1], counts[:, 2]
    n, log_nu = lost + tied + won, np.broadcast_to(tie[:, None], difference.shape)
    whole = np.logaddexp(np.logaddexp(difference / 2, -difference / 2), log_nu)
    win, loss, draw = np.exp(difference / 2 - whole), np.exp(-difference / 2 - whole), np.exp(log_nu - whole)
    return Slopes(
        ((won - lost) * difference / 2 + np.where(tied > 0, tied * log_nu, 0) - n * whole).sum(axis=1),
        (won - lost - n * (win - loss)) / 2,
        (tied - n * draw).sum(axis=1),
        -n * (win + loss - (win - loss) ** 2) / 4,
        n * (win - loss) * draw / 2,
        -(n * draw * (1 - draw)).sum(axis=1),
    )


def rao_kupper_slopes(counts: Values, difference: Values, tie: Values) -> Slopes:
    """A tie's probability is that of winning times that of losing times θ² − 1."""
    lost, tied, won = counts[:, 0], counts[:, 1], counts[:, 2]
    n_tied, log_theta = tied.sum(axis=1), tie[:, None]
    not_won = np.exp(-np.logaddexp(0, difference - log_theta))
    not_lost = np.exp(-np.logaddexp(0, -difference - log_theta))
    ahead, behind = (won + tied) * not_won, (lost + tied) * not_lost
    likelihood = (won + tied) * np.logaddexp(0, log_theta - difference)
    likelihood += (lost + tied) * np.logaddexp(0, log_theta + difference)
    return Slopes(
        np.where(n_tied > 0, n_tied * np.log(np.expm1(2 * tie)), 0) - likelihood.sum(axis=1),
        ahead - behind,
        n_tied * (1 + 1 / np.tanh(tie)) - (ahead + behind).sum(axis=1),
        -ahead * (1 - not_won) - behind * (1 - not_lost),
        ahead * (1 - not_won) - behind * (1 - not_lost),
        -n_tied / np.sinh(tie) ** 2 - (ahead * (1 - not_won) + behind * (1 - not_lost)).sum(axis=1),
    )


DAVIDSON = Family(davidson_slopes, lambda share: np.log(2 * share / (1 - share)))
RAO_KUPPER = Family(rao_kupper_slopes, lambda share: 2 * np.arctanh(share))
