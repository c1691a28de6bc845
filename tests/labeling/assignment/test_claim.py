"""Who gets which seat; and that there are never more or fewer than there are."""

import random
import uuid
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from labeling.assignment.claim import claim, claim_ahead
from labeling.assignment.make_tasks import add_tasks
from labeling.assignment.models import Seat, SeatKind
from labeling.assignment.order import shown_order
from labeling.collection.drafts import save_draft
from labeling.collection.models import Annotation
from labeling.collection.open_task import open_task
from labeling.collection.submit import Circumstances, submit
from labeling.generation.models import Response
from labeling.people.models import User
from labeling.projects.models import Membership, Project
from labeling.projects.roles import Role
from labeling.prompts.models import Prompt
from tests.factories import (
    RANKING,
    make_endpoint,
    make_member,
    make_project,
    make_task,
    rank,
)

pytestmark = pytest.mark.django_db


def expire(seat: Seat) -> None:
    Seat.objects.filter(pk=seat.pk).update(leased_until=timezone.now() - timedelta(seconds=1))


def test_the_same_seat_until_it_is_filled() -> None:
    project = make_project(questions=RANKING)
    make_task(project)
    make_task(project)
    user = make_member(project)
    first = claim(project=project, user=user)
    assert first is not None
    assert claim(project=project, user=user) == first
    rank(first.task, user, [1, 2, 3])
    second = claim(project=project, user=user)
    assert second is not None
    assert second.task != first.task
    rank(second.task, user, [1, 2, 3])
    assert claim(project=project, user=user) is None


def test_a_seat_whose_lease_ran_out_goes_to_who_asks_first() -> None:
    project = make_project(questions=RANKING)
    make_task(project, overlap=1)
    slow, quick = make_member(project), make_member(project)
    seat = claim(project=project, user=slow)
    assert seat is not None
    assert claim(project=project, user=quick) is None
    expire(seat)
    assert claim(project=project, user=slow) == seat  # still theirs, while nobody else wanted it
    expire(seat)
    assert claim(project=project, user=quick) == seat
    assert claim(project=project, user=slow) is None


def test_other_projects_have_other_seats() -> None:
    make_task(make_project(questions=RANKING))
    project = make_project(questions=RANKING)
    assert claim(project=project, user=make_member(project)) is None


def test_the_order_is_drawn_for_a_person_and_a_task_and_stays() -> None:
    project = make_project(questions=RANKING)
    task = make_task(project, n_responses=5)
    responses = list(task.candidates.values_list("response_id", flat=True))
    orders = {tuple(shown_order(task, make_member(project), responses)) for _n in range(60)}
    assert len(orders) > 32, "of 120; so few that chance would give it once in a million times"
    assert all(sorted(order) == sorted(responses) for order in orders)
    user = make_member(project)
    assert shown_order(task, user, responses) == shown_order(task, user, responses[::-1])


def test_the_database_holds_the_invariants() -> None:
    project = make_project(questions=RANKING)
    task = make_task(project, overlap=2)
    user = make_member(project)
    rank(task, user, [1, 2, 3])
    filled, free = task.seats.order_by("submitted_at")
    forbidden = [
        lambda: Seat.objects.filter(pk=free.pk).update(holder=user, leased_until=timezone.now()),  # two seats at a task
        lambda: Seat.objects.filter(pk=filled.pk).update(holder=None),  # filled by nobody
        lambda: Seat.objects.filter(pk=free.pk).update(kind=SeatKind.SURPLUS),  # surplus, and nothing said
        lambda: Seat.objects.filter(pk=free.pk).update(project=make_project()),  # a task's seat in another project
        lambda: Annotation.objects.create(seat=filled, revision=2, order=[], answers={}),  # two current ones
        lambda: Annotation.objects.update(answers={}),  # overwritten
        lambda: Annotation.objects.update(is_current=False, answers={}),
        lambda: Annotation.objects.all().delete(),
    ]

    def commit(act: Callable[[], object]) -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            act()
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")

    for act in forbidden:
        with pytest.raises(IntegrityError):
            commit(act)


def make_many_tasks(project: Project, n_tasks: int, overlap: int) -> None:
    endpoints = [make_endpoint(project) for _n in range(2)]
    prompts = Prompt.objects.bulk_create(
        Prompt(project=project, text=f"p{n}", digest=f"{n:064}") for n in range(n_tasks)
    )
    responses = Response.objects.bulk_create(
        Response(prompt=prompt, endpoint=endpoint, text="t", digest=f"{number:064}")
        for prompt in prompts
        for number, endpoint in enumerate(endpoints)
    )
    instrument = project.current_instrument()
    assert instrument is not None
    pairs = zip(responses[::2], responses[1::2], strict=True)
    add_tasks(instrument=instrument, plan=None, drawn=list(zip(prompts, pairs, strict=True)), overlap=overlap)


def make_annotators(project: Project, n: int) -> list[User]:
    users = User.objects.bulk_create(User(username=f"annotator{number}", password="!") for number in range(n))
    Membership.objects.bulk_create(Membership(project=project, user=user, role=Role.ANNOTATOR) for user in users)
    return users


def work_until_nothing_is_left(project: Project, user: User) -> int:
    """What one browser does; now and then it sends a page twice, or is so slow that its lease is over."""
    mood = random.Random(user.pk)
    submitted = 0
    try:
        while seat := claim(project=project, user=user):
            if mood.random() < 0.02:
                expire(seat)
            answers = {"ranking": mood.choice([[1, 2], [2, 1], [1, 1]])}
            page = uuid.uuid4()
            for _time in range(2 if mood.random() < 0.05 else 1):
                submit(
                    task=open_task(project=project, task_id=seat.task_id, user=user).task,
                    user=user,
                    answers=answers,
                    circumstances=Circumstances(page),
                )
            submitted += 1
    finally:
        connection.close()
    return submitted


@pytest.mark.django_db(transaction=True)
def test_fifty_annotators_on_a_thousand_tasks() -> None:
    project = make_project(questions=RANKING)
    make_many_tasks(project, n_tasks=1000, overlap=3)
    users = make_annotators(project, 50)
    with ThreadPoolExecutor(50) as pool:
        submitted = list(pool.map(lambda user: work_until_nothing_is_left(project, user), users))
    counted = Annotation.objects.counted()
    assert counted.count() == 3000
    assert set(Counter(counted.values_list("seat__task", flat=True)).values()) == {3}
    people = Annotation.objects.filter(is_current=True).values_list("seat__task", "seat__holder")
    assert len(people) == len(set(people)) == sum(submitted)
    assert Seat.objects.counted().count() == 3000


@pytest.mark.django_db(transaction=True)
def test_pages_of_one_person_do_not_wait_for_each_other() -> None:
    """Each request of theirs locks the seat that it is about, and keeps the other; two of them would wait for good."""
    project = make_project(questions=RANKING)
    make_many_tasks(project, n_tasks=2, overlap=1)
    (user,) = make_annotators(project, 1)
    one = claim(project=project, user=user)
    assert one is not None
    other = claim_ahead(project=project, user=user, beside=[one.task_id])
    assert other is not None
    Seat.objects.update(leased_until=timezone.now())

    def keep() -> bool:
        try:
            draft = {"answers": {}, "client_id": uuid.uuid4(), "version": 1, "active_ms": 0}
            return save_draft(task=other.task, user=user, **draft)  # type: ignore[arg-type]
        finally:
            connection.close()

    with transaction.atomic(), ThreadPoolExecutor(1) as pool:
        Seat.objects.select_for_update().get(pk=one.pk)
        assert pool.submit(keep).result(timeout=10)
    leases = dict(Seat.objects.values_list("pk", "leased_until"))
    assert leases[other.pk] > leases[one.pk], "the request that holds it keeps it"
