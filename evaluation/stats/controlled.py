"""Win rates and ratings as they would be, were the responses alike in length and style.

Both are logistic regressions, fitted by scikit-learn, with a tie as half a win for each. Intervals resample prompts;
each resample is fitted by one step of Newton's method from the estimate, for which totals are enough (Moulton and
Zeger 1991, Computational Statistics and Data Analysis 11).
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.special import expit

from evaluation.stats.bradley_terry import ELO_CENTRE, ELO_SCALE
from evaluation.stats.intervals import AT_ONCE, RESAMPLES, cluster_bootstrap, numbered
from evaluation.stats.preference import Comparisons, Score, ranked
from evaluation.stats.results import (
    IS_BASELINE,
    LENGTH_DECIDES,
    NO_COMPARISONS,
    SAME_LENGTHS,
    SAME_STYLE,
    Interval,
    Undefined,
)
from evaluation.stats.tie_models import unrated

Rows = NDArray[np.intp]
Values = NDArray[np.float64]

STYLE_PENALTY = 0.5
TOLERANCE, MOST_ITERATIONS = 1e-8, 1000


@dataclass(frozen=True)
class StyleControlled:
    """ratings: of each endpoint, as if all responses were of one style. styles: of each of s columns, by how much the
    log-odds of winning rise with one typical difference in it."""

    ratings: list[Score]
    styles: list[Score]


@dataclass(frozen=True)
class Regression:
    """n comparisons, to which m of p coefficients matter each.

    column (n, m), value (n, m): which ones, and times what. won (n,): 1, ½ for a tie, or 0. cluster (n,): the prompt.
    width: p. penalty: λ in λ/2·‖coefficients‖², 0 for none.
    """

    column: Rows
    value: Values
    won: Values
    cluster: Rows
    width: int
    penalty: float

    def design(self) -> sparse.csr_array:
        n, m = self.column.shape
        return sparse.csr_array(
            (self.value.ravel(), (np.repeat(np.arange(n), m), self.column.ravel())), (n, self.width)
        )

    def fit(self) -> Values:
        """(p,) coefficients."""
        design = sparse.vstack([self.design()] * 2, format="csr")
        from sklearn.linear_model import LogisticRegression

        model = LogisticRegression(
            C=1 / self.penalty if self.penalty else np.inf,
            fit_intercept=False,
            solver="newton-cg",
            tol=TOLERANCE,
            max_iter=MOST_ITERATIONS,
        )
        model.fit(design, np.repeat([1, 0], self.won.size), np.concatenate([self.won, 1 - self.won]))
        coefficients: Values = model.coef_[0]
        return coefficients

    def contributions(self, coefficients: Values) -> sparse.csr_array:
        """(clusters, p + p²): slope of the log-likelihood, and information, of each prompt."""
        n_clusters, cluster = numbered(self.cluster)
        won = expit(self.design() @ coefficients)
        n, m = self.column.shape
        at_once = max(1, AT_ONCE // (m + m * m))
        found = sparse.csr_array((n_clusters, self.width + self.width**2))
        for begin in range(0, n, at_once):  # entries that fall together are many times more than their sums
            some = slice(begin, begin + at_once)
            value, column, p, row = self.value[some], self.column[some], won[some], cluster[some]
            slope = value * (self.won[some] - p)[:, None]
            curve = (value[:, :, None] * value[:, None, :]) * (p * (1 - p))[:, None, None]
            place = self.width + column[:, :, None] * self.width + column[:, None, :]
            entries = np.concatenate([slope, curve.reshape(-1, m * m)], axis=1)
            places = np.concatenate([column, place.reshape(-1, m * m)], axis=1)
            found += sparse.csr_array((entries.ravel(), (np.repeat(row, m + m * m), places.ravel())), found.shape)
        return found

    def step(self, coefficients: Values, totals: Values) -> Values:
        """(b, p) coefficients, one step from these (p,) on, by totals of contributions (b, p + p²).

        NaN where the totals do not tell all of them.
        """
        slope = totals[:, : self.width] - self.penalty * coefficients
        information = totals[:, self.width :].reshape(-1, self.width, self.width) + self.penalty * np.eye(self.width)
        possible = np.full(len(totals), True)
        if not self.penalty:
            possible = np.linalg.matrix_rank(information, hermitian=True) == self.width
        stepped = np.full(slope.shape, np.nan)
        stepped[possible] = coefficients + np.linalg.solve(information[possible], slope[possible][..., None])[..., 0]
        return stepped


def length_controlled(
    comparisons: Comparisons,
    left_length: Values,
    right_length: Values,
    *,
    baseline: int,
    seed: int = 0,
    resamples: int = RESAMPLES,
) -> list[Score]:
    """Each endpoint's win rate against `baseline`, were their responses of one length; left_length, right_length (n,).

    logit P(win) = θ + φ·tanh(Δ/sd(Δ)), of which the rate is P at Δ = 0, where Δ is how much longer the response is than
    the baseline's. θ and φ are each endpoint's own; a tie is half a win. Dubois et al. 2024 (arXiv 2404.04475), without
    the term for how hard a prompt is and without what draws φ towards that of known models.
    """
    scores = []
    for endpoint in range(comparisons.n_endpoints):
        as_left = (comparisons.left == endpoint) & (comparisons.right == baseline)
        as_right = (comparisons.right == endpoint) & (comparisons.left == baseline)
        met = as_left | as_right
        sign = np.where(as_left, 1, -1)[met]
        won = (1 + sign * comparisons.outcome[met]) / 2
        longer = sign * (left_length - right_length)[met]
        try:
            if endpoint == baseline:
                raise Undefined(IS_BASELINE)
            rate, interval = at_one_length(longer, won, comparisons.cluster[met], seed, resamples)
        except Undefined as none:
            scores.append(Score(None, None, None, won.size, undefined=none.reason))
        else:
            scores.append(Score(rate, interval.low, interval.high, won.size))
    return ranked(scores)


def at_one_length(longer: Values, won: Values, cluster: Rows, seed: int, resamples: int) -> tuple[float, Interval]:
    if not won.size:
        raise Undefined(NO_COMPARISONS)
    spread = longer.std()
    if not spread:
        raise Undefined(SAME_LENGTHS)
    if decided_by(longer, won):
        raise Undefined(LENGTH_DECIDES)
    value = np.column_stack([np.ones(won.size), np.tanh(longer / spread)])
    regression = Regression(np.tile([0, 1], (won.size, 1)), value, won, cluster, width=2, penalty=0)
    coefficients = regression.fit()
    (interval,) = cluster_bootstrap(
        regression.contributions(coefficients),
        lambda totals: expit(regression.step(coefficients, totals)[:, :1]),
        seed,
        resamples,
    )
    return float(expit(coefficients[0])), interval


def decided_by(longer: Values, won: Values) -> bool:
    """Whether some length parts wins from losses, a tie being both: then the likelihood grows without end."""
    of_wins, of_losses = longer[won > 0], longer[won < 1]
    return (
        not of_wins.size or not of_losses.size or of_wins.min() >= of_losses.max() or of_losses.min() >= of_wins.max()
    )


def style_controlled(
    comparisons: Comparisons, left: Values, right: Values, *, seed: int = 0, resamples: int = RESAMPLES
) -> StyleControlled:
    """Bradley–Terry ratings apart from what style does; left, right (n, s): counts in each response, such as tokens,
    headers, items of lists and bold words.

    logit P(a beats b) = ln 10·(r_a − r_b) + Σ β·z, R = 400·r + 1000. z is (a − b)/(a + b + 1) in units of its root
    mean square, its standard deviation if each comparison is seen from both sides. The log-likelihood less
    0.5/2·‖r, β‖² is maximised, which draws what few comparisons tell of towards 1000 and 0. Li, Angelopoulos and
    Chiang 2024 (LMSYS), Does style matter?, with the penalty of FastChat. There z is centred as well: the same where
    chance puts responses left or right, but where one endpoint is always left, the centre is what is to be controlled
    for.

    A column in which no responses differ has no coefficient. Ratings and coefficients are undefined where ratings by
    Bradley and Terry's model are, although the penalty would make them finite.
    """
    n, s = left.shape
    sides = np.concatenate([comparisons.left, comparisons.right])
    compared, place = np.unique(sides, return_inverse=True)
    played = np.bincount(sides, minlength=comparisons.n_endpoints).tolist()
    ratings = [Score(None, None, None, times, undefined=NO_COMPARISONS) for times in played]
    styles = [Score(None, None, None, n, undefined=SAME_STYLE)] * s
    reason = unrated(comparisons.table()[np.ix_(compared, compared)])
    if reason:
        for endpoint in compared.tolist():
            ratings[endpoint] = replace(ratings[endpoint], undefined=reason)
        return StyleControlled(ratings, [replace(style, undefined=reason) for style in styles])
    difference = (left - right) / (left + right + 1)
    differs = np.flatnonzero((difference != 0).any(axis=0))
    z = difference[:, differs] / np.sqrt((difference[:, differs] ** 2).mean(axis=0))
    e, columns = compared.size, differs.size
    regression = Regression(
        np.column_stack([*place.reshape(2, n), np.tile(e + np.arange(columns), (n, 1))]),
        np.column_stack([np.full(n, np.log(10)), np.full(n, -np.log(10)), z]),
        (comparisons.outcome + 1) / 2,
        comparisons.cluster,
        width=e + columns,
        penalty=STYLE_PENALTY,
    )
    scale, centre = np.repeat([ELO_SCALE, 1], [e, columns]), np.repeat([ELO_CENTRE, 0], [e, columns])
    coefficients = regression.fit()
    intervals = cluster_bootstrap(
        regression.contributions(coefficients),
        lambda totals: regression.step(coefficients, totals) * scale + centre,
        seed,
        resamples,
    )
    for column, (value, interval) in enumerate(zip(coefficients * scale + centre, intervals, strict=True)):
        scores, at = (ratings, compared[column]) if column < e else (styles, differs[column - e])
        scores[at] = Score(float(value), interval.low, interval.high, scores[at].n)
    return StyleControlled(ranked(ratings), styles)
