"""Against published figures, and against what must hold whatever the labels are."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evaluation.stats import agreement
from evaluation.stats.labels import Labels, Level, majority
from evaluation.stats.results import NO_VARIATION, NOBODY_SHARED, NOT_OF_PAIRS, ONLY_TIES

MISSING = 0

KRIPPENDORFF_2011 = [
    [1, 2, 3, 3, 2, 1, 4, 1, 2, MISSING, MISSING, MISSING],
    [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, MISSING, 3],
    [MISSING, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, MISSING],
    [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, MISSING],
]
"""Krippendorff 2011, Computing Krippendorff's Alpha-Reliability: 4 annotators, 12 units."""

FLEISS_TABLE = [
    [0, 0, 0, 0, 14],
    [0, 2, 6, 4, 2],
    [0, 0, 3, 5, 6],
    [0, 3, 9, 2, 0],
    [2, 2, 8, 1, 1],
    [7, 7, 0, 0, 0],
    [3, 2, 6, 3, 0],
    [2, 5, 3, 2, 2],
    [6, 5, 2, 1, 0],
    [0, 2, 2, 3, 7],
]
"""The worked example of Fleiss' κ in Wikipedia: 10 units, 5 categories, 14 labels each; κ = .210."""

SAS_TABLE = [[0, 4, 1], [0, 8, 0], [0, 1, 5]]
"""A 3 × 3 table whose κ (.4842) and linearly weighted κ (.4701) SAS PROC FREQ prints."""


def labels_of(table: list[list[int]], of_pairs: bool = False, cluster: list[int] | None = None) -> Labels:
    """From rows of annotators and columns of units; values count from 1, of pairs: worse, tie, better."""
    annotator, unit = np.nonzero(np.array(table))
    value = np.array(table)[annotator, unit] - 1
    n_units = len(table[0])
    return Labels(
        unit=unit,
        annotator=annotator,
        value=value,
        domain=np.arange(1.0, max(map(max, table)) + 1) - 2 * of_pairs,
        item=np.arange(n_units),
        cluster=np.array(cluster if cluster is not None else range(n_units)),
        pair=np.tile([0, 1], (n_units, 1)) if of_pairs else None,
    )


def value(statistic: str, labels: Labels, level: Level = "nominal") -> Any:
    return agreement.measure(labels, statistic, level, resamples=0)[0].value


@pytest.mark.parametrize(("level", "published"), [("nominal", 0.743), ("ordinal", 0.815), ("interval", 0.849)])
def test_alpha_of_krippendorffs_table(level: Level, published: float) -> None:
    assert value("krippendorff_alpha", labels_of(KRIPPENDORFF_2011), level) == pytest.approx(published, abs=5e-4)


def test_alpha_says_what_it_rests_on() -> None:
    (alpha,) = agreement.measure(labels_of(KRIPPENDORFF_2011), "krippendorff_alpha", "nominal")
    assert (alpha.n_items, alpha.n_annotators) == (11, 4)
    assert alpha.n_pairs == sum(n * (n - 1) // 2 for n in (3, 4, 4, 4, 4, 4, 4, 4, 4, 3, 2, 1))
    assert alpha.low is not None
    assert alpha.high is not None
    assert alpha.low < 0.743 < alpha.high <= 1


def test_fleiss_kappa_of_the_worked_example() -> None:
    annotators = [[row for row, n in enumerate(counts, 1) for _n in range(n)] for counts in FLEISS_TABLE]
    table = [list(column) for column in zip(*annotators, strict=True)]
    assert value("fleiss_kappa", labels_of(table)) == pytest.approx(0.210, abs=5e-4)


@pytest.mark.parametrize(("level", "published"), [("nominal", 0.4842), ("ordinal", 0.4701)])
def test_cohen_kappa_of_sas(level: Level, published: float) -> None:
    pairs = [(a, b) for a, row in enumerate(SAS_TABLE, 1) for b, n in enumerate(row, 1) for _n in range(n)]
    left, right = zip(*pairs, strict=True)
    assert value("cohen_kappa", labels_of([list(left), list(right)]), level) == pytest.approx(published, abs=5e-5)


def test_cohen_kappa_of_three_annotators_is_the_mean_and_each_two() -> None:
    labels = labels_of([[1, 1, 2, 2], [1, 1, 2, 1], [1, 2, 2, 2]])
    overall, *each = agreement.measure(labels, "cohen_kappa", "nominal", resamples=0)
    assert [one.annotators for one in each] == [(0, 1), (0, 2), (1, 2)]
    assert overall.value == pytest.approx(np.mean([one.value for one in each]))


def test_agreement_rates_count_ties_as_an_outcome_or_leave_them_out() -> None:
    better, tie, worse = 3, 2, 1
    labels = labels_of(
        [[better, tie, better, tie], [better, tie, worse, worse], [better, better, better, tie]], of_pairs=True
    )
    # pairs of annotators: unit 0: 3 of 3; unit 1: 1 of 3; unit 2: 1 of 3; unit 3: 1 of 3
    assert value("agreement_with_ties", labels) == pytest.approx(6 / 12)
    # without ties: unit 0: 3 of 3; unit 1: one label left; unit 2: 1 of 3; unit 3: one label left
    assert value("agreement_without_ties", labels) == pytest.approx(4 / 6)


@pytest.mark.parametrize(
    ("statistic", "table", "of_pairs", "reason"),
    [
        ("krippendorff_alpha", [[1, 0], [0, 2]], False, NOBODY_SHARED),
        ("krippendorff_alpha", [[1, 1], [1, 1]], False, NO_VARIATION),
        ("fleiss_kappa", [[1, 1], [1, 1]], False, NO_VARIATION),
        ("fleiss_kappa", [[1, 0], [0, 2]], False, NOBODY_SHARED),
        ("cohen_kappa", [[1, 1], [1, 1]], False, NO_VARIATION),
        ("cohen_kappa", [[1, 0], [0, 2]], False, NOBODY_SHARED),
        ("agreement_with_ties", [[1, 2], [1, 2]], False, NOT_OF_PAIRS),
        ("agreement_without_ties", [[2, 2, 3], [2, 2, 2]], True, ONLY_TIES),
    ],
)
def test_undefined_is_said_and_not_made_up(statistic: str, table: list[list[int]], of_pairs: bool, reason: str) -> None:
    figure = agreement.measure(labels_of(table, of_pairs), statistic, "nominal", resamples=50)[0]
    assert (figure.value, figure.low, figure.high) == (None, None, None)
    assert figure.undefined == reason


def test_the_interval_resamples_clusters_not_units() -> None:
    """Copies of the same unit in one cluster tell nothing new, so they must not narrow the interval."""
    generator = np.random.default_rng(1)
    truth = generator.integers(1, 3, size=20)
    noise = generator.random((2, 20)) < 0.2
    once = [list(np.where(flip, 3 - truth, truth)) for flip in noise]
    copied = [list(np.repeat(row, 10)) for row in once]
    lone = agreement.measure(labels_of(once), "krippendorff_alpha", "nominal", seed=3)[0]
    grouped = labels_of(copied, cluster=[unit // 10 for unit in range(200)])
    together = agreement.measure(grouped, "krippendorff_alpha", "nominal", seed=3)[0]
    apart = agreement.measure(labels_of(copied), "krippendorff_alpha", "nominal", seed=3)[0]

    def width(figure: agreement.Agreement) -> float:
        assert figure.low is not None
        assert figure.high is not None
        return figure.high - figure.low

    assert width(together) == pytest.approx(width(lone), rel=0.15)
    assert width(apart) < 0.5 * width(lone)


def test_the_same_seed_gives_the_same_interval() -> None:
    labels = labels_of(KRIPPENDORFF_2011)
    first = agreement.measure(labels, "krippendorff_alpha", "ordinal", seed=5)
    assert agreement.measure(labels, "krippendorff_alpha", "ordinal", seed=5) == first
    assert agreement.measure(labels, "krippendorff_alpha", "ordinal", seed=6) != first


def test_majority_counts_and_leaves_out_what_has_none() -> None:
    table = [[1, 2, 3, 1, 0], [1, 2, 1, 2, 0], [1, 3, 2, 2, 0]]
    counts, none = majority(labels_of(table))
    assert list(counts) == [1, 2, 0]
    assert none == 1


tables = (
    st.integers(2, 4)
    .flatmap(
        lambda annotators: st.integers(2, 8).flatmap(
            lambda units: st.lists(
                st.lists(st.integers(0, 3), min_size=units, max_size=units), min_size=annotators, max_size=annotators
            )
        )
    )
    .filter(lambda table: any(map(any, table)))
)


@settings(max_examples=150, deadline=None)
@given(
    table=tables,
    statistic=st.sampled_from(sorted(agreement.STATISTICS)),
    of_pairs=st.booleans(),
    seed=st.integers(0, 2**32),
)
def test_every_statistic_is_in_range_or_undefined(
    table: list[list[int]], statistic: str, of_pairs: bool, seed: int
) -> None:
    labels = labels_of(table, of_pairs=of_pairs)
    for figure in agreement.measure(labels, statistic, "nominal", seed=seed, resamples=20):
        assert (figure.value is None) == (figure.undefined is not None)
        if figure.value is not None:
            assert figure.value <= 1 + 1e-9
            assert np.isfinite(figure.value)


@settings(max_examples=30, deadline=None)
@given(table=tables, order=st.randoms(use_true_random=False))
def test_who_is_who_does_not_matter(table: list[list[int]], order: Any) -> None:
    shuffled = order.sample(table, len(table))
    for statistic in agreement.STATISTICS:
        first, second = value(statistic, labels_of(table)), value(statistic, labels_of(shuffled))
        assert first == (second if second is None else pytest.approx(second))
