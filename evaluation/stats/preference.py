"""How endpoints fare against one another. Pure functions over arrays."""

from dataclasses import dataclass

import evalica
import numpy as np
from numpy.typing import NDArray
from scipy.sparse.csgraph import connected_components

from evaluation.stats.intervals import RESAMPLES, cluster_bootstrap
from evaluation.stats.results import (
    DISCONNECTED,
    IS_BASELINE,
    NO_COMPARISONS,
    NO_INTERVAL,
    NO_RATINGS,
    UNBOUNDED,
    Interval,
    Undefined,
)

Rows = NDArray[np.intp]
Values = NDArray[np.float64]

ELO_SCALE, ELO_CENTRE = 400.0, 1000.0
TOLERANCE, MOST_ITERATIONS = 1e-10, 100_000


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

    def table(self, rows: Rows | None = None) -> Values:
        """(e, e): how often the row's endpoint won over the column's, a tie being half a win for each."""
        chosen = slice(None) if rows is None else rows
        left, right, outcome = self.left[chosen], self.right[chosen], self.outcome[chosen]
        won = (outcome + 1) / 2
        wins: Values = np.zeros((self.n_endpoints, self.n_endpoints))
        np.add.at(wins, (left, right), won)
        np.add.at(wins, (right, left), 1 - won)
        return wins


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
    chosen = comparisons if baseline is None else with_baseline(comparisons, baseline)

    def rates(rows: Rows) -> Values:
        played, won = tally(chosen, rows, half_ties)
        return np.divide(won, played, out=np.full_like(won, np.nan), where=played > 0)

    everything = np.arange(chosen.left.size)
    played, _won = tally(chosen, everything, half_ties)
    intervals = (
        cluster_bootstrap(rates, chosen.cluster, seed, resamples) if chosen.left.size else [NO_INTERVAL] * played.size
    )
    scores = []
    for endpoint, (value, n) in enumerate(zip(rates(everything), played.astype(int).tolist(), strict=True)):
        if endpoint == baseline:
            scores.append(Score(None, None, None, n, undefined=IS_BASELINE))
        elif not n:
            scores.append(Score(None, None, None, 0, undefined=NO_COMPARISONS))
        else:
            scores.append(Score(float(value), intervals[endpoint].low, intervals[endpoint].high, n))
    return ranked(scores)


def with_baseline(comparisons: Comparisons, baseline: int) -> Comparisons:
    kept = (comparisons.left == baseline) | (comparisons.right == baseline)
    return Comparisons(
        comparisons.left[kept],
        comparisons.right[kept],
        comparisons.outcome[kept],
        comparisons.cluster[kept],
        comparisons.n_endpoints,
    )


def tally(comparisons: Comparisons, rows: Rows, half_ties: bool) -> tuple[Values, Values]:
    """(e,) comparisons and (e,) wins of each endpoint."""
    left, right, outcome = comparisons.left[rows], comparisons.right[rows], comparisons.outcome[rows]
    n = comparisons.n_endpoints
    tied = 0.5 * (outcome == 0) if half_ties else np.zeros(outcome.size)
    won: Values = np.zeros(n)
    np.add.at(won, left, (outcome == 1) + tied)
    np.add.at(won, right, (outcome == -1) + tied)
    played = np.bincount(np.concatenate([left, right]), minlength=n).astype(np.float64)
    return played, won


def bradley_terry(comparisons: Comparisons, *, seed: int = 0, resamples: int = RESAMPLES) -> list[Score]:
    """Bradley–Terry ratings on the Elo scale: P(a beats b) = 1/(1 + 10^((R_b − R_a)/400)), mean rating 1000.

    A tie is half a win for each. Maximum likelihood by the library `evalica`. Endpoints that were never compared are
    undefined by themselves; where no finite estimate exists (Ford 1957), all others are.
    Bradley and Terry 1952, Biometrika 39; scale and intervals as in Chiang et al. 2024 (arXiv 2403.04132).
    """
    wins = comparisons.table()
    played = (wins + wins.T).sum(axis=1)
    compared = np.flatnonzero(played)
    values = np.full(comparisons.n_endpoints, np.nan)
    intervals: list[Interval] = [NO_INTERVAL] * comparisons.n_endpoints
    reason = None
    try:
        values[compared] = fit_bradley_terry(wins[np.ix_(compared, compared)])
    except Undefined as none:
        reason = none.reason
    else:

        def fit(rows: Rows) -> Values:
            return fit_bradley_terry(comparisons.table(rows)[np.ix_(compared, compared)])

        found = cluster_bootstrap(fit, comparisons.cluster, seed, resamples)
        for place, interval in zip(compared.tolist(), found, strict=True):
            intervals[place] = interval
    scores = []
    for endpoint, n in enumerate(played.astype(int).tolist()):
        if not n or reason:
            scores.append(Score(None, None, None, n, undefined=reason if n else NO_COMPARISONS))
        else:
            scores.append(Score(float(values[endpoint]), intervals[endpoint].low, intervals[endpoint].high, n))
    return ranked(scores)


def fit_bradley_terry(wins: Values) -> Values:
    """(e,) ratings from (e, e) wins; all e were compared. Raises Undefined."""
    if not wins.size:
        return np.empty(0)
    if connected_components(wins > 0, directed=False, return_labels=False) > 1:
        raise Undefined(DISCONNECTED)
    if connected_components(wins > 0, connection="strong", return_labels=False) > 1:
        raise Undefined(UNBOUNDED)
    left, right = np.nonzero(wins)
    fitted = evalica.bradley_terry(
        left.tolist(),
        right.tolist(),
        [evalica.Winner.X] * left.size,
        weights=wins[left, right].tolist(),
        tolerance=TOLERANCE,
        limit=MOST_ITERATIONS,
    )
    strength = np.log(fitted.scores.loc[range(len(wins))].to_numpy(dtype=np.float64))
    ratings: Values = ELO_SCALE / np.log(10) * (strength - strength.mean()) + ELO_CENTRE
    return ratings


def mean_ratings(
    endpoint: Rows,
    value: Values,
    cluster: Rows,
    n_endpoints: int,
    *,
    seed: int = 0,
    resamples: int = RESAMPLES,
) -> list[Score]:
    """Each endpoint's mean rating over all its labels: endpoint, value, cluster are (n,) over the labels."""

    def means(rows: Rows) -> Values:
        count = np.bincount(endpoint[rows], minlength=n_endpoints).astype(np.float64)
        total = np.bincount(endpoint[rows], weights=value[rows], minlength=n_endpoints)
        mean: Values = np.divide(total, count, out=np.full(n_endpoints, np.nan), where=count > 0)
        return mean

    if not value.size:
        return [Score(None, None, None, 0, undefined=NO_RATINGS) for _endpoint in range(n_endpoints)]
    intervals = cluster_bootstrap(means, cluster, seed, resamples)
    return ranked(
        [
            Score(float(mean), interval.low, interval.high, int(count))
            if count
            else Score(None, None, None, 0, undefined=NO_RATINGS)
            for mean, interval, count in zip(
                means(np.arange(value.size)), intervals, np.bincount(endpoint, minlength=n_endpoints), strict=True
            )
        ]
    )


def ranked(scores: list[Score]) -> list[Score]:
    """With ranks: 1 + the number of endpoints whose lower bound exceeds the upper bound here (arXiv 2403.04132)."""
    lows = [score.low for score in scores if score.low is not None]
    return [
        Score(
            score.value,
            score.low,
            score.high,
            score.n,
            None if score.high is None else 1 + sum(low > score.high for low in lows),
            score.undefined,
        )
        for score in scores
    ]
