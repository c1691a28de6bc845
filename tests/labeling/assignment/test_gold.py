"""Gold is given out in seats of its own, and never as work that counts."""

import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Event

import pytest
from django.db import connection, transaction
from django.utils import timezone

from labeling.assignment.change_overlap import change_overlap
from labeling.assignment.claim import claim
from labeling.assignment.gold import drop_gold, make_gold
from labeling.assignment.jobs import sweep
from labeling.assignment.make_tasks import make_tasks
from labeling.assignment.models import Seat, SeatKind, SkipReason, Task
from labeling.assignment.skip import skip
from labeling.collection.submit import Circumstances, submit
from labeling.people.models import User
from labeling.projects.models import Project, TaskOrder
from tests.factories import (
    RANKING,
    make_endpoint,
    make_member,
    make_project,
    make_prompt,
    make_response,
    make_task,
    rank,
)

pytestmark = pytest.mark.django_db

ANSWERS = {"ranking": [1, 2, 3]}


@pytest.fixture
def project() -> Project:
    return make_project(questions=RANKING)


def gild(task: Task) -> None:
    make_gold(task=task, order=task.response_ids, answers=ANSWERS)


def skip_it(task: Task, user: User) -> None:
    skip(task=task, user=user, reason=SkipReason.UNCLEAR)


def abandon_it(task: Task, user: User) -> None:
    task.seats.filter(holder=user).update(leased_until=timezone.now() - timedelta(hours=2))


@pytest.mark.parametrize("let_go", [skip_it, abandon_it])
def test_who_sat_there_may_finish_but_nobody_comes_after_them(
    let_go: Callable[[Task, User], None], project: Project
) -> None:
    task, finishes, goes, late = make_task(project, overlap=2), *(make_member(project) for _n in range(3))
    for user in (finishes, goes):
        assert claim(project=project, user=user) is not None
    gild(task)
    rank(task, finishes, [1, 2, 3])
    assert task.seats.get(holder=finishes).kind == SeatKind.COUNTED
    let_go(task, goes)
    assert claim(project=project, user=late) is None
    rank(task, late, [1, 2, 3])
    assert task.seats.get(holder=late).kind == SeatKind.SURPLUS
    sweep()
    assert task.seats.counted().get().holder == finishes


def test_no_seat_is_added_where_people_disagree_on_gold(project: Project) -> None:
    Project.objects.update(most_overlap=5)
    task, users = make_task(project, overlap=2), [make_member(project) for _n in range(2)]
    for user in users:
        rank(task, user, [1, 2, 3])
    gild(task)
    rank(Task.objects.get(), users[0], [3, 2, 1])
    task.refresh_from_db()
    assert task.disagreement
    assert task.seats.count() == 2


def test_gold_no_longer_has_the_seats_of_its_plan_again() -> None:
    project = make_project(questions=RANKING)
    Project.objects.update(task_order=TaskOrder.PRIORITY)
    for priority in (0, 3):
        prompt = make_prompt(project, metadata={"priority": priority})
        for _n in range(3):
            make_response(prompt, make_endpoint(project))
    plan, _n = make_tasks(project=Project.objects.get(), responses=3, overlap=2)
    task = Task.objects.get(priority=3)
    rank(task, make_member(project), [1, 2, 3])
    gild(task)
    assert task.seats.counted().count() == 1
    change_overlap(plan=plan, overlap=3)
    for _time in range(2):
        drop_gold(task=task)
        assert task.seats.counted().count() == 3
    seat = claim(project=project, user=make_member(project))
    assert seat is not None
    assert seat.task == task, "as urgent as before"


@pytest.mark.django_db(transaction=True)
def test_a_seat_that_is_claimed_while_gold_is_made_stays(project: Project) -> None:
    task, user, claimed = make_task(project, overlap=1), make_member(project), Event()

    def claim_slowly() -> None:
        try:
            with transaction.atomic():
                claim(project=project, user=user)
                claimed.set()
                connection.cursor().execute("SELECT pg_sleep(0.5)")
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        claiming = pool.submit(claim_slowly)
        claimed.wait()
        gild(task)
        claiming.result()
    circumstances = Circumstances(uuid.uuid4())
    assert submit(task=task, user=user, answers=ANSWERS, circumstances=circumstances).seat.kind == SeatKind.COUNTED
    assert Seat.objects.count() == 1
