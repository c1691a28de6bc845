"""From annotations to arrays."""

import uuid

import numpy as np
import pytest

from evaluation.comparisons import read
from labeling.collection.submit import Circumstances, submit
from labeling.projects.questions import Question
from tests.factories import make_endpoint, make_member, make_project, make_prompt, make_task, rank

pytestmark = pytest.mark.django_db


def test_outcomes_are_counted_in_the_order_of_positions_however_they_were_shown() -> None:
    project = make_project()
    endpoints = [make_endpoint(project, name) for name in ("m0", "m1", "m2")]
    task = make_task(project, endpoints=endpoints, overlap=6)
    for _n in range(6):  # six people see six orders
        rank(task, make_member(project), [1, 2, 2])
    said = read(project)
    (ranking,) = said.named("ranking")
    labels = ranking.labels()
    assert labels.counts.tolist() == [[0, 0, 6], [0, 0, 6], [0, 6, 0]]  # 0 over 1, 0 over 2, 1 ties with 2
    assert said.endpoints == [endpoint.pk for endpoint in endpoints]
    table = ranking.comparisons(3).table()
    assert table.tolist() == [[0, 6, 6], [0, 0, 3], [0, 3, 0]]


def test_ratings_and_flags_are_measures_of_their_own() -> None:
    project = make_project()
    endpoints = [make_endpoint(project) for _n in range(2)]
    task = make_task(project, endpoints=endpoints)
    flags = {"harmful_advice": [True, True]}
    rank(task, make_member(project), [1, 2], overall=[7, 7], flags=flags)
    said = read(project)
    assert [measure.name for measure in said.measures] == ["ranking", "overall", "flags.harmful_advice"]
    assert [measure.name for measure in said.named("flags")] == ["flags.harmful_advice"]
    assert [measure.name for measure in said.named("harmful_advice")] == ["flags.harmful_advice"]
    assert said.named("nothing") == []
    (overall,) = said.named("overall")
    endpoint, value, _prompt = overall.ratings()
    assert sorted(endpoint.tolist()) == [0, 1]
    assert value.tolist() == [7.0, 7.0]
    assert overall.level == "ordinal"


def test_two_responses_of_one_endpoint_are_agreed_on_but_not_compared() -> None:
    project = make_project()
    endpoint = make_endpoint(project)
    task = make_task(project, endpoints=[endpoint, endpoint])
    rank(task, make_member(project), [1, 2])
    (ranking,) = read(project).named("ranking")
    assert ranking.labels().counts.sum() == 1
    assert ranking.comparisons(1).left.size == 0


def test_only_current_revisions_in_seats_that_count() -> None:
    project = make_project()
    task = make_task(project, overlap=1)
    first, late = make_member(project), make_member(project)
    rank(task, first, [1, 2, 3])
    rank(task, first, [3, 2, 1])
    rank(task, late, [1, 2, 3])
    said = read(project)
    assert said.n_annotations == 1
    (ranking,) = said.named("ranking")
    assert np.flatnonzero(ranking.labels().counts.sum(axis=0)).tolist() == [0]  # the second is always better


def test_other_projects_are_not_read() -> None:
    other = make_project()
    rank(make_task(other), make_member(other), [1, 2, 3])
    said = read(make_project())
    assert (said.measures, said.n_annotations, said.last_annotation) == ([], 0, 0)


def test_prompts_are_the_clusters() -> None:
    project = make_project()
    prompt = make_prompt(project)
    tasks = [make_task(project, prompt=prompt), make_task(project, prompt=prompt), make_task(project)]
    user = make_member(project)
    for task in tasks:
        rank(task, user, [1, 2, 3])
    (ranking,) = read(project).named("ranking")
    labels = ranking.labels()
    assert len(set(labels.cluster.tolist())) == 2
    assert len(set(labels.item.tolist())) == 3


def test_a_choice_of_two_counts_as_a_ranking() -> None:
    project = make_project(questions=[Question("better", "pairwise", "Which?")])
    prompt = make_prompt(project)
    endpoints = [make_endpoint(project), make_endpoint(project)]
    task = make_task(project, endpoints=endpoints, prompt=prompt)
    submit(task=task, user=make_member(project), answers={"better": "tie"}, circumstances=Circumstances(uuid.uuid4()))
    (better,) = read(project).measures
    assert better.labels().counts.tolist() == [[0, 1, 0]]


@pytest.mark.parametrize("name", ["1_7", "质量", '50 % of "it\'s", \\ {}', "x" * 100])
def test_questions_of_any_name_are_read(name: str) -> None:
    """Titles in Chinese leave names of their digits: 1_7 of 质量 1-7 分, which Python takes for a number."""
    project = make_project(questions=[Question(name, "likert", "How good?", options={"low": 1, "high": 7})])
    circumstances = Circumstances(uuid.uuid4())
    submit(task=make_task(project), user=make_member(project), answers={name: [2, 2, 2]}, circumstances=circumstances)
    (measure,) = read(project).measures
    assert (measure.name, measure.value.tolist()) == (name, [2.0, 2.0, 2.0])


def test_a_language_that_is_called_nan_is_one() -> None:
    project = make_project()
    for language in ("nan", "", "zh"):
        make_task(project, prompt=make_prompt(project, language=language))
    assert read(project).tasks.language.tolist() == ["nan", "", "zh"]


def test_annotators_say_what_a_prompt_without_a_use_case_is_for() -> None:
    asks = Question("case", "use_case", "Use case")
    project = make_project(questions=[Question("ranking", "ranking", "Rank", required=True), asks])
    people = [make_member(project) for _n in range(3)]
    given = make_task(project, prompt=make_prompt(project, use_case="chat"))
    clear, split, silent = (make_task(project) for _n in range(3))
    for task, cases in [
        (given, ["rewrite"] * 3),
        (clear, ["rewrite", "extract", "rewrite"]),
        (split, ["rewrite", "extract", None]),
        (silent, [None, None, None]),
    ]:
        for person, case in zip(people, cases, strict=True):
            rank(task, person, [1, 2, 3], **({"case": case} if case else {}))
    said = read(project)
    assert dict(zip(said.tasks.pk.tolist(), said.tasks.use_case.tolist(), strict=True)) == {
        given.pk: "chat",
        clear.pk: "rewrite",
        split.pk: "",
        silent.pk: "",
    }
