import evalica
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evaluation.stats.bradley_terry import fit_bradley_terry
from evaluation.stats.preference import (
    Comparisons,
    average_win_rate,
    bradley_terry,
    counting,
    elo,
    mean_ratings,
    win_rate_matrix,
    win_rates,
)
from evaluation.stats.results import IS_BASELINE, NO_COMPARISONS, NO_RATINGS, UNBOUNDED

BASEBALL = {
    # home, away: wins at home, wins away (Agresti 2002, table 10.10; American League East, 1987)
    ("Milwaukee", "Detroit"): (4, 3), ("Milwaukee", "Toronto"): (4, 2), ("Milwaukee", "New York"): (4, 3),
    ("Milwaukee", "Boston"): (6, 1), ("Milwaukee", "Cleveland"): (4, 2), ("Milwaukee", "Baltimore"): (6, 0),
    ("Detroit", "Milwaukee"): (3, 3), ("Detroit", "Toronto"): (4, 2), ("Detroit", "New York"): (4, 3),
    ("Detroit", "Boston"): (6, 0), ("Detroit", "Cleveland"): (6, 1), ("Detroit", "Baltimore"): (4, 3),
    ("Toronto", "Milwaukee"): (2, 5), ("Toronto", "Detroit"): (4, 3), ("Toronto", "New York"): (2, 4),
    ("Toronto", "Boston"): (4, 3), ("Toronto", "Cleveland"): (4, 2), ("Toronto", "Baltimore"): (6, 0),
    ("New York", "Milwaukee"): (3, 3), ("New York", "Detroit"): (5, 1), ("New York", "Toronto"): (2, 5),
    ("New York", "Boston"): (4, 3), ("New York", "Cleveland"): (4, 2), ("New York", "Baltimore"): (6, 1),
    ("Boston", "Milwaukee"): (5, 1), ("Boston", "Detroit"): (2, 5), ("Boston", "Toronto"): (3, 3),
    ("Boston", "New York"): (4, 2), ("Boston", "Cleveland"): (5, 2), ("Boston", "Baltimore"): (6, 0),
    ("Cleveland", "Milwaukee"): (2, 5), ("Cleveland", "Detroit"): (3, 3), ("Cleveland", "Toronto"): (3, 4),
    ("Cleveland", "New York"): (4, 3), ("Cleveland", "Boston"): (4, 2), ("Cleveland", "Baltimore"): (2, 4),
    ("Baltimore", "Milwaukee"): (2, 5), ("Baltimore", "Detroit"): (1, 5), ("Baltimore", "Toronto"): (1, 6),
    ("Baltimore", "New York"): (2, 4), ("Baltimore", "Boston"): (1, 6), ("Baltimore", "Cleveland"): (3, 4),
}  # fmt: skip
ABILITIES = {"Cleveland": 0.68, "Boston": 1.11, "New York": 1.25, "Toronto": 1.29, "Detroit": 1.44, "Milwaukee": 1.58}
"""Log-abilities over Baltimore's (Agresti 2002, table 10.11)."""

WON, TIED, LOST = 1, 0, -1


def comparisons(rows: list[tuple[int, int, int]], n_endpoints: int, clusters: list[int] | None = None) -> Comparisons:
    left, right, outcome = np.array(rows, dtype=np.intp).reshape(-1, 3).T
    cluster = np.array(clusters if clusters is not None else range(len(rows)), dtype=np.intp)
    return Comparisons(left, right, outcome.astype(np.int8), cluster, n_endpoints)


def test_bradley_terry_of_the_baseball_season() -> None:
    teams = sorted({team for pair in BASEBALL for team in pair})
    wins = np.zeros((len(teams), len(teams)))
    for (home, away), (won, lost) in BASEBALL.items():
        wins[teams.index(home), teams.index(away)] += won
        wins[teams.index(away), teams.index(home)] += lost
    log_abilities = (fit_bradley_terry(wins) - 1000) * np.log(10) / 400
    above = log_abilities - log_abilities[teams.index("Baltimore")]
    for team, published in ABILITIES.items():
        assert above[teams.index(team)] == pytest.approx(published, abs=0.005)


def test_bradley_terry_of_two_is_the_odds() -> None:
    """Three wins of four: odds 3, so 400·log10(3) points apart around 1000."""
    scores = bradley_terry(comparisons([(0, 1, WON), (0, 1, WON), (1, 0, LOST), (0, 1, LOST)], 2))
    assert scores[0].value == pytest.approx(1000 + 200 * np.log10(3))
    assert scores[1].value == pytest.approx(1000 - 200 * np.log10(3))


def test_a_tie_is_half_a_win_for_each() -> None:
    ties = bradley_terry(comparisons([(0, 1, TIED), (0, 1, TIED)], 2))
    assert [score.value for score in ties] == pytest.approx([1000, 1000])


def test_groups_never_compared_have_no_common_scale() -> None:
    rows = [(0, 1, WON), (1, 0, WON), (2, 3, WON), (2, 3, WON), (3, 2, WON)]
    scores = bradley_terry(comparisons(rows, 5))
    assert [score.undefined for score in scores] == [None] * 4 + [NO_COMPARISONS]
    assert scores[0].group == scores[1].group != scores[2].group == scores[3].group
    assert [score.value for score in scores[:2]] == pytest.approx([1000, 1000])
    assert sum(score.value or 0 for score in scores[2:4]) == pytest.approx(2000)


def test_who_always_wins_has_no_finite_rating() -> None:
    scores = bradley_terry(comparisons([(0, 1, WON), (0, 1, WON)], 2))
    assert [score.undefined for score in scores] == [UNBOUNDED, UNBOUNDED]


def test_win_rates() -> None:
    given_ = comparisons([(0, 1, WON), (0, 1, WON), (1, 0, WON), (0, 1, TIED), (2, 0, WON)], 4)
    assert [score.value for score in win_rates(given_)] == pytest.approx([2 / 5, 1 / 4, 1, None])
    assert [score.n for score in win_rates(given_)] == [5, 4, 1, 0]
    halved = win_rates(given_, half_ties=True)
    assert [score.value for score in halved[:3]] == pytest.approx([2.5 / 5, 1.5 / 4, 1])


def test_win_rates_against_a_baseline() -> None:
    given_ = comparisons([(0, 1, WON), (1, 2, WON), (2, 1, WON), (0, 2, WON)], 3)
    scores = win_rates(given_, baseline=1)
    assert [score.value for score in scores] == [1.0, None, 0.5]
    assert scores[1].undefined == IS_BASELINE


def test_ranks_count_who_is_clearly_above() -> None:
    rows = [(0, 1, WON)] * 95 + [(1, 0, WON)] * 5 + [(1, 2, WON)] * 50 + [(2, 1, WON)] * 50
    scores = bradley_terry(comparisons(rows, 3), seed=1)
    assert [score.rank for score in scores] == [1, 2, 2]


def test_one_prompt_gives_no_interval() -> None:
    (score, _other) = win_rates(comparisons([(0, 1, WON), (0, 1, LOST)], 2, clusters=[7, 7]))
    assert (score.value, score.low, score.high, score.rank) == (0.5, None, None, None)


def test_mean_ratings() -> None:
    scores = mean_ratings(np.array([0, 0, 1]), np.array([3.0, 5.0, 7.0]), np.array([0, 1, 1]), 3)
    assert [score.value for score in scores] == [4.0, 7.0, None]
    assert scores[2].undefined == NO_RATINGS
    assert [score.n for score in scores] == [2, 1, 0]


rows = st.lists(
    st.tuples(st.integers(0, 3), st.integers(0, 3), st.sampled_from([WON, TIED, LOST])).filter(
        lambda row: row[0] != row[1]
    ),
    max_size=25,
)


@settings(max_examples=60, deadline=None)
@given(rows=rows)
def test_turning_a_comparison_round_changes_nothing(rows: list[tuple[int, int, int]]) -> None:
    turned = [(right, left, -outcome) for left, right, outcome in rows]
    for compute in (win_rates, bradley_terry):
        first = compute(comparisons(rows, 4), seed=2, resamples=10)
        second = compute(comparisons(turned, 4), seed=2, resamples=10)
        for one, other in zip(first, second, strict=True):
            assert one.undefined == other.undefined
            if one.value is not None:
                assert one.value == pytest.approx(other.value)


@settings(max_examples=100, deadline=None)
@given(rows=rows)
def test_adjusted_win_rates_of_two_add_up_to_one(rows: list[tuple[int, int, int]]) -> None:
    between = [(0, 1, outcome) for _left, _right, outcome in rows]
    scores = win_rates(comparisons(between, 2), half_ties=True, resamples=10)
    if between:
        assert sum(score.value or 0 for score in scores) == pytest.approx(1)


@settings(max_examples=60, deadline=None)
@given(rows=rows, seed=st.integers(0, 2**32))
def test_names_of_endpoints_do_not_matter(rows: list[tuple[int, int, int]], seed: int) -> None:
    renamed = np.random.default_rng(seed).permutation(4).tolist()
    other = comparisons([(renamed[left], renamed[right], outcome) for left, right, outcome in rows], 4)
    first, second = bradley_terry(comparisons(rows, 4), resamples=0), bradley_terry(other, resamples=0)
    for one, name in enumerate(renamed):
        assert first[one].undefined == second[name].undefined
        if first[one].value is not None:
            assert first[one].value == pytest.approx(second[name].value)


@settings(max_examples=60, deadline=None)
@given(rows=rows)
def test_ratings_are_those_of_the_library(rows: list[tuple[int, int, int]]) -> None:
    given_ = comparisons(rows, 4)
    ours = bradley_terry(given_, resamples=0)
    if rows and all(score.value is not None and score.group == ours[0].group for score in ours):
        winner = {WON: evalica.Winner.X, TIED: evalica.Winner.Draw, LOST: evalica.Winner.Y}
        left, right, outcomes = zip(*rows, strict=True)
        fitted = evalica.bradley_terry(left, right, [winner[one] for one in outcomes], tolerance=1e-12, limit=100_000)
        strengths = np.log10(fitted.scores.loc[range(4)].to_numpy())
        theirs = 400 * (strengths - strengths.mean()) + 1000
        assert [score.value for score in ours] == pytest.approx(theirs.tolist(), abs=1e-3)


def test_an_anchor_is_at_1000() -> None:
    rows = [(0, 1, WON), (0, 1, WON), (1, 0, WON), (1, 2, WON), (2, 1, WON)]
    free, anchored = bradley_terry(comparisons(rows, 3)), bradley_terry(comparisons(rows, 3), anchor=2)
    assert anchored[2].value == 1000
    assert (anchored[2].low, anchored[2].high) in [(1000, 1000), (None, None)]
    differences = [(one.value or 0) - (other.value or 0) for one, other in zip(free, anchored, strict=True)]
    assert differences == pytest.approx([differences[0]] * 3)


def test_a_matrix_has_each_two_and_the_rates_add_up() -> None:
    rows = [(0, 1, WON)] * 30 + [(0, 1, LOST)] * 10 + [(1, 0, TIED)] * 20
    matrix = win_rate_matrix(comparisons(rows, 3))
    assert matrix.won[0, 1] == 30
    assert matrix.won[1, 0] == 10
    assert matrix.tied[0, 1] == matrix.tied[1, 0] == 20
    assert matrix.rate[0, 1] == pytest.approx(40 / 60)
    assert matrix.rate[0, 1] + matrix.rate[1, 0] == pytest.approx(1)
    assert matrix.low[0, 1] < 40 / 60 < matrix.high[0, 1]
    assert np.isnan(matrix.rate[0, 2])


def test_elo_counting_and_mean_win_rate_of_a_hand_made_table() -> None:
    given_ = comparisons([(0, 1, WON), (1, 2, TIED), (0, 2, LOST)], 4)
    assert [score.value for score in counting(given_)] == [1, 0.5, 1.5, None]
    assert [score.value for score in average_win_rate(given_)] == [0.5, 0.25, 0.75, None]
    assert elo(given_)[1].value == pytest.approx(
        (1000 - 2) + 4 * (0.5 - 1 / (1 + 10 ** ((1000 - 998) / 400))), abs=1e-6
    )
