"""Intervals hold what they promise: of 500 data sets drawn from a known truth, 95 % ± 2 contain it."""

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from evaluation.stats.agreement import estimate
from evaluation.stats.intervals import wilson
from evaluation.stats.labels import Labels
from evaluation.stats.preference import Comparisons, bradley_terry, mean_ratings, win_rates

DATA_SETS, RESAMPLES, PROMPTS = 500, 200, 120
Draw = np.random.Generator
Interval = tuple[float | None, float | None]


def labels(draw: Draw, prompts: int) -> Labels:
    """Two units to a prompt, three people; how clear a case is, is the prompt's."""
    clear = np.repeat(draw.random(prompts), 2)
    truth = draw.integers(0, 3, clear.size)
    value = np.where(draw.random((3, clear.size)) < clear, truth, draw.integers(0, 3, (3, clear.size)))
    unit = np.tile(np.arange(clear.size), 3)
    item = np.arange(clear.size) // 2
    pair = np.zeros((clear.size, 2), dtype=np.int64)
    annotator = np.repeat(np.arange(3), clear.size)
    return Labels(unit, annotator, value.ravel(), np.array([-1.0, 0.0, 1.0]), item, item, pair)


def comparisons(draw: Draw, prompts: int) -> Comparisons:
    """Three endpoints, each two of them twice a prompt, which favours some."""
    strength = np.array([0.0, 0.4, 0.9]) + 0.7 * draw.standard_normal((prompts, 3))
    left, right = np.tile([0, 0, 1], 2 * prompts), np.tile([1, 2, 2], 2 * prompts)
    cluster = np.tile(np.repeat(np.arange(prompts), 3), 2)
    p = 1 / (1 + np.exp(strength[cluster, right] - strength[cluster, left]))
    outcome = np.where(draw.random(p.size) < 0.1, 0, np.where(draw.random(p.size) < p, 1, -1)).astype(np.int8)
    return Comparisons(left, right, outcome, cluster, 3)


def ratings(draw: Draw, prompts: int) -> tuple[NDArray[np.intp], NDArray[np.float64], NDArray[np.intp]]:
    cluster = np.repeat(np.arange(prompts), 3)
    seen = 4 + draw.standard_normal(prompts)[cluster] + draw.standard_normal(cluster.size)
    return np.zeros(cluster.size, dtype=np.intp), np.clip(np.round(seen), 1, 7), cluster


def of_agreement(statistic: str) -> Callable[[Draw, int, int], tuple[float | None, Interval]]:
    def figure(draw: Draw, prompts: int, resamples: int) -> tuple[float | None, Interval]:
        found = estimate(labels(draw, prompts), statistic, "nominal", int(draw.integers(2**32)), resamples)
        return found.value, (found.low, found.high)

    return figure


def of_win_rate(draw: Draw, prompts: int, resamples: int) -> tuple[float | None, Interval]:
    found = win_rates(comparisons(draw, prompts), seed=int(draw.integers(2**32)), resamples=resamples)[1]
    return found.value, (found.low, found.high)


def of_rating(draw: Draw, prompts: int, resamples: int) -> tuple[float | None, Interval]:
    found = bradley_terry(comparisons(draw, prompts), seed=int(draw.integers(2**32)), resamples=resamples)[2]
    return found.value, (found.low, found.high)


def of_mean(draw: Draw, prompts: int, resamples: int) -> tuple[float | None, Interval]:
    (found,) = mean_ratings(*ratings(draw, prompts), 1, seed=int(draw.integers(2**32)), resamples=resamples)
    return found.value, (found.low, found.high)


FIGURES = {
    "krippendorff_alpha": of_agreement("krippendorff_alpha"),
    "gwet_ac": of_agreement("gwet_ac"),
    "agreement_without_ties": of_agreement("agreement_without_ties"),
    "win_rate": of_win_rate,
    "bradley_terry": of_rating,
    "likert": of_mean,
}


@pytest.mark.parametrize("name", FIGURES)
def test_intervals_contain_the_truth(name: str) -> None:
    figure = FIGURES[name]
    truth, _none = figure(np.random.default_rng(1), 200_000, 0)
    assert truth is not None
    draw = np.random.default_rng(2)
    inside = 0
    for _data_set in range(DATA_SETS):
        _value, (low, high) = figure(draw, PROMPTS, RESAMPLES)
        assert low is not None
        assert high is not None
        inside += low <= truth <= high
    assert inside / DATA_SETS == pytest.approx(0.95, abs=0.02)


def test_wilsons_interval_is_the_published_one() -> None:
    """81 of 263: .255 to .366 (Newcombe 1998, Statistics in Medicine 17, table I)."""
    found = wilson(81, 263)
    assert (found.low, found.high) == (pytest.approx(0.2553, abs=5e-5), pytest.approx(0.3662, abs=5e-5))
