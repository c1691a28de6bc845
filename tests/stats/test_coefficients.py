"""Coefficients against the libraries that compute them, published tables, and the plainest arithmetic."""

from itertools import combinations

import krippendorff
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import kendalltau
from statsmodels.stats.inter_rater import cohens_kappa
from statsmodels.stats.inter_rater import fleiss_kappa as statsmodels_fleiss

from evaluation.stats.agreement import STATISTICS, between_annotators, confusion, estimate, measure
from evaluation.stats.labels import Labels, Level
from evaluation.stats.results import INCOMPLETE, TOO_MANY_ANNOTATORS

Table = list[list[int]]

GWET_2014 = [
    [1, 2, 3, 3, 2, 1, 4, 1, 2, 0, 0, 0],
    [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, 0, 3],
    [0, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, 0],
    [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, 0],
]
"""Gwet 2014, p. 120, after Krippendorff: 4 annotators, 12 units, 0 missing. With one lone rating moved to another
annotator, as elsewhere, all but Conger's κ stay."""

ABSTRACTORS = {(1, 1): 13, (1, 2): 0, (1, 3): 0, (2, 1): 0, (2, 2): 20, (2, 3): 7, (3, 1): 0, (3, 2): 4, (3, 3): 56}
"""Two abstractors of 100 records (Gwet 2014, example 2.2): agreement .89, AC1 .849."""

SHROUT_FLEISS = [[9, 6, 8, 7, 10, 6], [2, 1, 4, 1, 5, 2], [5, 3, 6, 2, 6, 4], [8, 2, 8, 6, 9, 7]]
"""Shrout and Fleiss 1979, table 2: four judges, six targets; ICC(2,1) = .29, ICC(2,4) = .62."""


def labels_of(table: Table, cluster: list[int] | None = None) -> Labels:
    """From rows of annotators and columns of units; values count from 1, and 0 is missing."""
    annotator, unit = np.nonzero(np.array(table))
    n_units = len(table[0])
    return Labels(
        unit=unit,
        annotator=annotator,
        value=np.array(table)[annotator, unit] - 1,
        domain=np.arange(1.0, max(map(max, table)) + 1),
        item=np.arange(n_units),
        cluster=np.array(cluster if cluster is not None else range(n_units)),
    )


def rankings_of(ranks: list[list[list[int]]]) -> Labels:
    """From the ranks that annotators give the responses of items: [annotator][item][response]."""
    rows = [
        (item, first, second, annotator, np.sign(of[second] - of[first]))
        for annotator, items in enumerate(ranks)
        for item, of in enumerate(items)
        for first, second in combinations(range(len(of)), 2)
    ]
    item, first, second, annotator, outcome = np.array(rows).T
    pairs, unit = np.unique(np.column_stack([item, first, second]), axis=0, return_inverse=True)
    domain = np.array([-1.0, 0.0, 1.0])
    return Labels(unit, annotator, outcome.astype(int) + 1, domain, pairs[:, 0], pairs[:, 0], pairs[:, 1:])


def value(statistic: str, labels: Labels, level: Level = "nominal") -> float | None:
    return estimate(labels, statistic, level, resamples=0).value


@pytest.mark.parametrize(
    ("statistic", "level", "published"),
    [
        ("gwet_ac", "nominal", 0.77544),
        ("fleiss_kappa", "nominal", 0.76117),
        ("krippendorff_alpha", "nominal", 0.74342),
        ("conger_kappa", "nominal", 0.76207),
        ("brennan_prediger", "nominal", 0.77273),
        ("percent_agreement", "nominal", 0.81818),
        ("gwet_ac", "ordinal", 0.89894),
        ("fleiss_kappa", "ordinal", 0.85021),
        ("gwet_ac", "interval", 0.91400),
        ("fleiss_kappa", "interval", 0.86494),
        ("krippendorff_alpha", "interval", 0.84911),
        ("krippendorff_alpha", "ratio", 0.79740),
    ],
)
def test_gwets_table(statistic: str, level: Level, published: float) -> None:
    assert value(statistic, labels_of(GWET_2014), level) == pytest.approx(published, abs=5e-6)


def test_gwets_abstractors() -> None:
    pairs = [pair for pair, n in ABSTRACTORS.items() for _n in range(n)]
    labels = labels_of([list(column) for column in zip(*pairs, strict=True)])
    assert value("gwet_ac", labels) == pytest.approx(0.84933, abs=5e-6)
    assert value("percent_agreement", labels) == pytest.approx(0.89)
    assert value("cohen_kappa", labels) == pytest.approx(0.79641, abs=5e-6)
    assert value("fleiss_kappa", labels) == pytest.approx(0.79624, abs=5e-6)  # of two: Scott's π
    assert value("conger_kappa", labels) == pytest.approx(0.79641, abs=5e-6)  # of two: Cohen's κ


def test_the_standard_error_of_cohens_kappa_is_that_of_sas() -> None:
    table = [[0, 4, 1], [0, 8, 0], [0, 1, 5]]
    pairs = [(a, b) for a, row in enumerate(table, 1) for b, n in enumerate(row, 1) for _n in range(n)]
    (kappa,) = measure(
        labels_of([list(column) for column in zip(*pairs, strict=True)]), "cohen_kappa", "nominal", resamples=0
    )
    assert kappa.asymptotic is not None
    assert kappa.asymptotic.standard_error == pytest.approx(0.1380, abs=5e-5)
    assert (kappa.asymptotic.low, kappa.asymptotic.high) == pytest.approx((0.2137, 0.7547), abs=5e-5)
    assert kappa.asymptotic.z == pytest.approx(3.2626, abs=5e-5)


def test_the_intraclass_correlation_of_shrout_and_fleiss() -> None:
    labels = labels_of(SHROUT_FLEISS)
    assert value("icc", labels) == pytest.approx(0.29, abs=5e-3)
    assert value("icc_mean", labels) == pytest.approx(0.62, abs=5e-3)


def test_the_intraclass_correlation_is_of_units_that_all_rated() -> None:
    with_more = [[*row, extra] for row, extra in zip(SHROUT_FLEISS, [3, 0, 9, 1], strict=True)]
    assert value("icc", labels_of(with_more)) == pytest.approx(value("icc", labels_of(SHROUT_FLEISS)))
    apart = estimate(labels_of([[1, 2, 0, 0], [0, 2, 3, 0], [0, 0, 3, 1]]), "icc", "nominal")
    assert apart.undefined == INCOMPLETE


complete = st.tuples(st.integers(2, 4), st.integers(2, 9)).flatmap(
    lambda size: st.lists(
        st.lists(st.integers(1, 4), min_size=size[1], max_size=size[1]), min_size=size[0], max_size=size[0]
    )
)
partial = st.tuples(st.integers(2, 4), st.integers(2, 9)).flatmap(
    lambda size: st.lists(
        st.lists(st.integers(0, 4), min_size=size[1], max_size=size[1]), min_size=size[0], max_size=size[0]
    )
)


@settings(max_examples=80, deadline=None)
@given(
    table=partial.filter(lambda table: any(map(any, table))),
    level=st.sampled_from(["nominal", "ordinal", "interval", "ratio"]),
)
def test_alpha_is_that_of_the_library(table: Table, level: Level) -> None:
    ours = value("krippendorff_alpha", labels_of(table), level)
    data = np.array(table, dtype=float)
    data[data == 0] = np.nan
    if ours is not None:
        theirs = krippendorff.alpha(
            reliability_data=data, level_of_measurement=level, value_domain=list(range(1, int(np.nanmax(data)) + 1))
        )
        assert ours == pytest.approx(theirs)


@settings(max_examples=60, deadline=None)
@given(table=complete)
def test_kappas_are_those_of_statsmodels(table: Table) -> None:
    labels = labels_of(table)
    ours = value("fleiss_kappa", labels)
    if ours is not None:
        assert ours == pytest.approx(statsmodels_fleiss(labels.counts))
    c = labels.domain.size
    counts = np.zeros((c, c))
    np.add.at(counts, (np.array(table[0]) - 1, np.array(table[1]) - 1), 1)
    two = labels_of(table[:2]) if max(map(max, table[:2])) == c else None
    for level, weights in (("nominal", None), ("ordinal", "linear"), ("interval", "quadratic")):
        kappa = value("cohen_kappa", two, level) if two else None  # type: ignore[arg-type]
        if kappa is not None:
            assert kappa == pytest.approx(cohens_kappa(counts, wt=weights, return_results=False))


ranks = st.tuples(st.integers(2, 4), st.integers(1, 4), st.integers(3, 5)).flatmap(
    lambda size: st.lists(
        st.lists(st.lists(st.integers(1, 4), min_size=size[2], max_size=size[2]), min_size=size[1], max_size=size[1]),
        min_size=size[0],
        max_size=size[0],
    )
)


@settings(max_examples=60, deadline=None)
@given(ranks=ranks)
def test_tau_is_the_mean_of_scipys(ranks: list[list[list[int]]]) -> None:
    taus = [
        kendalltau(one[item], other[item]).statistic
        for one, other in combinations(ranks, 2)
        for item in range(len(ranks[0]))
    ]
    defined = [tau for tau in taus if np.isfinite(tau)]
    ours = value("kendall_tau", rankings_of(ranks))
    assert ours == (pytest.approx(np.mean(defined)) if defined else None)


@settings(max_examples=60, deadline=None)
@given(ranks=ranks)
def test_w_is_that_of_ranks_corrected_for_ties(ranks: list[list[list[int]]]) -> None:
    found = []
    for item in range(len(ranks[0])):
        own = np.array([midranks(one[item]) for one in ranks])
        m, k = own.shape
        ties = sum((n**3 - n) for one in own for n in np.unique(one, return_counts=True)[1].tolist())
        below = m**2 * (k**3 - k) - m * ties
        if below:
            sums = own.sum(axis=0)
            found.append(12 * np.square(sums - sums.mean()).sum() / below)
    ours = value("kendall_w", rankings_of(ranks))
    assert ours == (pytest.approx(np.mean(found)) if found else None)


def midranks(of: list[int]) -> list[float]:
    return [sum(other < one for other in of) + (sum(other == one for other in of) + 1) / 2 for one in of]


@settings(max_examples=60, deadline=None)
@given(
    row=st.lists(st.integers(1, 4), min_size=3, max_size=9).filter(lambda row: len(set(row)) > 1), n=st.integers(2, 4)
)
def test_perfect_agreement_is_1(row: list[int], n: int) -> None:
    labels = labels_of([row] * n)
    for statistic, one in STATISTICS.items():
        if one.applies_to(labels):
            assert value(statistic, labels) == pytest.approx(1), statistic


@settings(max_examples=60, deadline=None)
@given(table=complete, shift=st.integers(1, 5))
def test_nominal_values_may_be_called_anything(table: Table, shift: int) -> None:
    values = sorted({one for row in table for one in row})
    renamed = {one: values[(place + shift) % len(values)] for place, one in enumerate(values)}
    other = [[renamed[one] for one in row] for row in table]
    for statistic in ("krippendorff_alpha", "fleiss_kappa", "gwet_ac", "cohen_kappa", "conger_kappa"):
        first, second = value(statistic, labels_of(table)), value(statistic, labels_of(other))
        assert first == (None if second is None else pytest.approx(second)), statistic


def test_too_many_annotators_are_not_taken_two_by_two() -> None:
    crowd = labels_of(np.random.default_rng(0).integers(1, 3, (61, 4)).tolist())
    assert estimate(crowd, "cohen_kappa", "nominal").undefined == TOO_MANY_ANNOTATORS
    assert value("krippendorff_alpha", crowd) is not None


def test_every_two_annotators_and_what_is_confused() -> None:
    labels = labels_of([[1, 2, 2, 1], [1, 1, 2, 0], [2, 2, 2, 1]])
    found = {(one.first, one.second): (one.equal, one.n) for one in between_annotators(labels)}
    assert found == {(0, 1): (2, 3), (0, 2): (3, 4), (1, 2): (1, 3)}
    table = confusion(labels)
    assert table.sum() == 10
    assert table.tolist() == [[2.0, 2.0], [2.0, 4.0]]


def test_two_who_share_little_do_not_sink_the_mean_over_every_two() -> None:
    """Of few units, κ is undefined where two agree on all, and below 0 where they do not."""
    draw = np.random.default_rng(0)
    truth = draw.integers(1, 3, 200)
    said = np.where(draw.random((2, 200)) < 0.1, 3 - truth, truth)
    thin = np.zeros((4, 200), dtype=int)
    thin[np.arange(4), np.arange(4)] = 3 - said[0, :4]
    alone = value("cohen_kappa", labels_of(said.tolist()))
    assert value("cohen_kappa", labels_of([*said.tolist(), *thin.tolist()])) == pytest.approx(alone)
