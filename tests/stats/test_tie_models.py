import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize
from scipy.special import xlogy

from evaluation.stats.intervals import Values, merged, percentile_interval, resampled_totals
from evaluation.stats.preference import Comparisons
from evaluation.stats.results import ALL_TIED, DISCONNECTED, NO_COMPARISONS, ONE_WAY, UNBOUNDED, Undefined
from evaluation.stats.tie_models import (
    Fitted,
    davidson,
    fit_davidson,
    fit_rao_kupper,
    impediment,
    meetings,
    rao_kupper,
)

PUDDINGS = [
    # i, j, preferred i, preferred j, neither
    (1, 2, 19, 22, 16), (1, 3, 16, 19, 12), (2, 3, 19, 19, 10), (1, 4, 18, 23, 13), (2, 4, 23, 19, 9),
    (3, 4, 19, 20, 15), (1, 5, 13, 19, 18), (2, 5, 16, 20, 12), (3, 5, 16, 15, 17), (4, 5, 17, 14, 16),
    (1, 6, 18, 21, 12), (2, 6, 22, 20, 12), (3, 6, 13, 18, 10), (4, 6, 14, 19, 18), (5, 6, 11, 21, 12),
]  # fmt: skip
"""Six brands of chocolate pudding (Davidson 1970, example 2)."""

WON, TIED, LOST = 1, 0, -1
FITS = [fit_davidson, fit_rao_kupper]
Fit = Callable[[Values, Values], Fitted]


def counted(rows: list[tuple[int, int, int, int, int]], e: int) -> tuple[Values, Values]:
    wins, ties = np.zeros((e, e)), np.zeros((e, e))
    for i, j, won, lost, tied in rows:
        wins[i, j], wins[j, i] = won, lost
        ties[i, j] = ties[j, i] = tied
    return wins, ties


def strengths(fitted: Fitted) -> Values:
    """Adding up to 1."""
    odds = 10 ** (fitted.ratings / 400)
    return np.asarray(odds / odds.sum())


def comparisons(rows: list[tuple[int, int, int]], e: int, clusters: list[int] | None = None) -> Comparisons:
    left, right, outcome = np.array(rows, dtype=np.intp).reshape(-1, 3).T
    cluster = np.array(clusters if clusters is not None else range(len(rows)), dtype=np.intp)
    return Comparisons(left, right, outcome.astype(np.int8), cluster, e)


def test_davidsons_puddings() -> None:
    """What R's PlackettLuce prints after seven steps, as Davidson did (its vignette, section 2.1.1)."""
    fitted = fit_davidson(*counted([(i - 1, j - 1, *counts) for i, j, *counts in PUDDINGS], 6))
    published = [0.1388005, 0.1729985, 0.1617420, 0.1653930, 0.1586805, 0.2023855]
    assert strengths(fitted) == pytest.approx(published, abs=3e-5)
    assert fitted.tie == pytest.approx(0.7468147, abs=3e-5)
    assert fitted.converged


def test_pandalm_gives_its_figures(shared_data: Path) -> None:
    names = ["bloom-7b", "cerebras-gpt-6.7B", "llama-7b", "opt-7b", "pythia-6.9b"]
    wins, ties = np.zeros((5, 5)), np.zeros((5, 5))
    for item in json.loads((shared_data / "preferences" / "pandalm_testset_v1.json").read_text()):
        first, second = (names.index(name) for name in item["cmp_key"].split("_"))
        said = [item[f"annotator{number}"] for number in (1, 2, 3)]
        majority = max(said, key=said.count)
        wins[first, second] += majority == 1
        wins[second, first] += majority == 2
        ties[first, second] += majority == 0
        ties[second, first] += majority == 0
    fitted = fit_davidson(wins, ties)
    assert strengths(fitted) == pytest.approx(
        [0.1736930676, 0.09668188429, 0.4022157357, 0.13476612, 0.1926431925], abs=1e-6
    )
    assert fitted.tie == pytest.approx(0.251433, abs=1e-6)


def test_two_that_won_six_and_three_and_tied_four_times() -> None:
    """As many parameters as shares: π_a/π_b = 6/3, ν = 4/√(6·3); and 7/6 = θ·π_b/π_a, 10/3 = θ·π_a/π_b."""
    given_ = counted([(0, 1, 6, 3, 4)], 2)
    as_davidson, as_rao_kupper = fit_davidson(*given_), fit_rao_kupper(*given_)
    assert as_davidson.ratings[0] - as_davidson.ratings[1] == pytest.approx(400 * np.log10(2))
    assert as_davidson.tie == pytest.approx(4 / np.sqrt(18))
    assert as_rao_kupper.ratings[0] - as_rao_kupper.ratings[1] == pytest.approx(200 * np.log10(20 / 7))
    assert as_rao_kupper.tie == pytest.approx(np.sqrt(35 / 9))


@pytest.mark.parametrize(("fit", "tie"), [(fit_davidson, 0), (fit_rao_kupper, 1)])
def test_without_ties_it_is_bradley_and_terrys_model(fit: Fit, tie: int) -> None:
    fitted = fit(*counted([(0, 1, 3, 1, 0)], 2))
    assert fitted.ratings == pytest.approx([1000 + 200 * np.log10(3), 1000 - 200 * np.log10(3)])
    assert fitted.tie == tie


def minus_log_likelihood(at: Values, wins: Values, ties: Values, fit: Fit) -> float:
    """As the definitions have it."""
    strength, tie = np.exp(at[:-1]), np.exp(at[-1])
    total = 0.0
    for i in range(len(wins)):
        for j in range(i):
            a, b = strength[i], strength[j]
            if fit is fit_davidson:
                whole = a + b + tie * np.sqrt(a * b)
                won, lost = a / whole, b / whole
            else:
                won, lost = a / (a + tie * b), b / (b + tie * a)
            total -= xlogy(wins[i, j], won) + xlogy(wins[j, i], lost) + xlogy(ties[i, j], 1 - won - lost)
    return float(total)


@pytest.mark.parametrize("fit", FITS)
def test_it_is_the_maximum_a_naive_fit_finds(fit: Fit) -> None:
    generator = np.random.default_rng(3)
    wins = generator.poisson(4.0, (5, 5)) * (1 - np.eye(5))
    ties = np.triu(generator.poisson(2.0, (5, 5)), 1).astype(float)
    ties += ties.T
    some_ties = [(None, None)] * 5 + [(0.01 if fit is fit_rao_kupper else None, None)]
    found = minimize(minus_log_likelihood, [0.0] * 5 + [0.5], (wins, ties, fit), bounds=some_ties, tol=1e-12)
    fitted = fit(wins, ties)
    assert fitted.ratings == pytest.approx(400 / np.log(10) * (found.x[:-1] - found.x[:-1].mean()) + 1000, abs=0.01)
    assert fitted.tie == pytest.approx(np.exp(found.x[-1]), abs=1e-4)


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        ([(0, 1, 2, 1, 1), (2, 3, 1, 1, 0)], DISCONNECTED),
        ([(0, 1, 2, 1, 1), (2, 3, 1, 1, 0), (0, 2, 4, 0, 0)], UNBOUNDED),
        ([(0, 1, 0, 0, 5), (1, 2, 0, 0, 1), (2, 3, 0, 0, 1)], ALL_TIED),
        # nobody ever lost to whom they had beaten, or tied with: the more ties, the farther apart
        ([(0, 1, 5, 0, 2), (1, 2, 0, 0, 1), (2, 3, 0, 0, 1)], ONE_WAY),
        ([(0, 1, 1, 0, 0), (0, 2, 0, 0, 1), (1, 2, 0, 0, 1), (2, 3, 0, 0, 1)], ONE_WAY),
    ],
)
@pytest.mark.parametrize("fit", FITS)
def test_why_no_finite_rating_fits(fit: Fit, rows: list[tuple[int, int, int, int, int]], reason: str) -> None:
    with pytest.raises(Undefined) as none:
        fit(*counted(rows, 4))
    assert none.value.reason == reason


@settings(max_examples=70, deadline=None)
@given(
    counts=st.lists(st.tuples(*[st.sampled_from([0, 0, 1, 5])] * 3), min_size=6, max_size=6),
    fit=st.sampled_from(FITS),
    order=st.permutations(range(4)),
)
def test_where_nothing_impedes_there_is_one_maximum_whatever_the_names(
    counts: list[tuple[int, int, int]], fit: Fit, order: list[int]
) -> None:
    pairs = [(i, j) for i in range(4) for j in range(i)]
    wins, ties = counted([(*pair, *three) for pair, three in zip(pairs, counts, strict=True)], 4)
    if impediment(wins, ties) is None:
        fitted = fit(wins, ties)
        renamed = fit(wins[np.ix_(order, order)], ties[np.ix_(order, order)])
        assert fitted.converged
        assert renamed.ratings == pytest.approx(fitted.ratings[order], abs=1e-3)
        assert renamed.tie == pytest.approx(fitted.tie, rel=1e-5)
        if ties.any():
            at = np.append((fitted.ratings - 1000) * np.log(10) / 400, np.log(fitted.tie))
            here = minus_log_likelihood(at, wins, ties, fit)
            for nearby in np.vstack([np.eye(5), -np.eye(5)]) * 0.01:
                assert minus_log_likelihood(at + nearby, wins, ties, fit) >= here - 1e-9


def season(n: int, generator: np.random.Generator) -> Comparisons:
    """Of four, by Davidson's model with ν = 0.8, three comparisons a prompt."""
    strength = np.array([0.0, 0.3, 0.6, -0.5])
    left = generator.integers(4, size=n)
    right = (left + generator.integers(1, 4, size=n)) % 4
    difference = strength[left] - strength[right]
    shares = np.stack([np.exp(-difference / 2), np.full(n, 0.8), np.exp(difference / 2)], axis=1)
    shares /= shares.sum(axis=1, keepdims=True)
    outcome = (generator.random(n)[:, None] > shares.cumsum(axis=1)).sum(axis=1) - 1
    return Comparisons(left, right, outcome.astype(np.int8), np.arange(n) // 3, 4)


@pytest.mark.parametrize(("model", "fit"), [(davidson, fit_davidson), (rao_kupper, fit_rao_kupper)])
def test_intervals_are_of_every_resample_fitted_by_itself(model: Callable[..., object], fit: Fit) -> None:
    given_ = season(150, np.random.default_rng(4))
    met = meetings(given_)
    alone = []
    for totals in np.concatenate(list(resampled_totals(merged(met.contributions), 6, 50))):
        fitted = fit(*met.tables(totals))
        alone.append([*fitted.ratings, fitted.tie])
    together = model(given_, seed=6, resamples=50)
    for score, values in zip([*together.scores, together.tie], np.array(alone).T, strict=True):
        interval = percentile_interval(values)
        assert (score.low, score.high) == pytest.approx((interval.low, interval.high), abs=1e-4)
        assert score.low < score.value < score.high


def test_turning_a_comparison_round_changes_nothing() -> None:
    given_ = season(60, np.random.default_rng(2))
    turned = Comparisons(given_.right, given_.left, -given_.outcome, given_.cluster, 4)
    for model in (davidson, rao_kupper):
        assert model(given_, seed=1, resamples=20) == model(turned, seed=1, resamples=20)


def test_who_was_never_compared_is_undefined_alone() -> None:
    rows = [(0, 2, WON), (2, 0, WON), (0, 2, TIED)]
    model = davidson(comparisons(rows, 3), resamples=0)
    assert [score.undefined for score in model.scores] == [None, NO_COMPARISONS, None]
    assert [score.n for score in model.scores] == [3, 0, 3]
    assert (model.scores[0].value, model.tie.value, model.tie.n) == (pytest.approx(1000), pytest.approx(1), 3)


def test_no_comparisons_and_none_that_fit() -> None:
    nothing = davidson(comparisons([], 2))
    assert [score.undefined for score in [*nothing.scores, nothing.tie]] == [NO_COMPARISONS] * 3
    beaten = rao_kupper(comparisons([(0, 1, WON), (1, 0, LOST)], 3))
    assert [score.undefined for score in beaten.scores] == [UNBOUNDED, UNBOUNDED, NO_COMPARISONS]
    assert (beaten.tie.undefined, beaten.tie.n, beaten.converged) == (UNBOUNDED, 2, False)


def test_one_prompt_gives_no_interval() -> None:
    model = davidson(comparisons([(0, 1, WON), (0, 1, LOST), (0, 1, TIED)], 2, clusters=[7, 7, 7]))
    assert [(score.low, score.high) for score in [*model.scores, model.tie]] == [(None, None)] * 3
