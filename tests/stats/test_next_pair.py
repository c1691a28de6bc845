from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evaluation.stats.bradley_terry import fit_bradley_terry
from evaluation.stats.intervals import Values
from evaluation.stats.next_pair import next_pair


@st.composite
def tables(draw: st.DrawFn, most: int = 40) -> Values:
    """Wins among up to six endpoints, many of which never met."""
    n = draw(st.integers(2, 6))
    counts = st.one_of(st.just(0), st.integers(0, 2 * most))
    wins = np.array(draw(st.lists(counts, min_size=n * n, max_size=n * n)), dtype=float).reshape(n, n) / 2
    np.fill_diagonal(wins, 0)
    return wins


def of_pairs(wins: Values) -> dict[tuple[int, int], float]:
    return dict(zip(combinations(range(len(wins)), 2), next_pair(wins).tolist(), strict=True))


def beaten(*rows: tuple[int, int, float], n: int) -> Values:
    """Who won over whom, and how often."""
    wins = np.zeros((n, n))
    for winner, loser, times in rows:
        wins[winner, loser] += times
    return wins


@settings(max_examples=200, deadline=None)
@given(tables())
def test_shares_are_above_0_and_add_up_to_1(wins: Values) -> None:
    shares = next_pair(wins)
    assert shares.shape == (len(wins) * (len(wins) - 1) // 2,)
    assert (shares > 0).all()
    assert shares.sum() == pytest.approx(1)


@settings(max_examples=100, deadline=None)
@given(tables(), st.randoms(use_true_random=False))
def test_who_is_called_what_does_not_matter(wins: Values, draw: object) -> None:
    order = list(range(len(wins)))
    draw.shuffle(order)  # type: ignore[attr-defined]
    shares, shuffled = of_pairs(wins), of_pairs(wins[np.ix_(order, order)])
    for (one, other), share in shuffled.items():
        first, second = sorted((order[one], order[other]))
        assert share == pytest.approx(shares[first, second], rel=1e-4)


@settings(max_examples=100, deadline=None)
@given(tables())
def test_a_share_is_by_how_much_one_comparison_more_narrows_the_interval(wins: Values) -> None:
    """Of the difference of the two, with the comparison really added to the Fisher information."""
    n = len(wins)
    supposed = wins + (1 - np.eye(n)) / (2 * (n - 1))
    rating = fit_bradley_terry(supposed)
    p = 1 / (1 + 10 ** ((rating[None, :] - rating[:, None]) / 400))
    counts = supposed + supposed.T

    def spread(one: int, other: int, added: int) -> float:
        more = counts.copy()
        more[one, other] = more[other, one] = counts[one, other] + added
        information = more * p * (1 - p)
        covariance = np.linalg.pinv(np.diag(information.sum(axis=1)) - information)
        contrast = np.eye(n)[one] - np.eye(n)[other]
        return float(np.sqrt(contrast @ covariance @ contrast))

    pairs = list(combinations(range(n), 2))
    narrowed = np.array([spread(*pair, added=0) - spread(*pair, added=1) for pair in pairs])
    assert next_pair(wins) == pytest.approx(narrowed / narrowed.sum(), rel=1e-3, abs=1e-7)


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 100), st.integers(1, 100), st.integers(0, 20))
def test_of_two_pairs_that_are_else_alike_the_one_compared_less_comes_first(n: int, more: int, across: int) -> None:
    """Everybody is equal; the pairs meet one another `across` times."""
    wins = np.full((4, 4), across / 2)
    np.fill_diagonal(wins, 0)
    wins[0, 1] = wins[1, 0] = (n + more) / 2
    wins[2, 3] = wins[3, 2] = n / 2
    shares = of_pairs(wins)
    assert shares[0, 1] < shares[2, 3]


def test_without_labels_all_pairs_are_alike() -> None:
    assert next_pair(np.zeros((4, 4))) == pytest.approx(np.full(6, 1 / 6))


@pytest.mark.parametrize("n", [0, 1])
def test_where_there_are_no_two_there_is_no_pair(n: int) -> None:
    assert next_pair(np.zeros((n, n))).size == 0


def test_of_pairs_that_never_met_the_one_that_others_tell_nothing_of_comes_first() -> None:
    """0 and 2 both met 1 often, which tells how 0 and 2 compare; nobody met 3."""
    shares = of_pairs(beaten((0, 1, 50), (1, 0, 50), (1, 2, 50), (2, 1, 50), n=4))
    assert min(shares[0, 3], shares[1, 3], shares[2, 3]) > 10 * shares[0, 2]
    assert shares[0, 2] > shares[0, 1]


def test_groups_that_never_met_are_to_meet() -> None:
    shares = of_pairs(beaten((0, 1, 30), (1, 0, 30), (2, 3, 30), (3, 2, 30), n=4))
    within = shares.pop((0, 1)) + shares.pop((2, 3))
    assert within < 0.05
    assert min(shares.values()) == pytest.approx(max(shares.values()), rel=1e-4)


@pytest.mark.parametrize("times", [3, 1e6])
def test_who_won_everything_and_a_chain_of_such_have_shares(times: float) -> None:
    first = next_pair(beaten(*((0, other, times) for other in range(1, 5)), n=5))
    chain = next_pair(beaten(*((place, place + 1, times) for place in range(11)), n=12))
    for shares in (first, chain):
        assert (shares > 0).all()
        assert shares.sum() == pytest.approx(1)
