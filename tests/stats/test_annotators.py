"""Each figure against a library, a naive version or a number worked out by hand, and what must hold of all of them."""

from dataclasses import fields, replace
from itertools import combinations

import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import stats

from evaluation.stats.annotators import AnnotatorFigures, Known, measure_annotators
from evaluation.stats.anomaly import anomaly, surprises
from evaluation.stats.by_person import Figure
from evaluation.stats.flags import FEWEST, flags_of
from evaluation.stats.habits import (
    Judged,
    Worked,
    intransitive,
    length_bias,
    position_bias,
    speed,
    triples,
    usual_seconds,
)
from evaluation.stats.intervals import wilson
from evaluation.stats.labels import Labels
from evaluation.stats.leave_one_out import Compared, agreement, compare, drift, majority_of_others
from evaluation.stats.results import (
    ALWAYS_ALIKE,
    FEW_PROMPTS,
    NO_CHOICE,
    NO_GOLD,
    NO_HISTORY,
    NO_MAJORITY,
    NO_TIMES,
    NO_TRIPLES,
    ONE_MOMENT,
    SAME_LENGTH,
)

WON, TIED, LOST = 1, 0, -1
FIVE_PERCENT = 0.07
"""What a test at 5 % may come to in a few hundred draws."""


def labels_of(rows: list[tuple[int, int, int]], n_values: int = 3, n_units: int = 6) -> Labels:
    """From (unit, annotator, value), each unit of a prompt of its own."""
    unit, annotator, value = np.array(rows, dtype=np.intp).reshape(-1, 3).T
    units = np.arange(n_units)
    return Labels(unit, annotator, value, np.arange(float(n_values)), units, units)


def judged_by(
    annotator: list[int] | NDArray[np.intp],
    outcome: list[int] | NDArray[np.int8],
    *,
    cluster: NDArray[np.intp] | None = None,
    responses: list[tuple[int, int]] | None = None,
    endpoints: list[tuple[int, int]] | None = None,
    left_first: list[bool] | NDArray[np.bool_] | None = None,
    length_difference: list[float] | NDArray[np.float64] | None = None,
) -> Judged:
    """Pairs that each are a prompt of their own, unless something else is said."""
    n = len(annotator)
    numbers = np.arange(n)
    cluster = numbers if cluster is None else cluster
    left, right = np.array(responses).reshape(-1, 2).T if responses else (2 * numbers, 2 * numbers + 1)
    left_endpoint, right_endpoint = np.array(endpoints or [(0, 1)] * n, dtype=np.intp).reshape(-1, 2).T
    return Judged(
        annotator=np.array(annotator, dtype=np.intp),
        item=cluster,
        cluster=cluster,
        left=left,
        right=right,
        left_endpoint=left_endpoint,
        right_endpoint=right_endpoint,
        outcome=np.array(outcome, dtype=np.int8),
        left_first=np.ones(n, dtype=bool) if left_first is None else np.array(left_first, dtype=bool),
        length_difference=np.ones(n) if length_difference is None else np.array(length_difference),
    )


# Agreement with the others


@st.composite
def label_rows(draw: st.DrawFn) -> list[tuple[int, int, int]]:
    cells = draw(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 4)), unique=True, max_size=25))
    return [(unit, annotator, draw(st.integers(0, 2))) for unit, annotator in cells]


@settings(max_examples=80, deadline=None)
@given(label_rows())
def test_the_majority_of_the_others_is_what_counting_them_gives(rows: list[tuple[int, int, int]]) -> None:
    expected = []
    for unit, annotator, _value in rows:
        others = [value for at, who, value in rows if at == unit and who != annotator]
        votes = sorted((others.count(value), value) for value in set(others))
        clear = votes and (len(votes) == 1 or votes[-1][0] > votes[-2][0])
        expected.append(votes[-1][1] if clear else -1)
    assert majority_of_others(labels_of(rows)).tolist() == expected


def test_agreement_with_the_majority_of_the_others() -> None:
    """Of three people 0 dissents at one of four units, where the others have no majority without one another."""
    rows = [(unit, who, 1 if (unit, who) == (0, 0) else 0) for unit in range(4) for who in range(3)]
    found, chance = agreement(compare(labels_of(rows), np.zeros(12)), 4, 3, 0, 200)
    assert [figure.value for figure in found] == [0.75, 1, 1, None]
    assert [figure.n for figure in found] == [4, 3, 3, 0]
    assert found[0].others == 1
    assert found[1].others == pytest.approx(6 / 7)
    assert found[3].undefined == NO_MAJORITY
    assert chance.tolist()[:3] == [0.75, 1, 1]


def test_who_always_agrees_has_the_interval_of_wilson_over_prompts() -> None:
    rows = [(unit, who, unit % 2) for unit in range(6) for who in range(3)]
    one_prompt_each_two = replace(labels_of(rows), cluster=np.array([0, 0, 1, 1, 2, 2]))
    found, _chance = agreement(compare(one_prompt_each_two, np.zeros(18)), 3, 3, 0, 200)
    assert found[0].low == pytest.approx(wilson(3, 3).low)
    assert found[0].high == pytest.approx(1)


def test_who_always_says_the_same_is_at_chance_though_it_is_often_right() -> None:
    """Four people agree on what is 0 four times of five; a fifth always says 0."""
    rows = [(unit, who, 0 if who == 4 else int(unit % 5 == 0)) for unit in range(100) for who in range(5)]
    found, chance = agreement(compare(labels_of(rows, n_units=100), np.zeros(500)), 5, 3, 0, 0)
    assert found[4].value == chance[4] == 0.8
    assert found[4].p is not None
    assert found[4].p < 0.01
    assert found[0].p is not None
    assert found[0].p > 0.5


# Drift


def sequence(agrees: NDArray[np.bool_], cluster: NDArray[np.intp] | None = None, n_people: int = 1) -> Compared:
    """Of people with equally many labels one after the other, each label a prompt of its own if not said otherwise."""
    n = agrees.size // n_people
    return Compared(
        annotator=np.repeat(np.arange(n_people), n),
        cluster=np.arange(agrees.size) if cluster is None else cluster,
        value=agrees.astype(np.intp),
        majority=np.ones(agrees.size, dtype=np.intp),
        time=np.tile(np.arange(float(n)), n_people),
    )


def test_drift_is_the_trend_of_cochran_and_armitage() -> None:
    agrees = np.random.default_rng(1).random(60) < np.linspace(0.95, 0.4, 60)
    (found,) = drift(sequence(agrees), 1)
    line = np.polyfit(np.arange(60.0), agrees.astype(float), 1)
    correlation = np.corrcoef(np.arange(60.0), agrees)[0, 1]
    assert found.value == pytest.approx(line[0] * 30)  # from the middle of one half to that of the other
    assert found.p == pytest.approx(2 * stats.t.sf(abs(correlation) * np.sqrt(59), 58))
    error = line[0] * 30 / (correlation * np.sqrt(59))
    assert found.high == pytest.approx(line[0] * 30 + stats.t.ppf(0.975, 58) * error)


def test_who_changes_in_the_middle_from_always_to_never_loses_three_quarters() -> None:
    (found,) = drift(sequence(np.arange(1000) < 500), 1)
    assert found.value == pytest.approx(-0.75, abs=1e-3)


def test_prompts_that_one_agrees_on_as_a_whole_are_no_trend() -> None:
    """Each prompt has ten labels, all agreed on or none; as labels of prompts of their own they would seem to drift."""
    whole = np.repeat(np.random.default_rng(2).random(300 * 20) < 0.7, 10)
    prompts = np.arange(whole.size) // 10

    def alarms(compared: Compared) -> float:
        return float(np.mean([figure.p is not None and figure.p < 0.05 for figure in drift(compared, 300)]))

    assert alarms(sequence(whole, prompts, 300)) < FIVE_PERCENT
    assert alarms(sequence(whole, None, 300)) > 0.3


def test_when_there_is_no_drift_to_tell() -> None:
    mixed = np.arange(40) % 2 == 0
    assert drift(sequence(mixed, np.arange(40) // 8), 1)[0].undefined == FEW_PROMPTS
    assert drift(replace(sequence(mixed), time=np.zeros(40)), 1)[0].undefined == ONE_MOMENT
    assert drift(sequence(np.ones(40, dtype=bool)), 1)[0].undefined == ALWAYS_ALIKE
    assert drift(sequence(mixed), 2)[1].undefined == NO_MAJORITY


# Habits


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.sampled_from([WON, TIED, LOST]), st.booleans()), min_size=1, max_size=40))
def test_position_bias_is_the_binomial_test(pairs: list[tuple[int, bool]]) -> None:
    outcome, left_first = zip(*pairs, strict=True)
    (found,) = position_bias(judged_by([0] * len(pairs), list(outcome), left_first=list(left_first)), 1)
    won = [(one == WON) == first for one, first in pairs if one != TIED]
    if not won:
        assert found == Figure(None, None, None, 0, undefined=NO_CHOICE)
        return
    assert found.n == len(won)
    assert found.value == pytest.approx(np.mean(won))
    assert found.p == pytest.approx(stats.binomtest(sum(won), len(won)).pvalue)
    assert found.low == pytest.approx(wilson(sum(won), len(won)).low)


def test_a_ranking_is_not_as_many_opinions_on_position_as_it_has_pairs() -> None:
    """People rank four responses 60 times, whatever the order shown; as separate pairs too many would seem biased."""
    draw = np.random.default_rng(3)
    n_people, n_rankings = 300, 60
    rank = np.argsort(draw.random((n_people * n_rankings, 4)), axis=1)
    first_won = np.stack([rank[:, i] < rank[:, j] for i, j in combinations(range(4), 2)], axis=1).ravel()
    outcome = np.where(first_won, WON, LOST)
    annotator = np.repeat(np.arange(n_people), n_rankings * 6)
    ranking = np.arange(outcome.size) // 6

    def alarms(judged: Judged) -> float:
        return float(np.mean([figure.p is not None and figure.p < 0.05 for figure in position_bias(judged, n_people)]))

    assert alarms(judged_by(annotator, outcome, cluster=ranking)) < FIVE_PERCENT
    assert alarms(judged_by(annotator, outcome)) > 0.08


def test_length_bias_is_a_logistic_regression_with_one_pair_supposed() -> None:
    draw = np.random.default_rng(4)
    x = draw.normal(0, 1.5, (3, 80))
    won = draw.random(x.shape) < 1 / (1 + np.exp(-np.array([[0.0], [0.5], [1.5]]) * x))
    annotator = np.repeat(np.arange(3), 80)
    found, apart = length_bias(judged_by(annotator, np.where(won, WON, LOST).ravel(), length_difference=x.ravel()), 3)
    slopes, errors = np.empty(3), np.empty(3)
    for one in range(3):
        typical = np.sqrt(np.mean(x[one] ** 2))
        fitted = sm.GLM(
            np.concatenate([won[one], [1, 0]]).astype(float),
            np.concatenate([x[one], [typical, typical]]),
            family=sm.families.Binomial(),
            freq_weights=np.concatenate([np.ones(80), [0.5, 0.5]]),
        ).fit()
        slopes[one], errors[one] = fitted.params[0], fitted.bse[0]
        figure = found[one]
        assert figure.value == pytest.approx(slopes[one])
        assert figure.p == pytest.approx(fitted.pvalues[0], rel=1e-4)
        assert figure.high == pytest.approx(slopes[one] + 1.959964 * errors[one])
    others = np.average(slopes[1:], weights=errors[1:] ** -2)
    assert found[0].others == pytest.approx(others)
    error = np.sqrt(errors[0] ** 2 + 1 / (errors[1:] ** -2).sum())
    assert apart[0] == pytest.approx(2 * stats.norm.sf(abs(slopes[0] - others) / error))


def test_who_always_chooses_the_longer_response_has_a_finite_slope() -> None:
    always = judged_by(
        [0] * 40 + [1] * 40, [WON, LOST] * 20 + [WON, WON, LOST, LOST] * 10, length_difference=[1, -1] * 40
    )
    found, apart = length_bias(always, 2)
    assert found[0].value == pytest.approx(np.log(81))  # 40½ wins of 41
    assert found[0].low is not None
    assert found[0].low > 1
    assert apart[0] < 0.01
    assert found[1].value == pytest.approx(0)


def test_ties_and_equal_lengths_say_nothing_of_length() -> None:
    found, apart = length_bias(judged_by([0, 0], [TIED, WON], length_difference=[1.0, 0.0]), 1)
    assert found == [Figure(None, None, None, 0, undefined=SAME_LENGTH)]
    assert np.isnan(apart).all()


def test_a_circle_is_found_and_an_order_is_none() -> None:
    three = [(0, 1), (1, 2), (2, 0)]
    round_ = judged_by([0, 0, 0], [WON, WON, WON], responses=three)
    order = judged_by([0, 0, 0], [WON, WON, LOST], responses=three)
    with_tie = judged_by([0, 0, 0], [WON, WON, TIED], responses=three)
    of_two = judged_by([0, 0, 1], [WON, WON, WON], responses=three)
    assert [intransitive(judged, 1, 0, 0)[0].value for judged in (round_, order)] == [1, 0]
    assert intransitive(with_tie, 1, 0, 0)[0].undefined == NO_TRIPLES
    assert [figure.n for figure in intransitive(of_two, 2, 0, 0)] == [0, 0]


def test_a_ranking_has_no_triples_of_separate_pairs() -> None:
    ranking = judged_by([0, 0, 0], [WON, WON, LOST], responses=[(0, 1), (1, 2), (2, 0)], cluster=np.zeros(3, np.intp))
    assert intransitive(ranking, 1, 0, 0)[0].undefined == NO_TRIPLES


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(0, 1), st.integers(0, 5), st.integers(0, 5), st.sampled_from([WON, LOST])).filter(
            lambda row: row[1] != row[2]
        ),
        min_size=1,
        max_size=30,
        unique_by=lambda row: (row[0], frozenset(row[1:3])),
    )
)
def test_triples_are_what_trying_all_gives(rows: list[tuple[int, int, int, int]]) -> None:
    beaten = {(who, *((a, b) if outcome == WON else (b, a))) for who, a, b, outcome in rows}
    expected = []
    for who in range(2):
        for a, b, c in combinations(range(6), 3):
            wins = [sum((who, one, other) in beaten for other in {a, b, c} - {one}) for one in (a, b, c)]
            if sum(wins) == 3:
                expected.append((who, wins == [1, 1, 1]))
    judged = judged_by(
        [who for who, *_rest in rows], [row[3] for row in rows], responses=[(a, b) for _who, a, b, _outcome in rows]
    )
    person, turns, _cluster = triples(judged)
    assert sorted(zip(person.tolist(), turns.tolist(), strict=True)) == sorted(expected)


def test_speed() -> None:
    """The usual 10 s is the median of 2, 10 and 30, though most labels are of who takes 2."""
    seconds = [2.0] * 50 + [9.0, 10.0, 11.0] + [30.0] * 3
    worked = Worked(np.repeat([0, 1, 3], [50, 3, 3]), np.array(seconds))
    usual = usual_seconds(worked)
    median, quick = speed(worked, 4, usual)
    assert usual == 10
    assert [figure.value for figure in median] == [2, 10, None, 30]
    assert [figure.value for figure in quick] == [1, 0, None, 0]
    assert quick[0].p == pytest.approx(0.5**50)
    assert quick[0].others == pytest.approx(50 / 56)
    assert median[2].undefined == quick[2].undefined == NO_TIMES


@settings(max_examples=20, deadline=None)
@given(st.lists(st.floats(1, 100), min_size=1, max_size=40))
def test_the_interval_of_the_median_is_that_of_the_quantile_test(seconds: list[float]) -> None:
    ((median,), _quick) = speed(Worked(np.zeros(len(seconds), np.intp), np.array(seconds)), 1, 10)
    low, high = stats.quantile_test(seconds).confidence_interval()
    assert (median.low, median.high) == ((None, None) if np.isnan([low, high]).any() else (low, high))


# Anomaly


@settings(max_examples=80, deadline=None)
@given(st.lists(st.integers(0, 9), min_size=3, max_size=3).filter(lambda bag: sum(bag) > 0))
def test_a_surprise_is_2_on_average(bag: list[int]) -> None:
    """Whichever label of a bag is taken for the person's, the others being the history."""
    total = 0.0
    for outcome, n in enumerate(bag):
        if n:
            history = np.array(bag, dtype=float)
            history[outcome] -= 1
            total += n * surprises(history[None])[0, outcome]
    assert total / sum(bag) == pytest.approx(2)


def test_anomaly_by_hand() -> None:
    """Others gave 3 wins and 1 loss; this one a loss, as 2 of 5 are, and nothing is rarer. −2 log p has the mean
    2 − 2 log 0.4 up to there; one label against four is a quarter of uncertainty."""
    endpoints = [(0, 1), (0, 1), (1, 0), (0, 1), (1, 0)]
    found = anomaly(judged_by([0, 1, 1, 1, 1], [LOST, WON, LOST, WON, WON], endpoints=endpoints), 2)
    m = 2 - 2 * np.log(0.4)
    assert found[0].value == pytest.approx(m)
    assert found[0].p == pytest.approx(stats.chi2.sf(m / 1.25, 2 / 1.25))


def test_without_others_at_the_same_endpoints_there_is_no_anomaly() -> None:
    found = anomaly(judged_by([0, 1, 1], [WON, WON, WON], endpoints=[(0, 1), (2, 3), (4, 4)]), 2)
    assert [figure.undefined for figure in found] == [NO_HISTORY, NO_HISTORY]


# All together, and flags


def random_project(seed: int) -> tuple[Labels, NDArray[np.float64], Judged, Worked, Known]:
    """Three people label 40 prompts; one more has no labels."""
    draw = np.random.default_rng(seed)
    annotator, unit = np.tile(np.arange(3), 40), np.repeat(np.arange(40), 3)
    outcome = np.where(draw.random(120) < 0.7, 1, draw.integers(-1, 2, 120)).astype(np.int8)
    labels = labels_of(list(zip(unit, annotator, outcome + 1, strict=True)), n_units=40)
    judged = judged_by(
        annotator,
        outcome,
        cluster=unit,
        responses=list(zip(2 * unit, 2 * unit + 1, strict=True)),
        left_first=draw.random(120) < 0.5,
        length_difference=draw.normal(size=40)[unit],
    )
    known = Known(np.repeat(np.arange(3), 5), draw.integers(0, 3, 15) / 2)
    return labels, draw.random(120), judged, Worked(annotator, draw.lognormal(3, 1, 120)), known


def test_who_has_no_labels_has_a_reason_everywhere() -> None:
    measured = measure_annotators(*random_project(5), 4, resamples=50)
    nobody = measured.each[3]
    assert {
        field.name: figure.undefined
        for field in fields(nobody)
        if isinstance(figure := getattr(nobody, field.name), Figure)
    } == {
        "agreement": NO_MAJORITY,
        "drift": NO_MAJORITY,
        "position": NO_CHOICE,
        "length": SAME_LENGTH,
        "intransitive": NO_TRIPLES,
        "seconds": NO_TIMES,
        "quick": NO_TIMES,
        "anomaly": NO_HISTORY,
        "gold": NO_GOLD,
    }
    assert nobody.chance is nobody.length_apart is None
    assert measured.together.agreement.n == sum(one.agreement.n for one in measured.each)
    assert measured.together.seconds.n == 120
    assert flags_of([nobody], 0.6) == [()]


def test_a_project_without_labels() -> None:
    nobody = np.empty(0, dtype=np.intp)
    known, worked = Known(nobody, np.empty(0)), Worked(nobody, np.empty(0))
    measured = measure_annotators(labels_of([], n_units=0), np.empty(0), judged_by([], []), worked, known, 0)
    assert measured.each == []
    assert measured.together.agreement.undefined == NO_MAJORITY
    assert flags_of(measured.each, 0.6) == []


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 100), st.permutations(range(120)), st.permutations(range(3)))
def test_neither_order_nor_numbering_nor_side_matters(seed: int, order: list[int], names: list[int]) -> None:
    labels, time, judged, worked, known = random_project(seed)
    name, row = np.array(names), np.array(order)
    other_labels = replace(
        labels, unit=labels.unit[row], annotator=name[labels.annotator[row]], value=labels.value[row]
    )
    turned = Judged(
        annotator=name[judged.annotator[row]],
        item=judged.item[row],
        cluster=judged.cluster[row],
        left=judged.right[row],
        right=judged.left[row],
        left_endpoint=judged.right_endpoint[row],
        right_endpoint=judged.left_endpoint[row],
        outcome=-judged.outcome[row],
        left_first=~judged.left_first[row],
        length_difference=-judged.length_difference[row],
    )
    first = measure_annotators(labels, time, judged, worked, known, 3, resamples=0)
    second = measure_annotators(
        other_labels,
        time[row],
        turned,
        Worked(name[worked.annotator[row]], worked.seconds[row]),
        Known(name[known.annotator], known.score),
        3,
        resamples=0,
    )
    for mine, theirs in [
        *((one, second.each[names[at]]) for at, one in enumerate(first.each)),
        (first.together, second.together),
    ]:
        for field in fields(mine):
            one, other = getattr(mine, field.name), getattr(theirs, field.name)
            if isinstance(one, Figure):
                assert one.undefined == other.undefined
                numbers = [(getattr(each, part.name)) for each in (one, other) for part in fields(Figure)[:6]]
                one, other = numbers[:6], numbers[6:]
            assert other == pytest.approx(one)


NOTHING = Figure(None, None, None, 0, undefined=NO_TIMES)
FINE = AnnotatorFigures(NOTHING, None, NOTHING, NOTHING, NOTHING, None, NOTHING, NOTHING, NOTHING, NOTHING, NOTHING)


def figure(value: float, p: float | None, n: int = 100, others: float | None = None) -> Figure:
    return Figure(value, None, None, n, p, others)


SUSPECTS = {
    "biased_position": replace(FINE, position=figure(0.65, 1e-3)),
    "biased_length": replace(FINE, length=figure(1.2, 0.2, others=0.3), length_apart=1e-3),
    "drifting": replace(FINE, drift=figure(-0.2, 1e-3)),
    "random": replace(FINE, agreement=figure(0.4, 1e-3)),
    "fast": replace(FINE, quick=figure(0.7, 1e-3)),
    "anomalous": replace(FINE, anomaly=figure(320, 1e-3)),
    "poor_gold": replace(FINE, gold=figure(0.4, None)),
}


@pytest.mark.parametrize("name", SUSPECTS)
def test_each_flag_is_raised_by_its_figure_alone(name: str) -> None:
    assert flags_of([SUSPECTS[name], FINE], 0.6) == [(name,), ()]


@pytest.mark.parametrize("name", SUSPECTS)
def test_nothing_is_held_against_who_has_hardly_begun(name: str) -> None:
    def begun(figure: object) -> object:
        return replace(figure, n=min(figure.n, 3)) if isinstance(figure, Figure) else figure

    one = SUSPECTS[name]
    few = AnnotatorFigures(*(begun(getattr(one, field.name)) for field in fields(one)))  # type: ignore[arg-type]
    assert FEWEST > 3
    assert flags_of([few], 0.6) == [()]


@pytest.mark.parametrize(
    "harmless",
    [
        replace(FINE, position=figure(0.55, 1e-9)),
        replace(FINE, length=figure(0.9, 1e-9, others=0.5), length_apart=1e-9),
        replace(FINE, drift=figure(-0.05, 1e-9)),
        replace(FINE, drift=figure(0.3, 1e-9)),
        replace(FINE, anomaly=figure(280, 1e-9)),
        replace(FINE, gold=figure(0.7, None)),
    ],
)
def test_a_difference_that_is_sure_but_small_is_no_flag(harmless: AnnotatorFigures) -> None:
    assert flags_of([harmless], 0.6) == [()]


def test_gold_is_judged_by_the_project_s_threshold() -> None:
    """14 of 30 where 0.6 is wanted could be bad luck; where 0.8 is wanted it could not."""
    one = replace(FINE, gold=figure(14 / 30, None, n=30))
    assert [flags_of([one], threshold) for threshold in (0.6, 0.8)] == [[()], [("poor_gold",)]]


def test_among_many_a_flag_wants_more_than_among_few() -> None:
    suspect = replace(FINE, position=figure(0.65, 0.01))
    fine = replace(FINE, position=figure(0.5, 1.0))
    assert flags_of([suspect, fine, fine], 0.6)[0] == ("biased_position",)
    assert flags_of([suspect, *[fine] * 20], 0.6)[0] == ()
