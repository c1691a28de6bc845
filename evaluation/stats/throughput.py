"""How much work is done, how long a label takes, and when what is left will be done."""

from dataclasses import dataclass

import numpy as np
import scipy
from numpy.typing import NDArray

from evaluation.stats.intervals import COVERAGE, RESAMPLES, Rows, Values
from evaluation.stats.results import ALL_FILLED, NO_TIMES, NOBODY_AT_WORK, TOO_FAR, TOO_FEW_DAYS

WEEK = 7
RECENT = 4 * WEEK
"""How many of the last days are taken for what is to come. With less than a week nothing is known of weekends."""
AT_ONCE = 13 * WEEK
FARTHEST = 12 * AT_ONCE
"""Nothing is forecast beyond three years."""
OVERLAPPING = 1.5
"""The mean square of overlapping blocks varies as if it had this many times the degrees of freedom of separate ones
(Künsch 1989, Annals of Statistics 17, section 3.3: its variance is 2/3 of theirs)."""


@dataclass(frozen=True)
class Work:
    """What people did, a row for each who worked on a day, all arrays (n,)."""

    day: Rows
    """Days that follow one another have numbers that do; day 1 is a Monday."""
    person: Rows
    labels: Rows
    """Submitted for the first time."""
    filled: Rows
    """Of these, how many filled a seat that counts."""
    seconds: Values
    """Of active time, on labels and their revisions."""


@dataclass(frozen=True)
class Totals:
    """Of work, in each of p groups, all arrays (p,)."""

    labels: Rows
    filled: Rows
    people: Rows
    """How many different ones."""
    seconds: Values


@dataclass(frozen=True)
class Spread:
    """Quartiles of the active time of n labels, in seconds."""

    n: int
    lower: float | None = None
    median: float | None = None
    upper: float | None = None
    mean: float | None = None
    undefined: str | None = None


@dataclass(frozen=True)
class Forecast:
    """When the seats that are left will be filled, in days from today, which is 0."""

    seed: int
    n_days: int
    """From how many days it is drawn."""
    days: int | None = None
    """The median; half of the draws are done by then."""
    low: int | None = None
    high: int | None = None
    """Of the 95 % interval; None where that goes beyond FARTHEST."""
    expected: tuple[float, ...] = ()
    """Seats filled on each day until then, in the mean of all draws; today, those still to come."""
    undefined: str | None = None


def totals(work: Work, group: Rows, n_groups: int) -> Totals:
    """group (n,) says for each row of the work to which of the groups 0 … n_groups − 1 it is added."""
    met = np.unique(np.stack([group, work.person]), axis=1)[0]

    def added(values: Rows | Values) -> NDArray[np.generic]:
        return np.bincount(group, weights=values, minlength=n_groups)

    return Totals(
        added(work.labels).astype(np.intp),
        added(work.filled).astype(np.intp),
        np.bincount(met, minlength=n_groups),
        added(work.seconds).astype(np.float64),
    )


def spread(seconds: Rows, n_labels: Rows) -> Spread:
    """seconds (m,) are times, n_labels (m,) how many labels took each. Undefined without labels.

    Between two times quartiles are interpolated, as numpy does by default.
    """
    each = np.repeat(seconds, n_labels)
    if not each.size:
        return Spread(0, undefined=NO_TIMES)
    lower, median, upper = np.quantile(each, [0.25, 0.5, 0.75])
    return Spread(each.size, float(lower), float(median), float(upper), float(each.mean()))


def forecast(counts: Rows, *, so_far: int, left: int, seed: int, draws: int = RESAMPLES) -> Forecast:
    """When `left` more seats will be filled.

    counts (n,) has the seats filled on each day before today, the oldest first, from the first day of work on; so_far
    those filled today. Days to come are drawn from the last RECENT in blocks of seven that follow one another, each day
    put where its weekday is (a moving block bootstrap, Künsch 1989); of less than two weeks in single days. So weekends
    are where they were, and busy weeks stay together.

    Few weeks say little about how much weeks differ. So each draw first draws the weeks that might have been, and
    deviations are widened by √(w / (w−1)) for their own mean, and as Student's t is wider than the normal distribution.
    Undefined where nothing is left, where too few days are known, where nobody worked for a week, and beyond FARTHEST.
    """
    recent = counts[-RECENT:]
    if not left:
        return Forecast(seed, recent.size, undefined=ALL_FILLED)
    if recent.size < WEEK:
        return Forecast(seed, recent.size, undefined=TOO_FEW_DAYS)
    if not recent[-WEEK:].any() and not so_far:
        return Forecast(seed, recent.size, undefined=NOBODY_AT_WORK)
    goal = left + so_far
    filled = futures(recent, so_far, goal, np.random.default_rng(seed), draws)
    days, low, high = (done_by(filled, goal, share) for share in (0.5, (1 - COVERAGE) / 2, (1 + COVERAGE) / 2))
    if days is None:
        return Forecast(seed, recent.size, undefined=TOO_FAR)
    steps = np.diff(np.minimum(filled, goal), axis=1, prepend=float(so_far))
    expected = steps.mean(axis=0)[: None if high is None else high + 1]
    return Forecast(seed, recent.size, days, low, high, tuple(expected.tolist()))


def futures(recent: Rows, so_far: int, goal: int, generator: np.random.Generator, draws: int) -> Values:
    """(draws, d) seats filled since today's midnight by the end of each day, for as many days as nearly all draws need.

    Today is a day like others, on which no less is filled than has been.
    """
    length = WEEK if recent.size >= 2 * WEEK else 1
    days = np.arange(recent.size - length + 1)[:, np.newaxis] + np.arange(length)
    place = (np.arange(recent.size) - recent.size) % length  # of each day in the block that begins with today's weekday
    level = np.bincount(place, weights=recent) / np.bincount(place)
    blocks = np.empty(days.shape)
    np.put_along_axis(blocks, place[days], recent[days], axis=1)
    n_separate = recent.size / length
    deviations = (blocks - blocks.mean(axis=0)) * widening(n_separate, OVERLAPPING if length > 1 else 1.0)
    known = generator.integers(len(blocks), size=(draws, round(n_separate)))
    filled = np.zeros((draws, 0))
    while filled.shape[1] < FARTHEST and done_by(filled, goal, (1 + COVERAGE) / 2) is None:
        chosen = generator.integers(known.shape[1], size=(draws, AT_ONCE // length))
        drawn = level + deviations[np.take_along_axis(known, chosen, axis=1)]
        more = np.maximum(drawn, 0).reshape(draws, AT_ONCE)
        if not filled.size:
            more[:, 0] = np.maximum(more[:, 0], so_far)
        before = filled[:, -1:] if filled.size else 0
        filled = np.concatenate([filled, before + more.cumsum(axis=1)], axis=1)
    return filled


def widening(n_separate: float, overlapping: float) -> float:
    """By which deviations of so many separate blocks from their mean are multiplied."""
    degrees = overlapping * (n_separate - 1)
    tail = (1 + COVERAGE) / 2
    return float(np.sqrt(n_separate / (n_separate - 1)) * scipy.stats.t.ppf(tail, degrees) / scipy.stats.norm.ppf(tail))


def done_by(filled: Values, goal: int, share: float) -> int | None:
    """The first day by whose end at least this share of the draws has reached the goal."""
    reached = np.flatnonzero((filled >= goal).mean(axis=0) >= share)
    return int(reached[0]) if reached.size else None
