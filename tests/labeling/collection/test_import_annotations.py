import io
import json
import re
import uuid
from collections.abc import Iterable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from evaluation.agreement.measure import majorities
from evaluation.comparisons import read
from labeling.assignment.models import Seat, SeatKind, Task
from labeling.assignment.order import shown_order
from labeling.collection.import_annotations import import_annotations
from labeling.collection.imported import ImportedAnnotations
from labeling.collection.kinds import KINDS
from labeling.collection.models import Annotation, Origin
from labeling.collection.review import decide
from labeling.errors import FileRefused
from labeling.people.models import User
from labeling.projects.models import Project
from labeling.projects.questions import Question
from labeling.projects.roles import Role
from labeling.prompts.files import ImportFile
from labeling.prompts.models import Prompt
from tests.factories import make_member, make_project, make_task, make_user

pytestmark = pytest.mark.django_db


def import_rows(project: Project, *rows: dict[str, Any]) -> ImportedAnnotations:
    content = "\n".join(map(json.dumps, rows)).encode()
    return import_annotations(project=project, file=ImportFile(io.BytesIO(content), "judged.jsonl"))


def judged(
    annotator: str = "kim", prompt: str = "p", models: Iterable[str] = ("m1", "m2"), **said: Any
) -> dict[str, Any]:
    responses = [{"model": model, "text": f"{model} says"} for model in models]
    return {"prompt": prompt, "responses": responses, "annotator": annotator, **said}


@pytest.fixture
def empty() -> Project:
    """A project that asks nothing yet."""
    return make_project(questions=[])


def test_everything_that_is_needed_is_made(empty: Project) -> None:
    imported = import_rows(
        empty,
        judged("kim", ranks=[1, 2]),
        judged("lee", ranks=[1, 1]),
        judged("kim", "q", ["m1", "m2", "m3"], ranks=[3, 1, 2]),
    )
    assert imported == ImportedAnnotations(annotations=3, prompts=2, responses=5, tasks=2, annotators=2, single_votes=1)
    assert Task.objects.count() == 2
    assert Seat.objects.counted().count() == 3
    assert not User.objects.get(username="kim").has_usable_password()
    annotation = Annotation.objects.get(seat__holder__username="lee")
    assert annotation.answers == {"ranking": [1, 1]}
    assert annotation.origin == Origin.FILE


def test_the_questions_are_those_the_file_answers(empty: Project) -> None:
    import_rows(
        empty,
        judged(preference="left", scores={"helpfulness": [0, 4]}),
        judged("lee", flags={"rude": [True, False]}, scores={"helpfulness": [2, 3], "safety": [1, 1]}, comment="hm"),
        judged("lee", "q", flags={"wrong": [0, 1]}),
    )
    instrument = empty.current_instrument()
    assert instrument is not None
    assert instrument.frozen_at is not None
    questions = {question.name: question for question in instrument.questions}
    assert {name: question.kind for name, question in questions.items()} == {
        "preference": "pairwise",
        "helpfulness": "likert",
        "safety": "likert",
        "flags": "flags",
        "comment": "comment",
    }
    assert questions["helpfulness"].options == {"low": 0, "high": 4}
    assert set(questions["flags"].options["flags"]) == {"rude", "wrong"}


def test_a_later_file_must_answer_the_same_questions(empty: Project) -> None:
    import_rows(empty, judged(scores={"quality": [1, 5]}))
    import_rows(empty, judged("lee", scores={"quality": [2, 2]}))
    with pytest.raises(FileRefused, match="does not ask for “ranks”"):
        import_rows(empty, judged("ann", ranks=[1, 2]))
    with pytest.raises(FileRefused, match="7 for B is not between 1 and 5"):
        import_rows(empty, judged("ann", scores={"quality": [1, 7]}))


def test_judgments_for_a_project_with_questions_of_its_own() -> None:
    project = make_project()
    import_rows(project, judged(ranks=[2, 1], scores={"overall": [3, 6]}, flags={"hallucination": [True, False]}))
    assert Annotation.objects.get().answers == {
        "ranking": [2, 1],
        "overall": [3, 6],
        "flags": {"hallucination": [True, False]},
    }


ALL_SAID = {
    "ranks": {"order": [2, 1]},
    "preference": {"better": "a3", "kinder": "right"},
    "scores": {"tone": [-1, 2]},
    "flags": {"rude": [True, False], "wrong": [0, None]},
    "comment": {"why": "- hm\r\n", "else": "=1"},
    "demonstration": {"ideal": "So."},
    "refinement": {"edit": [None, "Better."]},
    "prompt_flags": {"vague": 1, "long": False},
    "said_use_case": {"kind": "rewrite"},
}
ALL_ANSWERS = {
    "order": [2, 1],
    "better": "A3",
    "kinder": "B",
    "tone": [-1, 2],
    "flags": {"rude": [True, False], "wrong": [False, None]},
    "why": "- hm\r\n",
    "else": "=1",
    "ideal": "So.",
    "edit": {"of": "B", "text": "Better."},
    "prompt_flags": {"vague": True, "long": False},
    "kind": "rewrite",
}


def test_answers_of_all_kinds_by_the_names_of_their_questions(empty: Project) -> None:
    imported = import_rows(empty, judged(**ALL_SAID), judged("lee", preference={"better": "B4"}))
    assert Annotation.objects.get(seat__holder__username="kim").answers == ALL_ANSWERS
    instrument = empty.current_instrument()
    assert instrument is not None
    questions = {question.name: question for question in instrument.questions}
    assert {question.kind for question in questions.values()} == KINDS.keys()
    assert questions["better"].options == {"levels": 4}
    assert questions["prompt_flags"].options == {"flags": {"vague": "vague", "long": "long"}}
    assert imported.constant == {
        "ranks.order": [2, 1],
        "preference.kinder": "B",
        "flags.wrong": False,
        "prompt_flags.vague": True,
        "prompt_flags.long": False,
        "said_use_case.kind": "rewrite",
    }
    assert import_rows(empty, judged(**ALL_SAID)).duplicates == 1


def test_the_only_question_of_a_kind_needs_no_name(empty: Project) -> None:
    said = {"demonstration": "So.", "refinement": ["Better.", None], "comment": "hm", "said_use_case": "chat"}
    answers = {
        "demonstration": "So.",
        "refinement": {"of": "A", "text": "Better."},
        "comment": "hm",
        "use_case": "chat",
    }
    import_rows(empty, judged(**said))
    assert Annotation.objects.get().answers == answers
    asked = make_project(questions=[Question("why", "comment", "Why"), Question("ideal", "demonstration", "Write")])
    import_rows(asked, judged(comment="hm", demonstration="So."))
    assert Annotation.objects.get(seat__project=asked).answers == {"why": "hm", "ideal": "So."}


def test_flags_are_those_of_the_question_that_has_them() -> None:
    project = make_project(
        questions=[
            Question("first", "flags", "First", options={"flags": {"rude": "Rude", "odd": "Odd"}}),
            Question("second", "flags", "Second", options={"flags": {"rude": "Rude", "wrong": "Wrong"}}),
            Question("about", "prompt_flags", "About", options={"flags": {"vague": "Vague"}}),
        ]
    )
    flags = {"wrong": [True, True], "rude": [False, True], "second.rude": [True, False]}
    import_rows(project, judged(flags=flags, prompt_flags={"about.vague": True}))
    assert Annotation.objects.get().answers == {
        "first": {"rude": [False, True]},
        "second": {"wrong": [True, True], "rude": [True, False]},
        "about": {"vague": True},
    }


def test_what_is_said_of_a_prompt_alone_needs_no_response(empty: Project) -> None:
    rows = [judged(name, models=[], demonstration=f"{name} says") for name in ("kim", "lee")]
    assert import_rows(empty, *rows) == ImportedAnnotations(annotations=2, prompts=1, tasks=1, annotators=2)
    assert import_rows(empty, *rows).duplicates == 2


@pytest.mark.parametrize(
    ("said", "cause"),
    [
        ({"comment": {"reason": "hm"}}, "does not ask for “comment.reason”; its questions are prompt, overall"),
        ({"demonstration": {"comment": "hm"}}, "does not ask for “demonstration.comment”"),
        ({"scores": {"flags": [1, 2]}}, "does not ask for “scores.flags”"),
        ({"flags": {"nice": [True, False]}}, "does not ask for “flags.nice”"),
        ({"prompt_flags": {"prompt.nice": True}}, "does not ask for “prompt_flags.prompt.nice”"),
        ({"refinement": ["x", None]}, "does not ask for “refinement”"),
        ({"said_use_case": "chat"}, "does not ask for “said_use_case”"),
        ({"ranks": {"ranking": [1, 3]}}, "“ranks.ranking”: Ranks are whole numbers from 1, the best, to 2"),
        ({"scores": {"overall": [1, 8]}}, "“scores.overall”: 8 for B is not between 1 and 7"),
        ({"comment": "x" * 10_001}, "“comment”: The text has 10001 characters"),
    ],
)
def test_what_does_not_fit_the_questions_of_a_project_is_refused(said: dict[str, Any], cause: str) -> None:
    project = make_project()
    with pytest.raises(FileRefused) as refused:
        import_rows(project, judged(**said))
    assert cause in refused.value.problems[0].cause


def test_importing_again_adds_nothing_and_a_change_of_mind_is_a_revision(empty: Project) -> None:
    import_rows(empty, judged(ranks=[1, 2]))
    assert import_rows(empty, judged(ranks=[1, 2])) == ImportedAnnotations(duplicates=1, single_votes=1)
    changed = ImportedAnnotations(annotations=1, revisions=1, single_votes=1)
    assert import_rows(empty, judged(ranks=[2, 1])) == changed
    assert Annotation.objects.counted().get().answers == {"ranking": [2, 1]}


def test_the_same_person_and_task_twice_in_a_file(empty: Project) -> None:
    imported = import_rows(empty, judged(ranks=[1, 2]), judged(ranks=[1, 2]), judged(ranks=[2, 1]))
    assert (imported.annotations, imported.duplicates, imported.revisions) == (2, 1, 1)
    assert imported.repeated == 2
    assert "2 are by somebody who judges the same task further up in the file: the last counts." in imported.sentence()
    assert Annotation.objects.counted().get().answers == {"ranking": [2, 1]}


def test_a_pair_in_either_order_is_one_task_and_what_is_said_is_turned(empty: Project) -> None:
    """Two say that m1 is better and one that m2 is, whoever stood first."""
    imported = import_rows(
        empty,
        judged("kim", preference="A", scores={"q": [5, 1]}),
        judged("lee", models=["m2", "m1"], preference="B", scores={"q": [1, 5]}),
        judged("ann", models=["m2", "m1"], preference="A", scores={"q": [5, 1]}),
    )
    assert (imported.tasks, imported.turned) == (1, 2)
    assert "2 name the responses in another order than their task, and were turned to it." in imported.sentence()
    said = read(empty)
    assert majorities(said) == {"preference": {"first": 1, "second": 0, "tie": 0, "none": 0}}
    preference, quality = said.measures
    assert list(preference.value) == [1, 1, -1]
    rated: dict[int, list[int]] = {int(unit): [] for unit in quality.unit}
    for _annotator, unit, value in sorted(zip(quality.annotator, quality.unit, quality.value, strict=True)):
        rated[int(unit)].append(int(value))
    assert sorted(rated.values()) == [[1, 1, 5], [5, 5, 1]]


def test_the_same_said_in_the_opposite_order_is_nothing_new(empty: Project) -> None:
    import_rows(empty, judged(preference="A", flags={"rude": [True, False]}))
    turned = judged(models=["m2", "m1"], preference="B", flags={"rude": [False, True]})
    again = import_rows(empty, turned)
    assert (again.annotations, again.duplicates, again.turned) == (0, 1, 1)
    other = import_rows(empty, turned | {"preference": "A"})
    assert (other.annotations, other.revisions) == (1, 1)


def test_columns_that_never_vary_are_named(empty: Project) -> None:
    flags = {"rude": [False, False], "wrong": [False, True]}
    imported = import_rows(
        empty,
        judged("kim", preference="A", flags=flags, scores={"q": [3, None]}),
        judged("lee", preference="A", flags=flags, scores={"q": [3, 3]}),
    )
    assert imported.constant == {"preference": "A", "flags.rude": False, "scores.q": 3}
    assert 'Always the same: preference ("A"), scores.q (3), flags.rude (false).' in imported.sentence()
    assert import_rows(empty, judged("ann", preference="B")).constant == {}, "of one judgment nothing is said"


def test_tasks_with_one_vote_are_counted_with_what_was_there_before(empty: Project) -> None:
    first = import_rows(empty, judged("kim", ranks=[1, 2]), judged("kim", "q", ranks=[1, 2]))
    assert first.single_votes == 2
    assert "2 tasks have one judgment only" in first.sentence()
    assert import_rows(empty, judged("lee", ranks=[2, 1])).single_votes == 0


def test_a_planned_task_keeps_its_overlap() -> None:
    project = make_project()
    task = make_task(project, overlap=1)
    responses = [
        {"model": candidate.response.endpoint.name, "text": candidate.response.text}
        for candidate in task.candidates.select_related("response__endpoint")
    ]
    plan = project.plans.create(responses=3, overlap=1, seed=1)
    Task.objects.update(plan=plan)
    rows = [
        {"prompt": task.prompt.text, "responses": responses, "annotator": name, "ranks": [1, 2, 3]} for name in "ab"
    ]
    imported = import_rows(project, *rows)
    assert imported == ImportedAnnotations(annotations=2, annotators=2, single_votes=1, constant={"ranks": [1, 2, 3]})
    assert Annotation.objects.counted().count() == 1
    assert Seat.objects.filter(kind=SeatKind.SURPLUS).count() == 1


def test_names_of_outsiders_are_not_taken(empty: Project) -> None:
    """Whoever imports a file cannot put words into the mouth of somebody who is not in the project."""
    outsider = make_user("kim")
    member = make_member(empty, username="lee")
    import_rows(empty, judged("kim", ranks=[1, 2]), judged("lee", ranks=[1, 2]))
    assert set(Annotation.objects.values_list("seat__holder__username", flat=True)) == {f"kim.{empty.slug}", "lee"}
    assert not outsider.seats.exists()
    assert member.seats.count() == 1
    assert import_rows(empty, judged("kim", ranks=[1, 2])).annotators == 0


def test_a_single_response_can_be_rated(empty: Project) -> None:
    import_rows(empty, judged(models=["m1"], scores={"quality": 4}))
    assert Annotation.objects.get().answers == {"quality": [4]}


@pytest.mark.parametrize(
    ("value", "stored"),
    [
        ("A", "A"),
        ("left", "A"),
        (1, "A"),
        ("B", "B"),
        ("Right", "B"),
        ("2", "B"),
        ("tie", "tie"),
        ("both_bad", "both_bad"),
    ],
)
def test_ways_to_write_a_preference(empty: Project, value: Any, stored: str) -> None:
    import_rows(empty, judged(preference=value))
    assert Annotation.objects.get().answers == {"preference": stored}


@pytest.mark.parametrize(
    ("said", "cause"),
    [
        ({}, "at least one of ranks, preference"),
        ({"preference": 0}, "could mean a tie or the first"),
        ({"preference": "C"}, "“preference” is “C”"),
        ({"preference": True}, "“preference” is “True”"),
        ({"ranks": [1]}, "each of the 2 responses"),
        ({"ranks": [1, 2, 3]}, "each of the 2 responses"),
        ({"ranks": [0, 1]}, "from 1, the best, to 2"),
        ({"ranks": [1, 1.5]}, "from 1, the best, to 2"),
        ({"scores": [1, 2]}, "“scores” must be an object"),
        ({"scores": {"q": 3}}, "“scores.q” must be a list with one value for each of the 2 responses"),
        ({"preference": {"better": "A5"}}, "“preference.better” is “A5”"),
        ({"preference": {"better": "C"}}, "“preference.better” is “C”"),
        ({"preference": "A", "models": ["m1"]}, "“preference”: This question is about two responses"),
        ({"ranks": {"order": [1]}}, "“ranks.order”: Give a rank to each of the 2 responses"),
        ({"ranks": [], "models": []}, "“ranks” is about responses, and there are none"),
        ({"comment": 3}, "“comment” must be text"),
        ({"comment": {"why": ["hm"]}}, "“comment.why” must be text"),
        ({"comment": {"": "hm"}}, "names in “comment” have 1 to 120 characters"),
        ({"comment": {"why": None}}, "at least one of ranks, preference"),
        ({"demonstration": {"ideal": 1}}, "“demonstration.ideal” must be text"),
        ({"demonstration": " "}, "“demonstration”: Write the response first"),
        ({"refinement": {"edit": "x"}}, "“refinement.edit” must be a list with one value for each of the 2"),
        ({"refinement": {"edit": ["x", "y"]}}, "“refinement.edit” must have the new text of one response"),
        ({"refinement": {"edit": [None, None]}}, "“refinement.edit” must have the new text of one response"),
        ({"refinement": {"edit": [3, None]}}, "“refinement.edit”: The answer to this question is text"),
        ({"prompt_flags": ["vague"]}, "“prompt_flags” must be an object"),
        ({"prompt_flags": {"vague": "yes"}}, "“prompt_flags.vague” is either true or false"),
        ({"said_use_case": "maths"}, "“said_use_case” is “maths”; it can be generation"),
        ({"said_use_case": {"kind": 4}}, "“said_use_case.kind” must be text"),
        ({"scores": {"q": [1, 2.5]}}, "not a whole number"),
        ({"flags": {"f": ["x", "y"]}}, "either true or false"),
        ({"ranks": [1, 2], "created_at": "yesterday"}, "write it like 2026-11-22T09:30:00Z"),
        ({"ranks": [1, 2], "annotator": ""}, "a name of 1 to 120 characters"),
        ({"ranks": [1, 2], "annotator": "a\nb"}, "a name of 1 to 120 characters"),
        ({"rank": [1, 2]}, "unknown field “rank”"),
        ({"ranks": [1, 2], "models": ["m1"] * 2}, ""),
    ],
)
def test_wrong_rows_are_named_and_nothing_is_imported(empty: Project, said: dict[str, Any], cause: str) -> None:
    models = said.pop("models", ("m1", "m2"))
    row = judged(models=models) | said
    with pytest.raises(FileRefused) as refused:
        import_rows(empty, judged("fine", "other", ranks=[1, 2]), row)
    (problem,) = refused.value.problems
    assert problem.line == 2
    assert cause in problem.cause
    assert not Prompt.objects.exists()
    assert not User.objects.exists()
    assert empty.current_instrument() is None


def test_time_is_kept(empty: Project) -> None:
    import_rows(empty, judged(ranks=[1, 2], created_at="2026-11-02T09:01:10+08:00"))
    assert Annotation.objects.get().submitted_at.isoformat() == "2026-11-02T01:01:10+00:00"


def test_a_reviewers_judgment_does_not_overturn_their_decision(empty: Project) -> None:
    import_rows(empty, judged("lee", ranks=[1, 2]))
    reviewer, task = make_member(empty, Role.REVIEWER, "kim"), Task.objects.get()
    decide(task=task, answers={"ranking": [1, 1]}, by=reviewer, client_id=uuid.uuid4())
    import_rows(empty, judged("kim", ranks=[2, 1]))
    decision = Annotation.objects.get(seat__kind=SeatKind.DECISION, is_current=True)
    assert decision.answers == {"ranking": [1, 1]}
    assert Annotation.objects.counted().count() == 2


def test_what_was_imported_is_shown_with_the_responses_it_is_about(empty: Project, client: Client) -> None:
    import_rows(empty, judged("lee", models=["m1", "m2", "m3"], ranks=[1, 2, 3]))
    kim = make_member(empty, username="kim")
    for number in range(6):
        import_rows(empty, judged("kim", f"p{number}", ["m1", "m2", "m3"], ranks=[1, 2, 3]))
    client.force_login(kim)
    for said in Annotation.objects.filter(seat__holder=kim).select_related("seat__task__project"):
        page = client.get(reverse("label-task", kwargs={"slug": empty.slug, "task_id": said.seat.task_id}))
        shown = shown_order(said.seat.task, kim, said.order)
        ranks = re.findall(r'name="ranking\.\d" value="(\d)" checked', re.sub(r"\s+", " ", page.text))
        assert [int(rank) for rank in ranks] == [said.order.index(response) + 1 for response in shown]
