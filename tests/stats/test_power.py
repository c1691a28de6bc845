import numpy as np
import pytest
from scipy import sparse
from scipy.stats import betabinom, norm

from evaluation.stats.intervals import Values, cluster_bootstrap
from evaluation.stats.power import Needed, Statistic, needed_for_width, needed_to_separate
from evaluation.stats.results import BEYOND_REACH, NOT_FORESEEN

LABELS = 3
"""Of each prompt; those of one prompt agree more often than chance."""


def won(prompts: int, share: float, generator: np.random.Generator) -> Values:
    """(prompts, 2): how many of a prompt's labels say that the first endpoint won, and how many there are."""
    wins = generator.binomial(LABELS, generator.beta(3 * share, 3 * (1 - share), size=prompts))
    return np.column_stack([wins, np.full(prompts, LABELS)]).astype(float)


def typical(prompts: int, share: float) -> Values:
    """The same, as chance has it in the mean."""
    wins = betabinom.ppf((np.arange(prompts) + 0.5) / prompts, LABELS, 3 * share, 3 * (1 - share))
    return np.column_stack([wins, np.full(prompts, LABELS)]).astype(float)


def win_rate(totals: Values) -> Values:
    return totals[:, :1] / totals[:, 1:]


def margin(totals: Values) -> Values:
    return 2 * win_rate(totals) - 1


def log_odds(totals: Values) -> Values:
    """Bradley and Terry's difference between two."""
    with np.errstate(divide="ignore"):
        return np.log(totals[:, :1]) - np.log(totals[:, 1:] - totals[:, :1])


@pytest.mark.parametrize(("statistic", "target"), [(win_rate, 0.04), (log_odds, 0.17)])
def test_the_labels_said_to_be_needed_give_the_width(statistic: Statistic, target: float) -> None:
    generator = np.random.default_rng(21)
    (needed,) = needed_for_width(typical(60, 0.6), statistic, target, LABELS, seed=3)
    assert needed.now == 180
    assert needed.needed > 3 * needed.now
    widths = []
    for seed in range(20):
        (interval,) = cluster_bootstrap(won(needed.needed // LABELS, 0.6, generator), statistic, seed)
        widths.append((interval.high - interval.low) / 2)
    assert np.median(widths) == pytest.approx(target, rel=0.15)


@pytest.mark.parametrize(("statistic", "share"), [(margin, 0.57), (log_odds, 0.58)])
def test_the_labels_said_to_be_needed_tell_two_apart_four_times_of_five(statistic: Statistic, share: float) -> None:
    generator = np.random.default_rng(22)
    (needed,) = needed_to_separate(typical(50, share), statistic, 0.8, LABELS, seed=4)
    assert needed.needed > 1.3 * needed.now
    apart = 0
    for seed in range(250):
        data = won(needed.needed // LABELS, share, generator)
        (interval,) = cluster_bootstrap(data, statistic, seed, resamples=300)
        apart += interval.low > 0 or interval.high < 0
    assert 0.7 < apart / 250 < 0.9


def test_it_is_the_number_a_textbook_gives() -> None:
    """Of a share: n = p(1 − p)·(z/x)² for ± x, and p(1 − p)·((z + z₀.₈)/(p − ½))² for it to differ from ½."""
    votes = np.column_stack([np.repeat([1.0, 0.0], [108, 92]), np.ones(200)])
    (wide,) = needed_for_width(votes, win_rate, 0.03, 1, seed=5)
    (apart,) = needed_to_separate(votes, margin, 0.8, 1, seed=5)
    variance = 0.54 * 0.46
    assert wide.needed == pytest.approx(variance * (norm.ppf(0.975) / 0.03) ** 2, rel=0.1)
    assert apart.needed == pytest.approx(variance * ((norm.ppf(0.975) + norm.ppf(0.8)) / 0.04) ** 2, rel=0.15)


def test_curves_are_there_to_draw() -> None:
    votes = typical(100, 0.57)
    (wide,) = needed_for_width(votes, win_rate, 0.03, LABELS, seed=6)
    (apart,) = needed_to_separate(votes, margin, 0.8, LABELS, seed=6)
    assert wide.multiples == apart.multiples == tuple(range(1, 11))
    (interval,) = cluster_bootstrap(votes, win_rate, seed=9)
    assert wide.curve[0] == pytest.approx((interval.high - interval.low) / 2, rel=0.15)
    assert wide.curve[3] == pytest.approx(wide.curve[0] / 2, rel=0.15)
    assert list(apart.curve) == sorted(apart.curve)
    assert apart.curve[-1] > 0.99


def test_what_is_enough_needs_no_more() -> None:
    votes = typical(60, 0.8)
    (wide,) = needed_for_width(votes, win_rate, 0.2, 2.5, seed=1)
    (apart,) = needed_to_separate(votes, margin, 0.99, 2.5, seed=1)
    assert (wide.now, wide.needed, apart.now, apart.needed) == (150, 150, 150, 150)


def test_two_that_are_alike_are_out_of_reach() -> None:
    (apart,) = needed_to_separate(typical(60, 0.5), margin, 0.8, LABELS, seed=1)
    assert (apart.needed, apart.undefined) == (None, BEYOND_REACH)
    assert max(apart.curve) < 0.8


def test_a_narrow_interval_far_out_is_told_by_the_square_root() -> None:
    (near,) = needed_for_width(typical(60, 0.5), win_rate, 0.04, LABELS, seed=1)
    (far,) = needed_for_width(typical(60, 0.5), win_rate, 0.004, LABELS, seed=1)
    assert far.needed == pytest.approx(100 * near.needed, rel=0.01)


@pytest.mark.parametrize(
    "votes", [np.empty((0, 2)), np.array([[2.0, 3.0]]), np.full((30, 2), 3.0), np.tile([0.0, 0.0], (30, 1))]
)
def test_too_little_foresees_nothing(votes: Values) -> None:
    with np.errstate(invalid="ignore"):
        found = [
            *needed_for_width(votes, win_rate, 0.1, LABELS, seed=0),
            *needed_to_separate(votes, margin, 0.8, LABELS, seed=0),
        ]
    assert found == [Needed(len(votes) * LABELS, None, undefined=NOT_FORESEEN)] * 2


def test_several_values_are_foreseen_at_once() -> None:
    votes = typical(60, 0.6)
    both = needed_for_width(votes, lambda totals: np.column_stack([win_rate(totals), margin(totals)]), 0.05, LABELS, 2)
    assert both[0] == needed_for_width(sparse.csr_array(votes), win_rate, 0.05, LABELS, 2)[0]
    assert both[1].needed == pytest.approx(4 * both[0].needed, abs=4)
