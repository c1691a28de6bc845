"""How endpoints fare against one another. Pure functions over arrays."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from evaluation.stats.bradley_terry import ELO_CENTRE, components, fit_bradley_terry, fit_many
from evaluation.stats.intervals import RESAMPLES, Values, cluster_bootstrap, numbered, share, wilson
from evaluation.stats.results import (
    IS_BASELINE,
    NO_COMPARISONS,
    NO_INTERVAL,
    NO_RATINGS,
    Interval,
    Undefined,
)

Rows = NDArray[np.intp]


@dataclass(frozen=True)
class Comparisons:
    """n outcomes of two responses, by two endpoints numbered from 0.

    left, right (n,): the endpoints, never equal. outcome (n,): 1 left won, 0 tie, −1 right won.
    cluster (n,): the prompt. n_endpoints: how many there are, compared or not.
    """

    left: Rows
    right: Rows
    outcome: NDArray[np.int8]
    cluster: Rows
    n_endpoints: int

    def by_cluster(self) -> sparse.csr_array:
        """(clusters, 3 · e²): of each prompt, how often the row's endpoint lost to, tied with and won over the
        column's, the row being the lower number: `tables` says what the sums mean."""
        n_clusters, cluster = numbered(self.cluster)
        swap = self.left > self.right
        low, high = np.where(swap, self.right, self.left), np.where(swap, self.left, self.right)
        outcome = np.where(swap, -self.outcome, self.outcome).astype(np.intp)
        cell = (low * self.n_endpoints + high) * 3 + outcome + 1
        ones = np.ones(cell.size)
        return sparse.coo_array((ones, (cluster, cell)), (n_clusters, 3 * self.n_endpoints**2)).tocsr()

    def table(self) -> Values:
        """(e, e): how often the row's endpoint won over the column's, a tie being half a win for each."""
        won, tied = tables(np.asarray(self.by_cluster().sum(axis=0))[None], self.n_endpoints)
        return np.asarray((won + tied / 2)[0])


@dataclass(frozen=True)
class Score:
    """One endpoint's score with its 95 % cluster-bootstrap interval. `n` counts what it rests on."""

    value: float | None
    low: float | None
    high: float | None
    n: int
    rank: int | None = None
    """1 + the number of endpoints whose interval lies wholly above this one's; None without an interval."""
    undefined: str | None = None
    wilson: Interval = NO_INTERVAL
    """Of a share: Wilson's interval, as if all labels were independent."""
    group: int = 0
    """Scores are comparable within a group of endpoints that were compared, directly or by way of others."""


def tables(totals: Values, e: int) -> tuple[Values, Values]:
    """From totals (b, 3 · e²): wins (b, e, e), the row's over the column's; and ties (b, e, e), both ways."""
    lost, tied, won = np.moveaxis(totals.reshape(-1, e, e, 3), 3, 0)
    return won + lost.transpose(0, 2, 1), tied + tied.transpose(0, 2, 1)


def win_rates(
    comparisons: Comparisons,
    *,
    baseline: int | None = None,
    half_ties: bool = False,
    seed: int = 0,
    resamples: int = RESAMPLES,
) -> list[Score]:
    """Each endpoint's wins / comparisons with `baseline`, or with all others; ties count half where `half_ties`.

    win/(w+l+t), or (w+½t)/(w+l+t): shared use since Stiennon et al. 2020 (arXiv 2009.01325).
    """
    e = comparisons.n_endpoints
    against = np.arange(e) if baseline is None else np.array([baseline])

    def tally(totals: Values) -> tuple[Values, Values]:
        won, tied = tables(totals, e)
        played = won + won.transpose(0, 2, 1) + tied
        counted = won + tied / 2 if half_ties else won
        return counted[:, :, against].sum(axis=2), played[:, :, against].sum(axis=2)

    contributions = comparisons.by_cluster()
    (won,), (played,) = tally(np.asarray(contributions.sum(axis=0))[None])
    intervals = cluster_bootstrap(contributions, lambda totals: share(*tally(totals)), seed, resamples)
    scores = []
    for endpoint, (n_won, n) in enumerate(zip(won.tolist(), played.astype(int).tolist(), strict=True)):
        if endpoint == baseline:
            n_all = int(np.count_nonzero((comparisons.left == baseline) | (comparisons.right == baseline)))
            scores.append(Score(None, None, None, n_all, undefined=IS_BASELINE))
        elif not n:
            scores.append(Score(None, None, None, 0, undefined=NO_COMPARISONS))
        else:
            low_high = intervals[endpoint]
            scores.append(Score(n_won / n, low_high.low, low_high.high, n, wilson=wilson(n_won, n)))
    return ranked(scores)


def bradley_terry(
    comparisons: Comparisons, *, anchor: int | None = None, seed: int = 0, resamples: int = RESAMPLES
) -> list[Score]:
    """Bradley–Terry ratings on the Elo scale: P(a beats b) = 1/(1 + 10^((R_b − R_a)/400)), a tie half a win for each.

    The mean rating is 1000, or that of `anchor`. Endpoints that were never compared, even by way of others, with those
    of another group have no common scale: each group has its own. Where no finite estimate exists in a group, it is
    undefined. Intervals as in Chiang et al. 2024 (arXiv 2403.04132).
    """
    e = comparisons.n_endpoints
    contributions = comparisons.by_cluster()
    wins = half_wins(np.asarray(contributions.sum(axis=0))[None], e)[0]
    played = (wins + wins.T).sum(axis=1).astype(int)
    group = components(wins)
    scores = [Score(None, None, None, 0, undefined=NO_COMPARISONS)] * e
    for number in np.unique(group[played > 0]).tolist():
        members = np.flatnonzero(group == number)
        found = rate_group(contributions, wins, members, anchor, seed, resamples)
        for endpoint, one in zip(members.tolist(), ranked(found), strict=True):
            scores[endpoint] = replace(one, n=int(played[endpoint]), group=number)
    return scores


def rate_group(
    contributions: sparse.csr_array, wins: Values, members: Rows, anchor: int | None, seed: int, resamples: int
) -> list[Score]:
    """Endpoints that hang together."""
    e = len(wins)
    among = np.ix_(members, members)
    try:
        ratings = fit_bradley_terry(wins[among])
    except Undefined as none:
        return [Score(None, None, None, 0, undefined=none.reason)] * members.size
    place = np.flatnonzero(members == anchor)

    def anchored(found: Values) -> Values:
        return found - found[:, place] + ELO_CENTRE if place.size else found

    def fit(totals: Values) -> Values:
        return anchored(fit_many(half_wins(totals, e)[:, among[0], among[1]], ratings))

    intervals = cluster_bootstrap(contributions, fit, seed, resamples)
    values = anchored(ratings[None])[0].tolist()
    return [Score(value, one.low, one.high, 0) for value, one in zip(values, intervals, strict=True)]


def half_wins(totals: Values, e: int) -> Values:
    """(b, e, e) wins from totals (b, 3 · e²), a tie being half a win for each."""
    won, tied = tables(totals, e)
    return np.asarray(won + tied / 2)


def counting(comparisons: Comparisons) -> list[Score]:
    """Each endpoint's wins, a tie being half a win."""
    wins = comparisons.table()
    return plain(wins.sum(axis=1), (wins + wins.T).sum(axis=1))


def average_win_rate(comparisons: Comparisons) -> list[Score]:
    """The mean of an endpoint's win rates against each other endpoint that it met, a tie being half a win."""
    wins = comparisons.table()
    played = wins + wins.T
    rates = np.nansum(share(wins, played), axis=1)
    return plain(share(rates, np.count_nonzero(played, axis=1)), played.sum(axis=1))


def elo(comparisons: Comparisons) -> list[Score]:
    """Elo's ratings with K = 4, from 1000, on a scale of 400: they depend on the order of the comparisons.

    By the library `evalica`.
    """
    import evalica

    winner = {1: evalica.Winner.X, 0: evalica.Winner.Draw, -1: evalica.Winner.Y}
    played = np.bincount(np.concatenate([comparisons.left, comparisons.right]), minlength=comparisons.n_endpoints)
    values = np.full(comparisons.n_endpoints, np.nan)
    if comparisons.left.size:
        found = evalica.elo(
            comparisons.left.tolist(),
            comparisons.right.tolist(),
            [winner[outcome] for outcome in comparisons.outcome.tolist()],
        ).scores
        values[found.index.to_numpy(dtype=np.intp)] = found.to_numpy()
    return plain(values, played)


def plain(values: Values, played: NDArray[np.int64] | Values) -> list[Score]:
    """Without intervals."""
    return [
        Score(value, None, None, int(n)) if n else Score(None, None, None, 0, undefined=NO_COMPARISONS)
        for value, n in zip(values.tolist(), played.tolist(), strict=True)
    ]


def ratings_by_cluster(endpoint: Rows, value: Values, cluster: Rows, n_endpoints: int) -> sparse.csr_array:
    """(clusters, 2 · e): of each prompt, the sums of each endpoint's values, then how many there are."""
    n_clusters, number = numbered(cluster)
    return sparse.coo_array(
        (
            np.concatenate([value, np.ones(value.size)]),
            (np.tile(number, 2), np.concatenate([endpoint, endpoint + n_endpoints])),
        ),
        (n_clusters, 2 * n_endpoints),
    ).tocsr()


def mean_ratings(
    endpoint: Rows,
    value: Values,
    cluster: Rows,
    n_endpoints: int,
    *,
    is_share: bool = False,
    least_is_best: bool = False,
    seed: int = 0,
    resamples: int = RESAMPLES,
) -> list[Score]:
    """Each endpoint's mean over all its labels: endpoint, value, cluster are (n,) over the labels.

    Where `is_share` the values are 0 and 1, and Wilson's intervals go with the means. `least_is_best` is for ranks.
    """
    both = ratings_by_cluster(endpoint, value, cluster, n_endpoints)

    def means(totals: Values) -> Values:
        return share(totals[:, :n_endpoints], totals[:, n_endpoints:])

    totals = np.asarray(both.sum(axis=0))[None]
    intervals = cluster_bootstrap(both, means, seed, resamples)
    scores = []
    for place, (mean, interval) in enumerate(zip(means(totals)[0].tolist(), intervals, strict=True)):
        total, n = totals[0, place], int(totals[0, n_endpoints + place])
        if not n:
            scores.append(Score(None, None, None, 0, undefined=NO_RATINGS))
        else:
            closed = wilson(total, n) if is_share else NO_INTERVAL
            scores.append(Score(mean, interval.low, interval.high, n, wilson=closed))
    return ranked(scores, least_is_best=least_is_best)


def ranked(scores: Sequence[Score], *, least_is_best: bool = False) -> list[Score]:
    """With ranks: 1 + the number of endpoints whose interval lies wholly on the better side (arXiv 2403.04132)."""
    bounds = [(score.low, score.high) for score in scores if score.low is not None and score.high is not None]

    def rank(score: Score) -> int | None:
        if score.low is None or score.high is None:
            return None
        if least_is_best:
            return 1 + sum(high < score.low for _low, high in bounds)
        return 1 + sum(low > score.high for low, _high in bounds)

    return [replace(score, rank=rank(score)) for score in scores]


@dataclass(frozen=True)
class Matrix:
    """Each endpoint against each other, (e, e): the row's wins over the column's; ties; and the row's win rate, a tie
    being half a win, with its 95 % cluster-bootstrap interval: NaN where two never met, or there is no interval."""

    won: Values
    tied: Values
    rate: Values
    low: Values
    high: Values


def win_rate_matrix(comparisons: Comparisons, *, seed: int = 0, resamples: int = RESAMPLES) -> Matrix:
    e = comparisons.n_endpoints

    def rates(totals: Values) -> Values:
        won, tied = tables(totals, e)
        half = won + tied / 2
        return share(half, half + half.transpose(0, 2, 1)).reshape(len(totals), e * e)

    contributions = comparisons.by_cluster()
    totals = np.asarray(contributions.sum(axis=0))[None]
    won, tied = tables(totals, e)
    intervals = cluster_bootstrap(contributions, rates, seed, resamples)
    low, high = (
        np.array([np.nan if bound is None else bound for bound in bounds]).reshape(e, e)
        for bounds in zip(*((one.low, one.high) for one in intervals), strict=True)
    )
    return Matrix(won[0], tied[0], rates(totals).reshape(e, e), low, high)
