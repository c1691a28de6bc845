import numpy as np
import pytest
from hypothesis import given
from hypothesis.strategies import floats
from scipy import sparse
from scipy.stats import betabinom, norm

from evaluation.stats.intervals import Values, cluster_bootstrap
from evaluation.stats.power import (
    MOST_CLUSTERS,
    MULTIPLES,
    Foreseen,
    Statistic,
    bundled,
    foresee,
    half_width_at,
    times_for_power,
    times_for_width,
)

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


def foreseen(votes: Values, statistic: Statistic, seed: int) -> Foreseen:
    (one,) = foresee(votes, statistic, seed)
    assert one is not None
    return one


@pytest.mark.parametrize(("statistic", "target"), [(win_rate, 0.04), (log_odds, 0.17)])
def test_the_labels_said_to_be_needed_give_the_width(statistic: Statistic, target: float) -> None:
    generator = np.random.default_rng(21)
    times = times_for_width(foreseen(typical(60, 0.6), statistic, seed=3).half_widths(), target)
    assert times > 3
    widths = []
    for seed in range(20):
        (interval,) = cluster_bootstrap(won(round(60 * times), 0.6, generator), statistic, seed)
        widths.append((interval.high - interval.low) / 2)
    assert np.median(widths) == pytest.approx(target, rel=0.15)


@pytest.mark.parametrize(("statistic", "share"), [(margin, 0.57), (log_odds, 0.58)])
def test_the_labels_said_to_be_needed_tell_two_apart_four_times_of_five(statistic: Statistic, share: float) -> None:
    generator = np.random.default_rng(22)
    times = times_for_power(foreseen(typical(50, share), statistic, seed=4).powers(), 0.8)
    assert times is not None
    assert times > 1.3
    apart = 0
    for seed in range(250):
        data = won(round(50 * times), share, generator)
        (interval,) = cluster_bootstrap(data, statistic, seed, resamples=300)
        apart += interval.low > 0 or interval.high < 0
    assert 0.7 < apart / 250 < 0.9


def test_it_is_the_number_a_textbook_gives() -> None:
    """Of a share: n = p(1 − p)·(z/x)² for ± x, and p(1 − p)·((z + z₀.₈)/(p − ½))² for it to differ from ½."""
    votes = np.column_stack([np.repeat([1.0, 0.0], [108, 92]), np.ones(200)])
    wide = times_for_width(foreseen(votes, win_rate, seed=5).half_widths(), 0.03)
    apart = times_for_power(foreseen(votes, margin, seed=5).powers(), 0.8)
    assert apart is not None
    variance = 0.54 * 0.46
    assert 200 * wide == pytest.approx(variance * (norm.ppf(0.975) / 0.03) ** 2, rel=0.1)
    assert 200 * apart == pytest.approx(variance * ((norm.ppf(0.975) + norm.ppf(0.8)) / 0.04) ** 2, rel=0.15)


def test_curves_are_there_to_draw() -> None:
    votes = typical(100, 0.57)
    wide = foreseen(votes, win_rate, seed=6).half_widths()
    powers = foreseen(votes, margin, seed=6).powers()
    assert wide.size == powers.size == MULTIPLES.size
    (interval,) = cluster_bootstrap(votes, win_rate, seed=9)
    assert wide[0] == pytest.approx((interval.high - interval.low) / 2, rel=0.15)
    assert wide[3] == pytest.approx(wide[0] / 2, rel=0.15)
    assert list(powers) == sorted(powers)
    assert powers[-1] > 0.99


def test_what_is_enough_needs_no_more() -> None:
    votes = typical(60, 0.8)
    assert times_for_width(foreseen(votes, win_rate, seed=1).half_widths(), 0.2) == 1
    assert foreseen(votes, margin, seed=1).apart


def test_two_that_are_alike_are_out_of_reach() -> None:
    alike = foreseen(typical(60, 0.5), margin, seed=1)
    assert not alike.apart
    assert times_for_power(alike.powers(), 0.8) is None


def test_a_narrow_interval_far_out_is_told_by_the_square_root() -> None:
    widths = foreseen(typical(60, 0.5), win_rate, seed=1).half_widths()
    assert times_for_width(widths, widths[-1] / 10) == pytest.approx(1000)


@given(times=floats(1, 500))
def test_a_width_is_reached_where_the_curve_has_it(times: float) -> None:
    widths = [0.3, 0.22, 0.17, 0.15, 0.14, 0.13, 0.12, 0.11, 0.104, 0.1]
    assert times_for_width(widths, half_width_at(widths, times)) == pytest.approx(times)


@pytest.mark.parametrize(
    "votes", [np.empty((0, 2)), np.array([[2.0, 3.0]]), np.full((30, 2), 3.0), np.tile([0.0, 0.0], (30, 1))]
)
def test_too_little_foresees_nothing(votes: Values) -> None:
    with np.errstate(invalid="ignore"):
        assert foresee(votes, lambda totals: np.hstack([win_rate(totals), margin(totals)]), seed=0) == [None, None]


def test_several_values_are_foreseen_at_once() -> None:
    votes = typical(60, 0.6)
    both = foresee(votes, lambda totals: np.column_stack([win_rate(totals), margin(totals)]), 2)
    (alone,) = foresee(sparse.csr_array(votes), win_rate, 2)
    assert both[0] is not None
    assert both[1] is not None
    assert alone is not None
    assert both[0].half_widths() == pytest.approx(alone.half_widths())
    assert both[1].half_widths() == pytest.approx(2 * alone.half_widths())


def test_of_many_prompts_bundles_are_drawn() -> None:
    votes = won(5 * MOST_CLUSTERS + 7, 0.6, np.random.default_rng(8))
    few = bundled(votes, 0)
    assert few.shape == (MOST_CLUSTERS, 2)
    assert few.sum(axis=0) == pytest.approx(votes.sum(axis=0))
    (interval,) = cluster_bootstrap(votes, win_rate, seed=3)
    assert foreseen(votes, win_rate, seed=3).half_widths()[0] == pytest.approx(
        (interval.high - interval.low) / 2, rel=0.1
    )
