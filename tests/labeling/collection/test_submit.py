import uuid
from datetime import timedelta

import pytest
from django.utils import timezone

from labeling.assignment.claim import claim
from labeling.assignment.models import Seat, SeatKind, Task
from labeling.collection.answers import AnswersRefused
from labeling.collection.models import Annotation
from labeling.collection.submit import Circumstances, submit
from labeling.people.models import User
from labeling.projects.models import Project
from tests.factories import RANKING, make_member, make_project, make_task

pytestmark = pytest.mark.django_db


@pytest.fixture
def project() -> Project:
    return make_project(questions=RANKING)


@pytest.fixture
def task(project: Project) -> Task:
    return make_task(project, overlap=1)


@pytest.fixture
def user(project: Project) -> User:
    return make_member(project)


def send(task: Task, user: User, ranks: list[int], page: uuid.UUID | None = None) -> Annotation:
    return submit(task=task, user=user, answers={"ranking": ranks}, circumstances=Circumstances(page or uuid.uuid4()))


def test_what_is_stored(task: Task, user: User, project: Project) -> None:
    claim(project=project, user=user)
    annotation = send(task, user, [1, 3, 3])
    assert annotation.answers == {"ranking": [1, 2, 2]}
    assert sorted(annotation.order) == sorted(task.candidates.values_list("response_id", flat=True))
    assert annotation.started_at is not None
    seat = annotation.seat
    assert seat.submitted_at is not None
    assert seat.leased_until is None
    task.instrument.refresh_from_db()
    assert task.instrument.frozen_at is not None


def test_the_same_page_twice_is_once(task: Task, user: User) -> None:
    page = uuid.uuid4()
    assert send(task, user, [1, 2, 3], page) == send(task, user, [1, 2, 3], page)
    assert Annotation.objects.count() == 1


def test_going_back_and_sending_something_else_is_a_revision(task: Task, user: User) -> None:
    page = uuid.uuid4()
    send(task, user, [1, 2, 3], page)
    send(task, user, [3, 2, 1], page)
    first, second = Annotation.objects.order_by("revision")
    assert (first.answers["ranking"], first.is_current) == ([1, 2, 3], False)
    assert (second.answers["ranking"], second.is_current) == ([3, 2, 1], True)
    assert Annotation.objects.counted().get() == second


def test_a_letter_that_comes_again_changes_nothing_said_since(task: Task, user: User) -> None:
    letter = Circumstances(uuid.uuid4(), is_letter=True)
    submit(task=task, user=user, answers={"ranking": [1, 2, 3]}, circumstances=letter)
    send(task, user, [3, 2, 1])
    submit(task=task, user=user, answers={"ranking": [1, 2, 3]}, circumstances=letter)
    assert Annotation.objects.get(is_current=True).answers == {"ranking": [3, 2, 1]}
    assert Annotation.objects.count() == 2


def test_when_it_was_begun_is_when_it_was_shown(task: Task, user: User, project: Project) -> None:
    claim(project=project, user=user)
    Seat.objects.update(claimed_at=timezone.now() - timedelta(hours=1))
    shown = Circumstances(uuid.uuid4(), wall_ms=90_000)
    said = submit(task=task, user=user, answers={"ranking": [1, 2, 3]}, circumstances=shown)
    said.refresh_from_db()
    assert said.started_at is not None
    assert said.submitted_at - said.started_at == timedelta(seconds=90)


def test_who_takes_over_a_seat_did_not_begin_when_it_was_claimed(task: Task, user: User, project: Project) -> None:
    claim(project=project, user=make_member(project))
    hours_ago = timezone.now() - timedelta(hours=3)
    Seat.objects.update(claimed_at=hours_ago, leased_until=hours_ago)
    assert send(task, user, [1, 2, 3]).started_at is None


def test_a_late_answer_is_kept_as_surplus(task: Task, user: User, project: Project) -> None:
    seat = claim(project=project, user=user)
    assert seat is not None
    Seat.objects.update(leased_until=timezone.now() - timedelta(seconds=1))
    quick = make_member(project)
    claim(project=project, user=quick)
    send(task, quick, [1, 2, 3])
    late = send(task, user, [3, 2, 1])
    assert late.seat.kind == SeatKind.SURPLUS
    assert Annotation.objects.count() == 2
    assert Annotation.objects.counted().get().seat.holder == quick


def test_a_late_answer_takes_a_seat_that_is_free(project: Project, user: User) -> None:
    task = make_task(project, overlap=2)
    claim(project=project, user=user)
    Seat.objects.update(leased_until=None, holder=None)
    annotation = send(task, user, [1, 2, 3])
    assert annotation.seat.kind == SeatKind.COUNTED
    assert task.seats.count() == 2


@pytest.mark.parametrize(
    ("ranks", "problem"),
    [
        ([1, 2], "each of the 3 responses"),
        ([1, None, 3], "Still without a rank: B"),
        ([1, 2, 4], "whole numbers from 1"),
        ([0, 1, 2], "whole numbers from 1"),
        ([1, 2, "x"], "whole numbers from 1"),
        ([1, 2, True], "whole numbers from 1"),
    ],
)
def test_wrong_rankings_are_refused_with_the_question(task: Task, user: User, ranks: list[int], problem: str) -> None:
    with pytest.raises(AnswersRefused) as refused:
        send(task, user, ranks)
    assert problem in refused.value.problems["ranking"]
    assert not Annotation.objects.exists()


def test_a_required_question_cannot_be_left_out(task: Task, user: User) -> None:
    with pytest.raises(AnswersRefused, match="No answer yet"):
        submit(task=task, user=user, answers={}, circumstances=Circumstances(uuid.uuid4()))
