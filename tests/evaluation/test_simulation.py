"""Facts planted in a project of simulated people are found, and what was not planted is not."""

import pytest

from evaluation.agreement.report import report_agreement
from evaluation.scores.report import report_scores
from tests.factories import make_project
from tests.simulated import Person, simulate

pytestmark = pytest.mark.django_db

HONEST = [Person("anna"), Person("ben", noise=0.8), Person("chen", noise=0.6), Person("dora")]
ODD = [
    Person("first", first=0.9),
    Person("long", longer=1.0),
    Person("tired", tires=12),
    Person("clicker", careless=True, seconds=9),
]


def test_what_was_planted_is_found() -> None:
    project = make_project()
    strengths = {"base": 0.0, "sft": 0.6, "ppo": 1.4, "ppo again": 1.4}
    users = simulate(project, HONEST + ODD, strengths, prompts=320, overlap=4)
    names = {user.pk: user.username for user in users}
    agreement = report_agreement(project=project).content
    flags = {names[one["user"]]: set(one["flags"]) for one in agreement["annotators"]["each"]}
    assert flags["first"] == {"biased_position"}
    assert flags["long"] == {"biased_length"}
    assert "drifting" in flags["tired"]
    assert {"random", "fast"} <= flags["clicker"]
    assert not any(flags[person.name] for person in HONEST)
    choices = next(one for one in agreement["measures"][0]["figures"] if one["statistic"] == "agreement_without_ties")
    assert choices["low"] > 0.5

    scores = report_scores(project=project).content
    ranks = {
        scores["endpoints"][one["endpoint"]][1]: one["rank"]
        for one in scores["figures"]
        if one["score"] == "bradley_terry"
    }
    assert ranks == {"ppo": 1, "ppo again": 1, "sft": 3, "base": 4}
    number = {name: place for place, (_pk, name) in enumerate(scores["endpoints"])}
    margins = {(one["first"], one["second"]): one["p"] for one in scores["paired"] if one["score"] == "margin"}
    assert margins[number["base"], number["ppo"]] < 0.001
    assert margins[number["ppo"], number["ppo again"]] > 0.01


def test_what_was_not_planted_is_not_found() -> None:
    project = make_project()
    people = [Person(f"honest{number}", noise=0.6 + 0.05 * number) for number in range(8)]
    simulate(project, people, {"one": 0.5, "two": 0.5, "three": 0.5}, prompts=200, overlap=4, seed=3)
    agreement = report_agreement(project=project).content
    assert not any(one["flags"] for one in agreement["annotators"]["each"])
    scores = report_scores(project=project).content
    assert {one["rank"] for one in scores["figures"] if one["score"] == "bradley_terry"} == {1}
    assert all(one["p"] > 0.01 for one in scores["paired"] if one["score"] == "margin")


def test_nobody_agrees_where_all_click_at_random() -> None:
    project = make_project()
    people = [Person(f"clicker{number}", careless=True) for number in range(4)]
    simulate(project, people, {"one": 0.0, "two": 2.0}, prompts=150, seed=1)
    (ranking, *_others) = report_agreement(project=project).content["measures"]
    alpha = next(one for one in ranking["figures"] if one["statistic"] == "krippendorff_alpha")
    assert alpha["low"] < 0 < alpha["high"]
    ratings = [one for one in report_scores(project=project).content["figures"] if one["score"] == "bradley_terry"]
    assert {one["rank"] for one in ratings} == {1}
