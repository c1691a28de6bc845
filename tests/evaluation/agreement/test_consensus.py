"""What people say together, by hand-made cases read by the command."""

import io
import json
import uuid
from collections.abc import Sequence
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from evaluation.stats.results import NOBODY_SHARED
from labeling.assignment.models import Task
from labeling.assignment.order import shown_order
from labeling.collection.submit import Circumstances, submit
from labeling.people.models import User
from labeling.projects.models import Project
from labeling.projects.questions import Question
from tests.factories import RANKING, make_endpoint, make_member, make_project, make_task, rank
from tests.simulated import Person, simulate

pytestmark = pytest.mark.django_db

FLAGS = Question("flags", "flags", "Flags", options={"flags": {"fails_instruction": "Fails", "harmful": "Harmful"}})


def told(project: Project, *argv: str) -> Any:
    out = io.StringIO()
    call_command("consensus", "--project", project.slug, *argv, "--json", stdout=out)
    return json.loads(out.getvalue())


def make_ranked(*said: Sequence[int]) -> Task:
    """A task of the endpoints a, b and c, ranked so by as many people."""
    project = make_project(questions=[*RANKING, FLAGS])
    task = make_task(project, [make_endpoint(project, name) for name in "abc"], overlap=len(said))
    for ranks in said:
        rank(task, make_member(project), ranks)
    return task


def test_a_ranking_by_majorities_of_pairs() -> None:
    task = make_ranked([1, 2, 3], [1, 3, 2], [3, 1, 2])
    (row,) = told(task.project)["rows"]
    assert (row["question"], row["task"]) == ("ranking", task.pk)
    assert [(one["endpoint"], one["rank"]) for one in row["ranking"]] == [("a", 1), ("b", 2), ("c", 3)]
    assert [one["response"] for one in row["ranking"]] == task.response_ids
    a, b, c = task.response_ids
    assert row["pairs"] == [
        {"first": a, "second": b, "votes": {"first": 2, "tie": 0, "second": 1}, "majority": "first"},
        {"first": a, "second": c, "votes": {"first": 2, "tie": 0, "second": 1}, "majority": "first"},
        {"first": b, "second": c, "votes": {"first": 2, "tie": 0, "second": 1}, "majority": "first"},
    ]


def test_who_beats_one_another_in_a_circle_shares_a_rank() -> None:
    (row,) = told(make_ranked([1, 2, 3], [3, 1, 2], [2, 3, 1]).project)["rows"]
    assert [one["rank"] for one in row["ranking"]] == [1, 1, 1]
    assert [one["majority"] for one in row["pairs"]] == ["first", "second", "first"]


def test_ties_win_where_most_say_so_and_nothing_wins_where_as_many_say_something_else() -> None:
    (row,) = told(make_ranked([1, 1, 2], [1, 1, 2], [1, 2, 2], [2, 1, 1]).project)["rows"]
    assert [one["majority"] for one in row["pairs"]] == ["tie", "first", None]
    (row,) = told(make_ranked([1, 2, 3], [2, 1, 3]).project)["rows"]
    assert [one["majority"] for one in row["pairs"]] == [None, "first", "first"]
    assert [one["rank"] for one in row["ranking"]] == [1, 1, 3]


def test_of_several_tasks_each_has_its_row() -> None:
    task = make_ranked([1, 2, 3])
    other = make_task(task.project, [make_endpoint(task.project, name) for name in "de"], overlap=1)
    rank(other, make_member(task.project), [2, 1])
    rows = told(task.project)["rows"]
    assert [row["task"] for row in rows] == [task.pk, other.pk]
    assert [(one["endpoint"], one["rank"]) for one in rows[1]["ranking"]] == [("e", 1), ("d", 2)]


def make_flagged(said: dict[str, Sequence[Sequence[bool]]]) -> Project:
    """By person, of each task the answers to one flag of its two responses."""
    project = make_project(questions=[FLAGS])
    endpoints = [make_endpoint(project, name) for name in "ab"]
    tasks = [make_task(project, endpoints, overlap=len(said)) for _task in next(iter(said.values()))]
    for name, answers in said.items():
        person = make_member(project, username=name)
        for task, raised in zip(tasks, answers, strict=True):
            raise_flag(task, person, raised)
    return project


def raise_flag(task: Task, person: User, raised: Sequence[bool]) -> None:
    positions = task.response_ids
    shown = [raised[positions.index(response)] for response in shown_order(task, person, positions)]
    answers = {"flags": {"fails_instruction": shown, "harmful": [False, False]}}
    submit(task=task, user=person, answers=answers, circumstances=Circumstances(uuid.uuid4()))


def test_flags_by_majority_and_by_how_often_each_person_is_right() -> None:
    right = [(True, False), (False, False), (True, False), (False, True)]
    wrong = [(not one, not other) for one, other in right]
    project = make_flagged({"ann": right, "bo": right, "cy": wrong})
    found = told(project, "--question", "fails_instruction")
    (flag,) = found["flags"]
    assert (flag["question"], flag["converged"], flag["undefined"]) == ("flags.fails_instruction", True, None)
    assert flag["prevalence"] == pytest.approx(3 / 8, abs=1e-6)
    rates = {one["annotator"]: (one["wrong_yes"], one["wrong_no"], one["n_labels"]) for one in flag["annotators"]}
    assert rates == {
        "ann": (pytest.approx(0, abs=1e-6), pytest.approx(0, abs=1e-6), 8),
        "bo": (pytest.approx(0, abs=1e-6), pytest.approx(0, abs=1e-6), 8),
        "cy": (pytest.approx(1, abs=1e-6), pytest.approx(1, abs=1e-6), 8),
    }
    for row, raised in zip(found["rows"], right, strict=True):
        assert [one["majority"] for one in row["responses"]] == ["yes" if one else "no" for one in raised]
        assert [one["probability"] for one in row["responses"]] == pytest.approx([float(one) for one in raised])
        assert {tuple(one["votes"].values()) for one in row["responses"]} <= {(2, 1), (1, 2)}


def test_where_nobody_labeled_the_same_there_are_votes_without_probabilities() -> None:
    found = told(make_flagged({"ann": [(True, False)]}), "--question", "fails_instruction")
    assert [flag["undefined"] for flag in found["flags"]] == [NOBODY_SHARED]
    ours = found["rows"][0]["responses"]
    assert [(one["majority"], one["probability"]) for one in ours] == [("yes", None), ("no", None)]


def test_what_was_planted_is_found() -> None:
    """A random clicker errs most, and the better model heads the rankings."""
    project = make_project("planted")
    people = [Person("ann", 0.3), Person("bo", 0.3), Person("cy", 0.3), Person("dot", careless=True)]
    simulate(project, people, {"weak": -1.0, "strong": 1.0}, prompts=60, overlap=4)
    found = told(project)
    (flag,) = [one for one in found["flags"] if one["question"] == "flags.fails_instruction"]
    by_name = {one["annotator"]: one["wrong_yes"] + one["wrong_no"] for one in flag["annotators"]}
    assert max(by_name, key=by_name.__getitem__) == "dot"
    rankings = [row["ranking"] for row in found["rows"] if "ranking" in row]
    assert len(rankings) == 60
    assert sum(one[0]["endpoint"] == "strong" for one in rankings) > 45


def test_in_words(capsys: pytest.CaptureFixture[str]) -> None:
    task = make_ranked([1, 2, 3], [1, 2, 3])
    call_command("consensus", "--project", task.project.slug, "--question", "ranking")
    said = capsys.readouterr().out
    assert f"task {task.pk}" in said
    assert "1. a, 2. b, 3. c" in said


def test_a_question_without_consensus_is_refused() -> None:
    with pytest.raises(CommandError, match=r"No answers to “overall” .*: ranking"):
        told(make_ranked([1, 2, 3]).project, "--question", "overall")
