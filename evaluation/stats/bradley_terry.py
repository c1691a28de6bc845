"""Bradley–Terry ratings by maximum likelihood, of many tables of wins at once.

The library `evalica` fits one table; a bootstrap needs a thousand, which Newton's method from a common start makes in
one go.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.sparse.csgraph import connected_components

from evaluation.stats.intervals import Values
from evaluation.stats.results import UNBOUNDED, Undefined

ELO_SCALE, ELO_CENTRE = 400.0, 1000.0
TO_ELO = ELO_SCALE / np.log(10)
MOST_STEPS = 100
LONGEST_STEP = 2.0
"""In log-strength: far from the maximum, Newton's steps overshoot."""

TOLERANCE = 1e-10
"""The last step, in log-strength."""


def fit_bradley_terry(wins: Values) -> Values:
    """(e,) ratings from (e, e) wins, a tie being half a win for each; all e hang together.

    P(a beats b) = 1/(1 + 10^((R_b − R_a)/400)), mean 1000. Bradley and Terry 1952, Biometrika 39. Raises Undefined
    where no finite estimate exists (Ford 1957): where a group won or lost everything against the others.
    """
    if not bounded(wins[None])[0]:
        raise Undefined(UNBOUNDED)
    (ratings,) = to_elo(log_strengths(wins[None], np.zeros(len(wins))))
    return np.asarray(ratings)


def fit_many(wins: Values, start: Values) -> Values:
    """(b, e) ratings of b tables (b, e, e), NaN where no finite estimate exists; `start` (e,) ratings to begin with."""
    ratings = np.full(wins.shape[:2], np.nan)
    fitting = bounded(wins)
    ratings[fitting] = to_elo(log_strengths(wins[fitting], (start - start.mean()) / TO_ELO))
    return ratings


def to_elo(strength: Values) -> Values:
    """Log-strengths (…, e) on the Elo scale, with mean 1000."""
    return np.asarray(TO_ELO * (strength - strength.mean(axis=-1, keepdims=True)) + ELO_CENTRE)


def bounded(wins: Values) -> NDArray[np.bool_]:
    """(b,): whether from every endpoint wins lead to every other one."""
    e = wins.shape[1]
    reached = ((wins > 0) | np.eye(e, dtype=bool)).astype(np.float32)
    for _doubling in range(max(e - 1, 1).bit_length()):
        reached = np.minimum(reached @ reached, 1)
    return np.asarray((reached > 0).all(axis=(1, 2)))


def log_strengths(wins: Values, start: Values) -> Values:
    """(b, e), with mean 0, by Newton's method from `start` (e,). The log-likelihood is concave."""
    b, e = wins.shape[:2]
    strength = np.broadcast_to(start, (b, e)).copy()
    n = wins + wins.transpose(0, 2, 1)
    won = wins.sum(axis=2)
    moving = np.arange(b)
    for _step in range(MOST_STEPS):
        if not moving.size:
            break
        own = strength[moving]
        p = 1 / (1 + np.exp(own[:, None, :] - own[:, :, None]))
        expected = n[moving] * p
        gradient = won[moving] - expected.sum(axis=2)
        information = expected * (1 - p)
        laplacian = -information
        diagonal = np.arange(e)
        laplacian[:, diagonal, diagonal] += information.sum(axis=2)
        # a number added everywhere settles what all ratings share, and changes no difference
        laplacian += information.mean(axis=(1, 2))[:, None, None]
        step = np.linalg.solve(laplacian, gradient[:, :, None])[:, :, 0]
        longest = np.abs(step).max(axis=1)
        step *= np.minimum(1, LONGEST_STEP / np.maximum(longest, TOLERANCE))[:, None]
        strength[moving] = own + step
        moving = moving[longest > TOLERANCE]
    return np.asarray(strength - strength.mean(axis=1, keepdims=True))


def components(wins: Values) -> NDArray[np.int32]:
    """(e,): to which group of endpoints that were compared, directly or by way of others, each belongs."""
    _n, group = connected_components(wins > 0, directed=False)
    return np.asarray(group)
