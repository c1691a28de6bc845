"""Accepting, giving back, correcting, deciding."""

import uuid

import pytest

from evaluation.comparisons import read
from evaluation.datasets.consensus import pair_outcomes
from labeling.assignment.claim import claim, claim_another
from labeling.assignment.models import Seat, SeatKind, Task
from labeling.assignment.order import shown_order
from labeling.collection.models import Annotation, Review, Verdict
from labeling.collection.review import accept, decide, give_back
from labeling.collection.review_queue import Shelf, tasks_on
from labeling.collection.submit import Circumstances, submit
from labeling.errors import Refused
from labeling.people.models import User
from labeling.projects.models import Membership, Project
from labeling.projects.presets import REFINEMENT
from labeling.projects.roles import Role
from tests.factories import RANKING, make_endpoint, make_member, make_project, make_task, rank

pytestmark = pytest.mark.django_db


@pytest.fixture
def project() -> Project:
    return make_project(questions=RANKING)


@pytest.fixture
def reviewer(project: Project) -> User:
    return make_member(project, Role.REVIEWER)


def decided(task: Task, by: User, ranks: list[int], **more: object) -> Annotation:
    positions = list(task.candidates.order_by("position").values_list("response_id", flat=True))
    shown = shown_order(task, by, positions)
    answers = {"ranking": [ranks[positions.index(response)] for response in shown]}
    return decide(task=task, answers=answers, by=by, client_id=uuid.uuid4(), **more)  # type: ignore[arg-type]


def test_what_is_given_back_comes_to_its_author_before_anything_else(project: Project, reviewer: User) -> None:
    task, _other, _third = (make_task(project) for _n in range(3))
    user = make_member(project)
    rank(task, user, [1, 2, 3])
    held = claim(project=project, user=user)
    assert held is not None
    annotation = Annotation.objects.get()
    with pytest.raises(Refused, match="what is to be done better"):
        give_back(annotation=annotation, by=reviewer, note=" ")
    give_back(annotation=annotation, by=reviewer, note="Look at C again.")
    assert claim(project=project, user=user) == annotation.seat
    assert claim_another(project=project, user=user, after=held) is None, "the page is to be loaded anew"
    assert Annotation.objects.counted().get() == annotation, "until it is answered again it counts as it is"
    rank(task, user, [1, 2, 2])
    assert Annotation.objects.counted().get().revision == 2
    assert claim(project=project, user=user) == held


def test_a_revision_that_came_meanwhile_is_not_reviewed_unseen(project: Project, reviewer: User) -> None:
    task, user = make_task(project), make_member(project)
    rank(task, user, [1, 2, 3])
    seen = Annotation.objects.get()
    rank(task, user, [3, 2, 1])
    with pytest.raises(Refused, match="revised this meanwhile"):
        accept(annotation=seen, by=reviewer)
    assert not Review.objects.exists()


def test_a_decision_wins_in_scores_and_exports_and_the_originals_stay(project: Project, reviewer: User) -> None:
    task = make_task(project, endpoints=[make_endpoint(project) for _n in range(2)])
    for ranks in ([1, 2], [1, 2], [2, 1]):
        rank(task, make_member(project), ranks)
    decided(task, reviewer, [2, 1])
    (said,) = read(project).measures
    assert sorted(said.value) == [-1, 1, 1], "agreement is of what annotators said"
    (held,) = read(project, decided=True).measures
    assert held.value == [-1]
    (outcome,) = pair_outcomes(project)
    assert outcome.better == task.candidates.get(position=1).response.text
    assert Annotation.objects.counted().count() == 3


def test_a_later_decision_is_a_revision_by_whoever_takes_it(project: Project, reviewer: User) -> None:
    task, lead = make_task(project), make_member(project, Role.LEAD)
    decided(task, reviewer, [1, 2, 3])
    again = decided(task, lead, [3, 2, 1])
    assert again.revision == 2
    assert again.seat.holder == lead
    assert Seat.objects.filter(kind=SeatKind.DECISION).count() == 1
    assert Annotation.objects.final().get() == again


def test_a_page_sent_twice_decides_once(project: Project, reviewer: User) -> None:
    task, page = make_task(project), uuid.uuid4()
    for _time in range(2):
        decide(task=task, answers={"ranking": [1, 2, 3]}, by=reviewer, client_id=page)
    assert Annotation.objects.count() == 1


def test_who_labeled_a_task_can_decide_it_too(project: Project, reviewer: User) -> None:
    task = make_task(project)
    rank(task, reviewer, [1, 2, 3])
    decided(task, reviewer, [3, 2, 1])
    assert {seat.kind for seat in Seat.objects.filter(holder=reviewer)} == {SeatKind.COUNTED, SeatKind.DECISION}


def test_correcting_somebody_is_noted_at_what_they_said(project: Project, reviewer: User) -> None:
    task, user = make_task(project), make_member(project)
    rank(task, user, [1, 2, 3])
    annotation = Annotation.objects.get()
    decided(task, reviewer, [1, 3, 2], corrects=annotation)
    assert annotation.reviews.get().verdict == Verdict.CORRECTED


def test_the_shelves(project: Project, reviewer: User) -> None:
    split, agreed = make_task(project), make_task(project)
    for task, both in ((split, ([1, 2, 3], [3, 2, 1])), (agreed, ([1, 2, 3], [1, 2, 3]))):
        for ranks in both:
            rank(task, make_member(project), list(ranks))
    assert list(tasks_on(project, Shelf.DISAGREED)) == [split]
    assert list(tasks_on(project, Shelf.UNREVIEWED)) == [split, agreed]
    first, second = Annotation.objects.filter(seat__task=agreed)
    accept(annotation=first, by=reviewer)
    give_back(annotation=second, by=reviewer, note="Why?")
    assert list(tasks_on(project, Shelf.UNREVIEWED)) == [split]
    assert list(tasks_on(project, Shelf.RETURNED)) == [agreed]
    decided(split, reviewer, [1, 2, 3])
    assert list(tasks_on(project, Shelf.DISAGREED)) == []
    assert list(tasks_on(project, Shelf.DECIDED)) == [split]


def test_labels_of_the_held_out_and_for_evaluations_are_no_training_data(project: Project) -> None:
    endpoints = [make_endpoint(project) for _n in range(2)]
    training, evaluated = (make_task(project, endpoints=endpoints) for _n in range(2))
    user, held_out = make_member(project), make_member(project)
    rank(training, user, [1, 2])
    rank(training, held_out, [2, 1])
    Membership.objects.filter(user=held_out).update(held_out=True)
    Seat.objects.filter(task=evaluated).update(for_evaluation=True)
    rank(evaluated, user, [1, 2])
    (outcome,) = pair_outcomes(project)
    assert outcome.better == training.candidates.get(position=0).response.text
    assert len(read(project, decided=True).measures[0].value) == 3, "scores take them all"


def test_the_held_out_are_given_evaluations_and_nothing_else(project: Project) -> None:
    make_task(project)
    evaluated = make_task(project)
    Seat.objects.filter(task=evaluated).update(for_evaluation=True)
    held_out = make_member(project)
    Membership.objects.filter(user=held_out).update(held_out=True)
    seat = claim(project=project, user=held_out)
    assert seat is not None
    assert seat.task == evaluated
    rank(evaluated, held_out, [1, 2, 3])
    assert claim(project=project, user=held_out) is None


def test_an_edit_and_its_original_become_a_pair() -> None:
    project = make_project(questions=REFINEMENT)
    task, user = make_task(project, n_responses=2), make_member(project)
    edited = task.candidates.get(position=1).response
    shown = shown_order(task, user, task.response_ids)
    answers = {"refinement": {"of": "AB"[shown.index(edited.pk)], "text": "Better."}}
    submit(task=task, user=user, answers=answers, circumstances=Circumstances(uuid.uuid4()))
    (outcome,) = pair_outcomes(project)
    assert (outcome.better, outcome.worse, outcome.is_edit) == ("Better.", edited.text, True)
