from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import permutation_test

from evaluation.stats.paired import Paired, Rows, Values, by_chance, paired_margin, paired_means
from evaluation.stats.preference import Comparisons
from evaluation.stats.results import NEVER_MET, NO_SHARED_PROMPTS

WON, TIED, LOST = 1, 0, -1


def rated(rows: list[tuple[int, int, float]]) -> tuple[Rows, Values, Rows]:
    """From prompt, endpoint and value of each label."""
    cluster, endpoint, value = np.array(rows, dtype=float).reshape(-1, 3).T
    return endpoint.astype(np.intp), value, cluster.astype(np.intp)


def test_only_shared_prompts_count_and_each_once() -> None:
    """Prompt 0: 6 to 3; prompt 1: 4 to 5, said by two; prompts 2 and 3 have labels of one endpoint only."""
    rows = [(0, 0, 6), (0, 1, 3), (1, 0, 3), (1, 0, 5), (1, 1, 5), (1, 1, 5), (2, 0, 1), (3, 1, 7), (0, 2, 1)]
    paired = paired_means(*rated(rows), 0, 1)
    assert (paired.value, paired.n) == (pytest.approx((3 - 1) / 2), 2)


def test_margin_of_direct_comparisons() -> None:
    """Prompt 0: one win and one loss; prompt 1: won; prompt 2: tied."""
    left, right = np.array([0, 1, 1, 0, 0]), np.array([1, 0, 0, 1, 2])
    outcome = np.array([WON, WON, LOST, TIED, WON], dtype=np.int8)
    paired = paired_margin(Comparisons(left, right, outcome, np.array([0, 0, 1, 2, 2]), 3), 0, 1)
    assert (paired.value, paired.n) == (pytest.approx(1 / 3), 3)


def test_chance_is_that_of_all_signs() -> None:
    """Every sign of nine differences, which scipy goes through."""
    difference = np.array([0.5, 2.0, -1.0, 1.5, 0.0, 3.0, 1 / 3, -0.5, 1.0])
    exact = permutation_test((difference,), np.mean, permutation_type="samples", n_resamples=np.inf).pvalue
    assert by_chance(difference, seed=1) == pytest.approx(exact, abs=0.01)


def test_what_never_differs_is_chance() -> None:
    assert by_chance(np.zeros(20), seed=0) == 1


def drawn(better: float, generator: np.random.Generator, prompts: int = 40) -> Paired:
    """Of two endpoints, the first of which is better by so much, with two Likert labels each on prompts of unequal
    difficulty."""
    endpoint, cluster = np.tile([0, 1, 0, 1], prompts), np.repeat(np.arange(prompts), 4)
    hard = generator.normal(size=prompts)[cluster]
    value = np.clip(np.round(4 + hard + better * (endpoint == 0) + generator.normal(size=4 * prompts)), 1, 7)
    return paired_means(endpoint, value, cluster, 0, 1, resamples=0)


def test_it_keeps_its_level_on_endpoints_that_are_alike() -> None:
    generator = np.random.default_rng(11)
    found = [drawn(0.0, generator) for _draw in range(250)]
    assert np.mean([paired.p < 0.05 for paired in found]) == pytest.approx(0.05, abs=0.03)


def test_it_finds_an_endpoint_that_is_better() -> None:
    generator = np.random.default_rng(12)
    found = [drawn(0.8, generator) for _draw in range(20)]
    assert np.mean([paired.p < 0.05 for paired in found]) > 0.9
    assert np.mean([paired.value for paired in found]) == pytest.approx(0.8, abs=0.1)


def test_it_keeps_its_level_on_wins_that_annotators_of_a_prompt_share() -> None:
    """Five labels of a prompt that agree more often than not: taken one by one, they would find differences."""
    generator = np.random.default_rng(13)
    small = []
    for _draw in range(150):
        share = generator.beta(0.5, 0.5, size=30)
        outcome = np.where(generator.random((5, 30)) < share, WON, LOST).T.ravel().astype(np.int8)
        sides = np.zeros(150, dtype=np.intp), np.ones(150, dtype=np.intp)
        paired = paired_margin(Comparisons(*sides, outcome, np.repeat(np.arange(30), 5), 2), 0, 1, resamples=0)
        small.append(paired.p < 0.05)
    assert np.mean(small) == pytest.approx(0.05, abs=0.03)


def test_prompts_without_a_difference_widen_the_interval() -> None:
    """Fifty of a hundred prompts are ties: the mean is binomial, of a standard error of 0.05."""
    prompts = np.arange(100)
    left, right = np.repeat([[0], [1]], 100, axis=1)
    paired = paired_margin(Comparisons(left, right, (prompts % 2).astype(np.int8), prompts, 2), 0, 1)
    assert (paired.value, paired.low, paired.high) == pytest.approx((0.5, 0.402, 0.598), abs=0.02)


labels = st.lists(st.tuples(st.integers(0, 5), st.integers(0, 2), st.integers(1, 7)), max_size=30)


@settings(max_examples=40, deadline=None)
@given(rows=labels, order=st.randoms(use_true_random=False))
def test_the_other_way_round_it_is_the_opposite(rows: list[tuple[int, int, float]], order: Random) -> None:
    paired = paired_means(*rated(rows), 0, 1, resamples=20)
    shuffled = list(rows)
    order.shuffle(shuffled)
    turned = paired_means(*rated(shuffled), 1, 0, resamples=20)
    assert (paired.n, paired.undefined) == (turned.n, turned.undefined)
    if paired.value is not None:
        assert paired.value == pytest.approx(-turned.value)
        assert paired.p == turned.p
        assert 0 < paired.p <= 1


def test_nothing_shared() -> None:
    nothing = Paired(None, None, None, None, 0, undefined=NO_SHARED_PROMPTS)
    assert paired_means(*rated([(0, 0, 3), (1, 1, 3)]), 0, 1) == nothing
    assert paired_means(*rated([]), 0, 1) == nothing
    one = np.array([0])
    apart = paired_margin(Comparisons(one, one + 2, np.array([WON], dtype=np.int8), one, 3), 0, 1)
    assert (apart.value, apart.undefined) == (None, NEVER_MET)


def test_one_prompt_tells_nothing_of_chance() -> None:
    paired = paired_means(*rated([(0, 0, 7), (0, 1, 1)]), 0, 1)
    assert paired == Paired(6.0, None, None, 1.0, 1)
