"""What a project asks may change; what was said stays under what was asked."""

import uuid

import pytest

from evaluation.comparisons import read
from labeling.collection.answers import AnswersRefused
from labeling.collection.build_instrument import (
    add_question,
    change_instrument,
    move_question,
    remove_question,
    replace_question,
)
from labeling.collection.models import Annotation
from labeling.collection.submit import Circumstances, submit
from labeling.errors import Refused
from labeling.projects.models import Project
from labeling.projects.questions import Question
from tests.factories import RANKING, make_member, make_project, make_task, rank

pytestmark = pytest.mark.django_db

SCALE = {"low": 1, "high": 7}


def names(project: Project) -> list[str]:
    instrument = project.current_instrument()
    assert instrument is not None
    return [question.name for question in instrument.questions]


def test_questions_are_added_moved_and_removed_until_they_are_labeled_with() -> None:
    project = make_project(questions=RANKING)
    change_instrument(project=project, change=add_question("likert", "How good?", SCALE))
    change_instrument(project=project, change=add_question("likert", "How good?", SCALE))
    change_instrument(project=project, change=move_question("how_good", -1))
    change_instrument(project=project, change=remove_question("how_good_2"))
    assert names(project) == ["how_good", "ranking"]
    assert project.instruments.count() == 1
    rank(make_task(project), make_member(project), [1, 2, 3])
    change_instrument(project=project, change=remove_question("how_good"))
    assert [instrument.version for instrument in project.instruments.order_by("version")] == [1, 2]


def test_too_many_questions_are_refused() -> None:
    project = make_project(questions=RANKING)
    with pytest.raises(Refused, match="at most 20"):
        change_instrument(project=project, change=lambda questions: questions * 21)
    assert names(project) == ["ranking"]


def test_a_name_that_was_labeled_with_never_means_something_else() -> None:
    project = make_project(questions=[*RANKING, Question("quality", "likert", "Quality", options=SCALE)])
    rank(make_task(project), make_member(project), [1, 2, 3], quality=[7, 4, 1])
    change_instrument(project=project, change=remove_question("quality"))
    change_instrument(project=project, change=add_question("ranking", "Quality", {}))
    assert names(project) == ["ranking", "quality_2"]
    wider = Question("quality", "likert", "Quality", options={"low": 0, "high": 10})
    change_instrument(project=project, change=lambda questions: [questions[0], wider])
    assert names(project)[0] == "ranking"
    assert names(project)[1] not in ("ranking", "quality")
    assert {measure.name for measure in read(project).measures} == {"ranking", "quality"}


def test_other_words_for_the_same_question_keep_its_name() -> None:
    project = make_project(questions=RANKING)
    rank(make_task(project), make_member(project), [1, 2, 3])
    change_instrument(project=project, change=replace_question(Question("ranking", "ranking", "Which is better?")))
    assert names(project) == ["ranking"]
    assert project.instruments.count() == 2


def test_who_answers_what_a_lead_has_just_changed_is_shown_what_is_asked_now() -> None:
    project = make_project(questions=RANKING)
    task, user = make_task(project), make_member(project)
    assert task.instrument.questions
    change_instrument(project=project, change=add_question("ranking", "Which is safer?", {}))
    page = Circumstances(uuid.uuid4())
    with pytest.raises(AnswersRefused, match="which_is_safer"):
        submit(task=task, user=user, answers={"ranking": [1, 2, 3]}, circumstances=page)
    assert len(task.instrument.questions) == 2
    task.instrument.refresh_from_db()
    assert task.instrument.frozen_at is None, "nothing was stored"
    answers = {"ranking": [1, 2, 3], "which_is_safer": [3, 2, 1]}
    submit(task=task, user=user, answers=answers, circumstances=page)
    assert Annotation.objects.get().answers == answers
    assert len(read(project).measures) == 2
