"""Totals, times, and whether what is foreseen comes true."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evaluation.stats import results
from evaluation.stats.intervals import Rows
from evaluation.stats.throughput import WEEK, Work, forecast, spread, totals

Generator = np.random.Generator
WEEKDAYS = np.array([100, 110, 100, 100, 90, 15, 5])
"""Seats filled on each, in the mean."""


def rows(*values: int) -> Rows:
    return np.array(values, dtype=np.intp)


def test_totals_of_groups_count_each_person_once() -> None:
    work = Work(rows(8, 8, 9, 15), rows(4, 7, 4, 4), rows(3, 2, 5, 1), rows(3, 0, 4, 1), np.array([60.0, 10, 50, 5]))
    found = totals(work, (work.day - 1) // WEEK - 1, 3)
    assert found.labels.tolist() == [10, 1, 0]
    assert found.filled.tolist() == [7, 1, 0]
    assert found.people.tolist() == [2, 1, 0]
    assert found.seconds.tolist() == [120, 5, 0]


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 600), st.integers(1, 9)), min_size=1, max_size=20))
def test_quartiles_are_those_of_each_label_by_itself(times: list[tuple[int, int]]) -> None:
    seconds, n_labels = np.array(times).T
    found = spread(seconds, n_labels)
    each = [second for second, n in times for _label in range(n)]
    assert found.n == len(each)
    assert (found.lower, found.median, found.upper) == pytest.approx(tuple(np.percentile(each, [25, 50, 75])))
    assert found.mean == pytest.approx(sum(each) / len(each))


def test_no_labels_have_no_median() -> None:
    assert spread(rows(), rows()).undefined == results.NO_TIMES


@pytest.mark.parametrize(
    ("counts", "so_far", "left", "reason"),
    [
        ([20] * 28, 3, 0, results.ALL_FILLED),
        ([], 0, 10, results.TOO_FEW_DAYS),
        ([20] * 6, 5, 10, results.TOO_FEW_DAYS),
        ([20] * 21 + [0] * 7, 0, 10, results.NOBODY_AT_WORK),
        ([1] + [0] * 26 + [1], 0, 10**6, results.TOO_FAR),
    ],
)
def test_what_cannot_be_foreseen_is_said(counts: list[int], so_far: int, left: int, reason: str) -> None:
    found = forecast(rows(*counts), so_far=so_far, left=left, seed=0)
    assert found.undefined == reason
    assert (found.days, found.low, found.high, found.expected) == (None, None, None, ())


@pytest.mark.parametrize("n_days", [7, 14, 17, 28, 90])
def test_days_that_are_all_alike_leave_no_doubt(n_days: int) -> None:
    found = forecast(np.full(n_days, 20), so_far=5, left=75, seed=0)
    assert (found.days, found.low, found.high) == (3, 3, 3)
    assert found.expected == (15, 20, 20, 20)


def test_today_brings_no_less_than_it_has_brought() -> None:
    assert forecast(np.full(14, 20), so_far=35, left=30, seed=0).days == 2


def test_free_days_come_where_they_were() -> None:
    """Today is a Friday, and nobody works on Saturdays and Sundays."""
    counts = np.tile([20, 0, 0, 20, 20, 20, 20], 4)
    found = forecast(counts, so_far=0, left=41, seed=0)
    assert found.expected == (20, 0, 0, 20, 1)
    assert found.days == 4


def test_only_the_last_four_weeks_count() -> None:
    counts = np.concatenate([np.full(60, 1000), np.full(28, 10)])
    assert forecast(counts, so_far=0, left=100, seed=0) == forecast(counts[-28:], so_far=0, left=100, seed=0)


def test_an_end_that_is_too_far_is_left_open() -> None:
    counts = rows(*[0] * 14, *[90, 0, 0, 0, 0, 0, 0], *[0] * 6, 1)
    found = forecast(counts, so_far=0, left=1000, seed=0)
    assert found.days is not None
    assert found.high is None


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.integers(0, 50), min_size=7, max_size=40), st.integers(0, 60), st.integers(1, 3000), st.integers(0, 9)
)
def test_forecasts_are_in_order_and_end_with_the_last_seat(
    counts: list[int], so_far: int, left: int, seed: int
) -> None:
    found = forecast(rows(*counts), so_far=so_far, left=left, seed=seed, draws=60)
    if found.undefined is not None:
        return
    assert found.days is not None
    assert found.low is not None
    assert 0 <= found.low <= found.days
    assert sum(found.expected) <= left + 1e-6
    assert min(found.expected) >= 0
    if found.high is not None:
        assert found.days <= found.high == len(found.expected) - 1
        assert sum(found.expected) >= 0.95 * left
    assert found == forecast(rows(*counts), so_far=so_far, left=left, seed=seed, draws=60)
    further = forecast(rows(*counts), so_far=so_far, left=2 * left, seed=seed, draws=60)
    assert further.days is None or further.days >= found.days


def alike(generator: Generator, n: int) -> Rows:
    """Each day by itself, a third above or below what is usual on its weekday."""
    usual = WEEKDAYS[np.arange(n) % WEEK]
    return generator.poisson(usual * generator.gamma(1 / 0.09, 0.09, n))


def in_spells(generator: Generator, n: int) -> Rows:
    """The same, where whole weeks are busy or quiet besides."""
    weeks = generator.gamma(1 / 0.04, 0.04, n // WEEK + 1)
    return generator.poisson(
        WEEKDAYS[np.arange(n) % WEEK] * np.repeat(weeks, WEEK)[:n] * generator.gamma(11, 1 / 11, n)
    )


def covered(process: Callable[[Generator, int], Rows], n_days: int, work: float) -> tuple[float, float]:
    """How often the interval holds the day on which it ends, and its median width, where so many mean days are left."""
    generator = np.random.default_rng(n_days)
    held, widths = [], []
    for seed in range(400):
        days = process(generator, n_days + 40 * WEEK)
        before, after = days[:n_days], days[n_days:]
        so_far = int(after[0] * generator.random())
        left = int(work * WEEKDAYS.mean())
        found = forecast(before, so_far=so_far, left=left, seed=seed, draws=200)
        low, high = found.low or 0, np.inf if found.high is None else found.high
        held.append(low <= int(np.argmax(after.cumsum() >= so_far + left)) <= high)
        widths.append(high - low)
    return float(np.mean(held)), float(np.median(widths))


@pytest.mark.parametrize(("work", "widest"), [(3, 3), (12, 9), (40, 20)])
def test_after_four_weeks_intervals_of_95_percent_hold_the_end_as_often(work: float, widest: float) -> None:
    held, width = covered(alike, 28, work)
    assert held == pytest.approx(0.95, abs=0.03)
    assert width <= widest


@pytest.mark.parametrize(("process", "n_days"), [(in_spells, 28), (in_spells, 17), (alike, 17), (alike, 8)])
def test_when_little_is_known_intervals_are_so_much_wider(
    process: Callable[[Generator, int], Rows], n_days: int
) -> None:
    held, _width = covered(process, n_days, 12)
    assert held >= 0.88
