import numpy as np
import pytest
import statsmodels.api as sm
from scipy.optimize import minimize
from scipy.special import expit

from evaluation.stats.controlled import Values, length_controlled, style_controlled
from evaluation.stats.preference import Comparisons, Score
from evaluation.stats.results import (
    DISCONNECTED,
    IS_BASELINE,
    LENGTH_DECIDES,
    NO_COMPARISONS,
    SAME_LENGTHS,
    SAME_STYLE,
    UNBOUNDED,
)

WON, TIED, LOST = 1, 0, -1
Lengths = tuple[Comparisons, Values, Values]


def against_baseline(outcomes: list[int], longer: list[float]) -> Lengths:
    """Of 0 over the baseline 1, each in a prompt of its own; longer: by how much 0's response is."""
    n = len(outcomes)
    given = Comparisons(
        np.zeros(n, dtype=np.intp), np.ones(n, dtype=np.intp), np.array(outcomes, dtype=np.int8), np.arange(n), 2
    )
    return given, 100 + np.array(longer, dtype=float), np.full(n, 100.0)


def played(n: int, theta: float, phi: float, seed: int) -> Lengths:
    """Responses of 0 are longer by 80 ± 100; one in seven is a tie, sides are drawn, and a prompt has three labels."""
    generator = np.random.default_rng(seed)
    longer = generator.normal(80, 100, n).round()
    wins = generator.random(n) < expit(theta + phi * np.tanh(longer / longer.std()))
    outcome = np.where(generator.random(n) < 1 / 7, TIED, np.where(wins, WON, LOST)).astype(np.int8)
    turned = (generator.random(n) < 0.5).astype(np.intp)
    given = Comparisons(turned, 1 - turned, np.where(turned, -outcome, outcome), np.arange(n) // 3, 2)
    return given, 200 + np.where(turned, 0, longer), 200 + np.where(turned, longer, 0)


def test_who_wins_by_length_alone_is_equal_at_one_length() -> None:
    given, left, right = played(3000, 0.0, 1.5, seed=1)
    wins = given.table()
    assert wins[0, 1] / wins.sum() > 0.58
    (score, _baseline) = length_controlled(given, left, right, baseline=1)
    assert score.low < 0.5 < score.high
    assert score.value == pytest.approx(0.5, abs=0.03)


def test_who_is_better_stays_better_at_one_length() -> None:
    given, left, right = played(3000, 0.8, -1.0, seed=2)
    (score, _baseline) = length_controlled(given, left, right, baseline=1)
    assert score.low > 0.5
    assert score.value == pytest.approx(6 / 7 * expit(0.8) + 1 / 14, abs=0.03)


def test_length_controlled_rate_is_a_logistic_regression_of_statsmodels() -> None:
    given, left, right = played(400, 0.5, 1.0, seed=3)
    sign = np.where(given.left == 0, 1, -1)
    longer, won = sign * (left - right), (1 + sign * given.outcome) / 2
    fitted = sm.GLM(won, sm.add_constant(np.tanh(longer / longer.std())), family=sm.families.Binomial()).fit()
    (score, _baseline) = length_controlled(given, left, right, baseline=1, resamples=0)
    assert score.value == pytest.approx(expit(fitted.params[0]), abs=1e-6)
    assert score.n == 400


def test_one_step_gives_nearly_the_intervals_of_fitting_each_resample() -> None:
    given, left, right = played(240, 0.3, 1.0, seed=4)
    sign = np.where(given.left == 0, 1, -1)
    longer, won = sign * (left - right), (1 + sign * given.outcome) / 2
    design = sm.add_constant(np.tanh(longer / longer.std()))
    generator = np.random.default_rng(0)
    rates = []
    for _resample in range(200):
        weight = np.bincount(generator.integers(80, size=80), minlength=80)[given.cluster]
        rates.append(expit(sm.GLM(won, design, family=sm.families.Binomial(), freq_weights=weight).fit().params[0]))
    low, high = np.quantile(rates, [0.025, 0.975])
    (score, _baseline) = length_controlled(given, left, right, baseline=1)
    assert (score.low, score.high) == pytest.approx((low, high), abs=0.15 * (high - low))


@pytest.mark.parametrize(
    ("outcomes", "longer", "reason"),
    [
        ([], [], NO_COMPARISONS),
        ([WON, LOST, TIED], [0, 0, 0], SAME_LENGTHS),
        ([WON, LOST, TIED], [9, 9, 9], SAME_LENGTHS),
        ([WON, WON, WON], [5, -3, 1], LENGTH_DECIDES),
        ([LOST, LOST, WON, WON], [-5, 1, 2, 9], LENGTH_DECIDES),
        ([LOST, LOST, TIED, TIED, WON], [9, 5, 5, 5, 2], LENGTH_DECIDES),
        ([LOST, LOST, TIED, WON, WON], [9, 5, 5, 6, 2], None),
    ],
)
def test_why_there_is_no_rate_at_one_length(outcomes: list[int], longer: list[float], reason: str | None) -> None:
    (score, baseline) = length_controlled(*against_baseline(outcomes, longer), baseline=1, resamples=0)
    assert score.undefined == reason
    assert (score.value is None) == (reason is not None)
    assert baseline.undefined == IS_BASELINE


STRENGTH = np.array([0.0, 0.4, -0.4, 0.8])


def styled(n: int, *, bold: float, seed: int) -> Lengths:
    """Four endpoints, two of which use much bold; columns: tokens, bold words, and headers, of which there are none.

    One typical difference in bold words raises the log-odds by `bold`, tokens do nothing.
    """
    generator = np.random.default_rng(seed)
    left = generator.integers(4, size=n)
    right = (left + generator.integers(1, 4, size=n)) % 4
    counts = [
        np.stack([generator.poisson(200, n), generator.poisson(np.where(side % 2, 6, 2)), np.zeros(n)], axis=1)
        for side in (left, right)
    ]
    difference = (counts[0] - counts[1])[:, 1] / (counts[0] + counts[1] + 1)[:, 1]
    log_odds = STRENGTH[left] - STRENGTH[right] + bold * difference / np.sqrt((difference**2).mean())
    outcome = np.where(generator.random(n) < expit(log_odds), WON, LOST).astype(np.int8)
    return Comparisons(left, right, outcome, np.arange(n) // 3, 4), counts[0], counts[1]


def test_style_control_finds_what_style_does_and_what_is_left() -> None:
    controlled = style_controlled(*styled(6000, bold=0.7, seed=5))
    tokens, bold, headers = controlled.styles
    assert tokens.low < 0 < tokens.high
    assert bold.low < 0.7 < bold.high
    assert bold.low > 0
    assert (headers.value, headers.undefined) == (None, SAME_STYLE)
    truth = 400 / np.log(10) * (STRENGTH - STRENGTH.mean()) + 1000
    for rating, true in zip(controlled.ratings, truth, strict=True):
        assert rating.low < true < rating.high
    assert [rating.rank for rating in controlled.ratings] == [3, 2, 4, 1]


def test_style_is_told_apart_though_one_endpoint_is_always_left_and_bolder() -> None:
    """Centred covariates would leave to the rating what is the same in all comparisons."""
    generator = np.random.default_rng(6)
    n = 3000
    left, right = generator.poisson(6, (n, 1)).astype(float), generator.poisson(3, (n, 1)).astype(float)
    difference = ((left - right) / (left + right + 1))[:, 0]
    outcome = np.where(generator.random(n) < expit(2 * difference), WON, LOST).astype(np.int8)
    given = Comparisons(np.zeros(n, dtype=np.intp), np.ones(n, dtype=np.intp), outcome, np.arange(n), 2)
    assert (outcome == WON).mean() > 0.6
    (first, second) = style_controlled(given, left, right).ratings
    assert first.low < 1000 < first.high
    assert (first.rank, second.rank) == (1, 1)


def test_style_control_is_the_penalised_maximum_a_naive_fit_finds() -> None:
    given, left, right = styled(300, bold=0.5, seed=7)
    difference = ((left - right) / (left + right + 1))[:, :2]
    z = difference / np.sqrt((difference**2).mean(axis=0))
    won = (given.outcome + 1) / 2

    def loss(at: Values) -> float:
        log_odds = np.log(10) * (at[given.left] - at[given.right]) + z @ at[4:]
        return float((np.logaddexp(0, log_odds) - won * log_odds).sum() + 0.25 * at @ at)

    found = minimize(loss, np.zeros(6), tol=1e-10).x
    controlled = style_controlled(given, left, right, resamples=0)
    assert [rating.value for rating in controlled.ratings] == pytest.approx(found[:4] * 400 + 1000, abs=0.05)
    assert [style.value for style in controlled.styles[:2]] == pytest.approx(found[4:], abs=1e-4)
    assert sum(rating.value or 0 for rating in controlled.ratings) == pytest.approx(4000)


def test_turning_comparisons_round_changes_nothing() -> None:
    given, left, right = styled(120, bold=0.5, seed=8)
    turned = Comparisons(given.right, given.left, -given.outcome, given.cluster, 4)

    def scores(comparisons: Comparisons, left: Values, right: Values) -> list[Score]:
        rates = length_controlled(comparisons, left[:, 0], right[:, 0], baseline=1, resamples=50)
        controlled = style_controlled(comparisons, left, right, resamples=50)
        return [*rates, *controlled.ratings, *controlled.styles]

    for one, other in zip(scores(given, left, right), scores(turned, right, left), strict=True):
        assert (one.undefined, one.n) == (other.undefined, other.n)
        if one.value is not None:
            assert (one.value, one.low, one.high) == pytest.approx((other.value, other.low, other.high))


def test_where_ratings_have_no_scale_style_has_no_coefficient() -> None:
    ones = np.ones((2, 1))
    groups = Comparisons(np.array([0, 2]), np.array([1, 3]), np.array([TIED, TIED], dtype=np.int8), np.arange(2), 5)
    beaten = Comparisons(np.array([0, 1]), np.array([1, 0]), np.array([WON, LOST], dtype=np.int8), np.arange(2), 2)
    apart, unbounded = style_controlled(groups, ones, 2 * ones), style_controlled(beaten, ones, 2 * ones)
    assert [rating.undefined for rating in apart.ratings] == [DISCONNECTED] * 4 + [NO_COMPARISONS]
    assert [score.undefined for score in [*unbounded.ratings, *unbounded.styles]] == [UNBOUNDED] * 3
    nothing = np.empty(0, dtype=np.intp)
    empty = style_controlled(
        Comparisons(nothing, nothing, nothing.astype(np.int8), nothing, 1), np.empty((0, 1)), np.empty((0, 1))
    )
    assert [score.undefined for score in [*empty.ratings, *empty.styles]] == [NO_COMPARISONS] * 2
