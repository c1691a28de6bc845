"""How many tasks a participant gets, and when they are done."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from labeling.assignment.claim import claim, claim_ahead, claim_another
from labeling.assignment.complete import completed
from labeling.assignment.gold import make_gold
from labeling.assignment.models import Seat, SeatKind, SkipReason
from labeling.assignment.quota import has_enough
from labeling.assignment.skip import skip
from labeling.audit import AuditEntry
from labeling.people.models import User
from labeling.projects.models import Membership, Project, Status
from labeling.projects.take_part import take_part
from tests.factories import (
    RANKING,
    make_endpoint,
    make_member,
    make_project,
    make_prompt,
    make_run,
    make_study,
    make_task,
    rank,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def project() -> Project:
    return make_project(questions=RANKING)


@pytest.fixture
def user(project: Project) -> User:
    return participant(project)


def participant(project: Project, labels_wanted: int = 2, external_id: str = "p1") -> User:
    study = make_study(project, labels_wanted=labels_wanted)
    return take_part(invitation=study, external_id=external_id, study="s", session="v").user


def member(user: User) -> Membership:
    return Membership.objects.get(user=user)


def label_next(project: Project, user: User) -> Seat | None:
    seat = claim(project=project, user=user)
    if seat is not None:
        rank(seat.task, user, [1, 2, 3])
    return seat


def is_done(user: User) -> bool:
    return completed(member(user)) is not None


def test_no_more_tasks_than_wanted_and_then_done(project: Project, user: User) -> None:
    for _n in range(4):
        make_task(project)
    first = claim(project=project, user=user)
    assert first is not None
    second = claim_ahead(project=project, user=user, beside={first.task_id})
    assert second is not None
    assert claim_ahead(project=project, user=user, beside={first.task_id, second.task_id}) is None
    rank(first.task, user, [1, 2, 3])
    assert claim_another(project=project, user=user, after=first, beside={second.task_id}) is None
    assert claim(project=project, user=user) == second
    assert not is_done(user)
    rank(second.task, user, [1, 2, 3])
    assert claim(project=project, user=user) is None
    assert is_done(user)
    assert is_done(user)
    assert AuditEntry.objects.filter(action="participation.completed").count() == 1
    assert Seat.objects.filter(holder=user).count() == 2


def test_what_was_too_late_to_count_is_a_label_all_the_same(project: Project, user: User) -> None:
    late, other = make_task(project, overlap=1), make_task(project)
    claim(project=project, user=user)
    Seat.objects.filter(holder=user).update(leased_until=timezone.now() - timedelta(1))
    rank(late, make_member(project), [1, 2, 3])
    rank(late, user, [1, 2, 3])
    assert Seat.objects.get(holder=user).kind == SeatKind.SURPLUS
    rank(other, user, [1, 2, 3])
    assert is_done(user)


def test_gold_among_work_is_a_label(project: Project, user: User) -> None:
    Project.objects.update(gold_rate=0.5)
    project.refresh_from_db()
    for _n in range(6):
        task = make_task(project)
        make_gold(task=task, order=task.response_ids, answers={"ranking": [1, 2, 3]})
        make_task(project)
    for _n in range(2):
        assert label_next(project, user)
    assert is_done(user)


def test_the_exam_before_work_is_none(project: Project, user: User) -> None:
    Project.objects.update(requires_exam=True)
    project.refresh_from_db()
    work = [make_task(project) for _n in range(2)]
    for _n in range(2):
        task = make_task(project)
        make_gold(task=task, order=task.response_ids, answers={"ranking": [1, 2, 3]}, in_exam=True, in_work=False)
    for _n in range(2):
        assert label_next(project, user)
        assert not is_done(user)
    for task in work:
        seat = label_next(project, user)
        assert seat is not None
        assert seat.task == task
    assert is_done(user)


def test_who_labeled_some_and_finds_nothing_left_is_done(project: Project, user: User) -> None:
    make_task(project, overlap=1)
    assert not is_done(user)  # nothing done
    assert claim(project=project, user=user)
    assert not is_done(user)  # still at it
    assert label_next(project, user)
    assert is_done(user)
    make_task(project)
    assert is_done(user)
    assert claim(project=project, user=user) is None


def have_a_task_to_do(project: Project, user: User) -> None:
    make_task(project)


def skip_one(project: Project, user: User) -> None:
    task = make_task(project, overlap=1)
    claim(project=project, user=user)
    skip(task=task, user=user, reason=SkipReason.UNCLEAR)


def order_a_response(project: Project, user: User) -> None:
    make_prompt(project)
    make_run(make_endpoint(project, model="tiny"), 1)


def pause_them(project: Project, user: User) -> None:
    Membership.objects.filter(user=user).update(status=Status.PAUSED)


@pytest.mark.parametrize("happen", [have_a_task_to_do, skip_one, order_a_response, pause_them])
def test_who_labeled_some_is_not_done_while(
    happen: Callable[[Project, User], None], project: Project, user: User
) -> None:
    make_task(project, overlap=1)
    assert label_next(project, user)
    happen(project, user)
    assert not is_done(user)


def test_what_others_hold_does_not_keep_a_participant_waiting(project: Project, user: User) -> None:
    make_task(project, overlap=1)
    assert label_next(project, user)
    make_task(project, overlap=1)
    assert claim(project=project, user=make_member(project))
    assert is_done(user)


def test_who_is_held_out_waits_for_evaluation_only(project: Project, user: User) -> None:
    task = make_task(project)
    rank(task, user, [1, 2, 3])
    make_task(project)
    assert not is_done(user)
    Membership.objects.update(held_out=True)
    assert is_done(user)


def test_a_second_study_counts_from_its_beginning(project: Project, user: User) -> None:
    for _n in range(6):
        make_task(project)
    label_next(project, user)
    assert participant(project, labels_wanted=2) == user
    assert label_next(project, user)
    assert not is_done(user)
    assert label_next(project, user)
    assert is_done(user)
    assert label_next(project, user) is None


def test_members_of_the_team_cost_no_query_and_are_never_done(project: Project) -> None:
    team = member(make_member(project))
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert not has_enough(team)
        assert completed(team) is None
        assert not has_enough(None)
    assert len(queries) == 0
