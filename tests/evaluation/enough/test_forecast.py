"""What is foreseen: the same figures as the scores have, and what more labels do to them."""

import numpy as np
import pytest

from evaluation.enough.answer import Needed, for_power, for_width
from evaluation.enough.forecast import Stored, of_comparisons
from evaluation.enough.report import report_enough
from evaluation.stats.power import MULTIPLES, foresee
from evaluation.stats.preference import Comparisons, bradley_terry, win_rates
from evaluation.stats.results import DISCONNECTED, NOT_FORESEEN, UNBOUNDED
from tests.factories import make_project
from tests.simulated import Person, simulate

PEOPLE = [Person("anna"), Person("ben"), Person("chen")]


def compared(e: int, prompts: int, strengths: list[float], seed: int = 0) -> Comparisons:
    """Every two endpoints on every prompt, with ties."""
    generator = np.random.default_rng(seed)
    first, second = np.triu_indices(e, 1)
    left, right = np.tile(first, prompts), np.tile(second, prompts)
    seen = np.array(strengths)[left] - np.array(strengths)[right] + generator.standard_normal(left.size)
    outcome = (np.sign(seen) * (np.abs(seen) > 0.2)).astype(np.int8)
    return Comparisons(left, right, outcome, np.repeat(np.arange(prompts), first.size), e)


def foreseen_of(comparisons: Comparisons) -> dict[tuple[str, int], Stored]:
    source = of_comparisons(comparisons)
    found = zip(source.values, foresee(source.contributions, source.statistic, 0), strict=True)
    return {(value.figure, value.endpoint or 0): (value, one) for value, one in found}


def test_the_present_is_what_the_scores_say() -> None:
    comparisons = compared(4, 80, [0.0, 0.3, 0.5, 0.9])
    foreseen = foreseen_of(comparisons)
    for figure, scores in (
        ("bradley_terry", bradley_terry(comparisons)),
        ("win_rate_adjusted", win_rates(comparisons, half_ties=True)),
    ):
        for endpoint, score in enumerate(scores):
            _value, one = foreseen[figure, endpoint]
            assert one.present == pytest.approx(score.value)
            assert one.half_widths()[0] == pytest.approx((score.high - score.low) / 2, rel=0.15)


def test_what_cannot_be_rated_says_why() -> None:
    apart = compared(4, 40, [0.0] * 4)
    kept = (apart.left < 2) == (apart.right < 2)
    split = Comparisons(apart.left[kept], apart.right[kept], apart.outcome[kept], apart.cluster[kept], 4)
    values = of_comparisons(split).values
    assert sorted(str(one.undefined) for one in values if one.figure == "bradley_terry") == sorted(
        ["None", "None", DISCONNECTED, DISCONNECTED]
    )
    won = compared(3, 40, [0.0, 0.0, 50.0])
    source = of_comparisons(won)
    assert {one.undefined for one in source.values if one.figure == "bradley_terry"} == {UNBOUNDED}
    first, second = source.compared[0]
    assert {source.values[first].figure, source.values[second].figure} == {"win_rate_adjusted"}


def needed(content: Stored) -> dict[frozenset[str], Needed | None]:
    names = [name for _pk, name in content["endpoints"]]
    return {
        frozenset([names[one["first"]], names[one["second"]]]): for_power(content, one, 0.8) for one in content["pairs"]
    }


@pytest.mark.django_db
def test_what_is_foreseen_of_a_project() -> None:
    project = make_project()
    simulate(
        project, PEOPLE, {"weak": -1.0, "base": 0.0, "twin": 0.0, "better": 0.35}, prompts=40, overlap=2, days=4, seed=5
    )
    content = report_enough(project=project).content
    assert content["labels"] == 80
    assert 40 < content["seconds"] < 60
    assert 15 < content["per_day"] < 30
    kinds = [figure["figure"] for figure in content["figures"]]
    assert kinds == ["agreement_without_ties", *["bradley_terry"] * 4, *["win_rate_adjusted"] * 4, *["likert"] * 4]
    for figure in content["figures"]:
        now = figure["half_widths"][0]
        assert len(figure["half_widths"]) == MULTIPLES.size
        assert figure["half_widths"][3] == pytest.approx(now / 2, rel=0.25)
        more = [for_width(content, figure, now * part) for part in (1.1, 0.8, 0.5, 0.2)]
        assert more[0] == Needed(80, 0, 0.0, 0.0)
        assert [one.more for one in more] == sorted({one.more for one in more})
        assert more[3].hours == pytest.approx(more[3].more * content["seconds"] / 3600)
        assert more[3].days == pytest.approx(more[3].more / content["per_day"])
    assert all(pair["figure"] == "bradley_terry" and pair["value"] >= 0 for pair in content["pairs"])
    apart = needed(content)
    assert apart[frozenset(["weak", "better"])] == Needed(80, 0, 0.0, 0.0)
    assert apart[frozenset(["base", "twin"])] is None
    powers = {(one["first"], one["second"]): np.array(one["powers"]) for one in content["pairs"]}
    weakest, strongest = sorted(powers.values(), key=lambda one: one.sum())[:: len(powers) - 1]
    assert (strongest >= weakest).all()


def test_more_power_takes_more_labels() -> None:
    content = {"labels": 100, "seconds": 36.0, "per_day": 20.0}
    pair = {"apart": False, "powers": [0.3, 0.5, 0.7, 0.8, 0.9, 0.9, 0.94, 0.94, 0.94, 0.94]}
    assert for_power(content, pair, 0.6) == Needed(250, 150, 1.5, 7.5)
    assert for_power(content, pair, 0.8) == Needed(400, 300, 3.0, 15.0)
    assert for_power(content, pair, 0.95) is None
    assert for_power(content, pair | {"apart": True}, 0.95) == Needed(100, 0, 0.0, 0.0)
    assert for_power({"labels": 100, "seconds": None, "per_day": None}, pair, 0.6) == Needed(250, 150, None, None)


@pytest.mark.django_db
def test_a_larger_difference_takes_fewer_labels() -> None:
    found = []
    for difference in (0.5, 0.3):
        project = make_project()
        simulate(project, [Person(f"ann-{difference}")], {"one": 0.0, "other": difference}, prompts=40, overlap=1)
        (pair,) = report_enough(project=project).content["pairs"]
        found.append(pair)
    assert [pair["figure"] for pair in found] == ["win_rate_adjusted"] * 2
    large, small = (np.array(pair["powers"]) for pair in found)
    assert (large >= small).all()
    assert large.sum() > small.sum()


@pytest.mark.django_db
def test_nothing_is_foreseen_of_too_little() -> None:
    project = make_project()
    simulate(project, [Person("one")], {"a": 0.0, "b": 0.2}, prompts=1, overlap=1)
    content = report_enough(project=project).content
    assert {figure["undefined"] for figure in content["figures"]} >= {NOT_FORESEEN}
    assert not any(figure["half_widths"] for figure in content["figures"])
    assert {pair["undefined"] for pair in content["pairs"]} <= {NOT_FORESEEN, UNBOUNDED}
