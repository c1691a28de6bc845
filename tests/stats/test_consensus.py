"""Against the published example of each method, and what must hold whatever the labels are."""

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from evaluation.stats.consensus import DawidSkene, dawid_skene, ranked_pairs
from evaluation.stats.labels import Labels
from evaluation.stats.results import NOBODY_SHARED, Undefined

ANAESTHETISTS = """
1111111 3334334 1122122 2223121 2223222 2223322 1222111 3333433 2222223 2322223 4444444 2223343 1111111 2223212 1211111
1112111 1111111 1111111 2222221 2221322 2222222 2222221 2223222 2212222 1111111 1111111 2322222 1111111 1111111 1121121
1111111 3333233 1111111 2222222 2223232 4334343 2212232 2323233 3333432 1111111 1111111 1212111 2322222 1211111 2222222
"""
"""Dawid and Skene 1979, table 1: 45 patients, graded 1 to 4 for anaesthesia; the first of five looked three times."""
GRADED_BY = [0, 0, 0, 1, 2, 3, 4]
PREVALENCE = [0.40, 0.42, 0.11, 0.07]
ERROR_RATES = [
    [[0.89, 0.11, 0, 0], [0.07, 0.88, 0.05, 0], [0, 0.34, 0.66, 0], [0, 0, 0.56, 0.44]],
    [[0.83, 0.17, 0, 0], [0.05, 0.63, 0.31, 0], [0, 0, 1, 0], [0, 0, 0, 1]],
    [[1, 0, 0, 0], [0.11, 0.79, 0.11, 0], [0, 0.40, 0.20, 0.40], [0, 0, 0.67, 0.33]],
    [[0.94, 0.06, 0, 0], [0.05, 0.84, 0.10, 0], [0, 0, 0.80, 0.20], [0, 0, 0.33, 0.67]],
    [[1, 0, 0, 0], [0.16, 0.73, 0.11, 0], [0, 0.21, 0.79, 0], [0, 0, 0.33, 0.67]],
]
"""By observer, true grade and given grade, as printed."""
IN_DOUBT = {7: (1, 0.98), 35: (2, 0.95), 38: (3, 0.98)}
"""The patients whose grade is not certain to two digits: their likeliest grade, and how likely it is."""


def labels_of(rows: list[tuple[int, int, int]], n_units: int, n_values: int) -> Labels:
    """From (unit, annotator, value)."""
    unit, annotator, value = np.array(rows, dtype=np.intp).reshape(-1, 3).T
    units = np.arange(n_units)
    return Labels(unit, annotator, value, np.arange(float(n_values)), units, units)


def test_dawid_skene_of_the_anaesthetists() -> None:
    rows = [
        (patient, observer, int(grade) - 1)
        for patient, grades in enumerate(ANAESTHETISTS.split())
        for observer, grade in zip(GRADED_BY, grades, strict=True)
    ]
    found = dawid_skene(labels_of(rows, 45, 4), 5)
    assert found.converged
    assert found.prevalence == pytest.approx(PREVALENCE, abs=0.0051)
    assert found.confusion == pytest.approx(np.array(ERROR_RATES), abs=0.0051)
    doubtful = np.flatnonzero(found.posterior.max(axis=1) < 0.99)
    assert {int(patient) + 1 for patient in doubtful} == IN_DOUBT.keys()
    for patient, (grade, probability) in IN_DOUBT.items():
        assert found.posterior[patient - 1, grade - 1] == pytest.approx(probability, abs=0.0051)


def test_who_labels_alone_has_no_error_rate() -> None:
    with pytest.raises(Undefined, match=NOBODY_SHARED):
        dawid_skene(labels_of([(0, 0, 1), (1, 1, 0)], 2, 2), 2)


def test_a_unit_without_labels_has_the_prevalence() -> None:
    found = dawid_skene(labels_of([(0, 0, 1), (0, 1, 1), (1, 0, 0), (1, 1, 0), (2, 0, 1), (2, 1, 1)], 4, 2), 2)
    assert found.prevalence == pytest.approx([1 / 3, 2 / 3])
    assert found.posterior[3] == pytest.approx(found.prevalence)


def test_who_never_met_a_value_has_no_error_rate_there() -> None:
    found = dawid_skene(labels_of([(0, 0, 1), (0, 1, 1), (1, 0, 0), (1, 1, 0), (2, 2, 1), (2, 0, 1)], 3, 2), 3)
    assert np.isnan(found.confusion[2, 0]).all()
    assert found.confusion[2, 1] == pytest.approx([0, 1])
    assert found.seen[2] == pytest.approx([0, 1])


def naive_dawid_skene(
    rows: list[tuple[int, int, int]], n_units: int, n_annotators: int, size: int, rounds: int
) -> list[list[float]]:
    """The paper's equations 2.3 to 2.5, one number at a time."""
    truth = [[0.0] * size for _unit in range(n_units)]
    for unit, _annotator, value in rows:
        truth[unit][value] += 1 / sum(one[0] == unit for one in rows)
    for _round in range(rounds):
        prevalence = [sum(row[true] for row in truth) / n_units for true in range(size)]
        rates: dict[tuple[int, int, int], float] = {}
        for one in range(n_annotators):
            for true in range(size):
                of = sum(truth[unit][true] for unit, annotator, _value in rows if annotator == one)
                for said in range(size):
                    hits = sum(truth[u][true] for u, annotator, value in rows if (annotator, value) == (one, said))
                    rates[one, true, said] = hits / of if of else 0.0
        for unit in range(n_units):
            joint = prevalence.copy()
            for labeled, annotator, value in rows:
                if labeled == unit:
                    joint = [p * rates[annotator, true, value] for true, p in enumerate(joint)]
            truth[unit] = [p / sum(joint) for p in joint]
    return truth


@settings(max_examples=15, deadline=None)
@given(st.lists(st.lists(st.integers(0, 2), min_size=3, max_size=3), min_size=2, max_size=6))
def test_dawid_skene_does_what_the_paper_writes(table: list[list[int]]) -> None:
    rows = [(unit, annotator, value) for unit, values in enumerate(table) for annotator, value in enumerate(values)]
    found = dawid_skene(labels_of(rows, len(table), 3), 3)
    naive = naive_dawid_skene(rows, len(table), 3, 3, found.n_iter)
    assert found.posterior == pytest.approx(np.array(naive), abs=1e-6)


@settings(max_examples=10, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 5), st.integers(0, 3), st.integers(0, 2)), min_size=2, max_size=30),
    st.randoms(use_true_random=False),
)
def test_neither_order_nor_numbering_matters_to_dawid_skene(rows: list[tuple[int, int, int]], draw: object) -> None:
    names = list(range(4))
    shuffled = rows.copy()
    draw.shuffle(names)  # type: ignore[attr-defined]
    draw.shuffle(shuffled)  # type: ignore[attr-defined]
    renamed = [(unit, names[annotator], value) for unit, annotator, value in shuffled]
    try:
        first: DawidSkene = dawid_skene(labels_of(rows, 6, 3), 4)
    except Undefined:
        with pytest.raises(Undefined):
            dawid_skene(labels_of(renamed, 6, 3), 4)
        return
    second = dawid_skene(labels_of(renamed, 6, 3), 4)
    assert first.posterior.sum(axis=1) == pytest.approx(np.ones(6))
    assert second.posterior == pytest.approx(first.posterior, abs=1e-3)


def wins_of(ballots: dict[str, int]) -> tuple[NDArray[np.float64], list[str]]:
    """From how many rank the candidates, each a letter, in which order."""
    names = sorted({name for ballot in ballots for name in ballot})
    wins = np.zeros((len(names), len(names)))
    for ballot, n in ballots.items():
        for place, name in enumerate(ballot):
            for below in ballot[place + 1 :]:
                wins[names.index(name), names.index(below)] += n
    return wins, names


def test_ranked_pairs_of_the_capital_of_tennessee() -> None:
    """The example in Wikipedia: Nashville, Chattanooga, Knoxville, Memphis, though most ballots put Memphis first."""
    wins, names = wins_of({"MNCK": 42, "NCKM": 26, "CKNM": 15, "KCNM": 17})
    assert dict(zip(names, ranked_pairs(wins).tolist(), strict=True)) == {"N": 1, "C": 2, "K": 3, "M": 4}


def test_the_weakest_majority_of_a_circle_gives_way() -> None:
    """a over b by 5, b over c by 3, c over a by 1."""
    assert ranked_pairs(np.array([[0, 5, 0], [0, 0, 3], [1, 0, 0]], dtype=float)).tolist() == [1, 2, 3]


def test_majorities_of_one_margin_that_go_in_a_circle_all_give_way() -> None:
    circle = np.array([[0, 2, 0, 2], [0, 0, 2, 2], [2, 0, 0, 2], [0, 0, 0, 0]], dtype=float)
    assert ranked_pairs(circle).tolist() == [1, 1, 1, 4]


def test_a_majority_that_wider_ones_refute_hinders_none_of_its_own_margin() -> None:
    """c over d and d over b by 3. By 1: b over c, which that refutes, so that a over b and c over a go in no circle."""
    wins = np.array([[0, 1, 0, 0], [0, 0, 1, 0], [1, 0, 0, 3], [0, 3, 0, 0]], dtype=float)
    assert ranked_pairs(wins).tolist() == [2, 4, 1, 2]


def test_who_was_never_compared_shares_the_first_rank() -> None:
    assert ranked_pairs(np.zeros((3, 3))).tolist() == [1, 1, 1]
    assert ranked_pairs(np.zeros((0, 0))).tolist() == []


def naive_ranked_pairs(wins: NDArray[np.float64]) -> list[int]:
    """Of margins that all differ: each majority in turn, unless it contradicts those before."""
    k = len(wins)
    above: set[tuple[int, int]] = set()
    for i, j in sorted(permutations(range(k), 2), key=lambda pair: wins[pair[1], pair[0]] - wins[pair]):
        if wins[i, j] > wins[j, i] and (j, i) not in above:
            over, under = {i} | {x for x, y in above if y == i}, {j} | {y for x, y in above if x == j}
            above |= {(x, y) for x in over for y in under}
    return [1 + sum(y == one for _x, y in above) for one in range(k)]


@settings(max_examples=50, deadline=None)
@given(st.integers(2, 6), st.randoms(use_true_random=False))
def test_ranked_pairs_of_margins_that_all_differ(k: int, draw: object) -> None:
    pairs = [(i, j) for i in range(k) for j in range(i)]
    margins = list(range(1, len(pairs) + 1))
    draw.shuffle(margins)  # type: ignore[attr-defined]
    wins = np.zeros((k, k))
    for (i, j), margin in zip(pairs, margins, strict=True):
        wins[(i, j) if draw.random() < 0.5 else (j, i)] = margin  # type: ignore[attr-defined]
    ranks = ranked_pairs(wins)
    assert ranks.tolist() == naive_ranked_pairs(wins)
    assert sorted(ranks.tolist()) == list(range(1, k + 1))


@st.composite
def tables(draw: st.DrawFn) -> NDArray[np.float64]:
    """Wins with many ties and many equal margins."""
    k = draw(st.integers(1, 5))
    values = draw(st.lists(st.integers(0, 3), min_size=k * k, max_size=k * k))
    return np.array(values, dtype=float).reshape(k, k) / 2


@settings(max_examples=60, deadline=None)
@given(tables(), st.randoms(use_true_random=False))
def test_how_responses_are_numbered_does_not_matter(wins: NDArray[np.float64], draw: object) -> None:
    order = list(range(len(wins)))
    draw.shuffle(order)  # type: ignore[attr-defined]
    assert ranked_pairs(wins[np.ix_(order, order)]).tolist() == ranked_pairs(wins)[order].tolist()


@settings(max_examples=60, deadline=None)
@given(tables())
def test_who_beats_everybody_is_first_and_who_loses_to_everybody_is_last(wins: NDArray[np.float64]) -> None:
    beats = wins > wins.T
    k = len(wins)
    ranks = ranked_pairs(wins)
    assert ranks.min() == 1
    for one in range(k):
        if beats[one].sum() == k - 1:
            assert ranks[one] == 1
            assert (np.delete(ranks, one) > 1).all()
        if beats[:, one].sum() == k - 1:
            assert ranks[one] == k
