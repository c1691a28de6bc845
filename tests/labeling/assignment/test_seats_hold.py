"""Whatever people do, in whatever order: no seat twice, no person twice at a task, nothing submitted ever gone."""

import uuid
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import timezone
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from labeling.assignment.change_member import pause, remove_member, resume
from labeling.assignment.claim import claim, claim_ahead, free_abandoned, leave, renew
from labeling.assignment.make_tasks import make_tasks
from labeling.assignment.models import Seat, SeatKind, SkipReason, Task
from labeling.assignment.overlap import change_overlap
from labeling.assignment.skip import skip
from labeling.collection.models import Annotation
from labeling.collection.review import decide, give_back
from labeling.collection.submit import Circumstances, submit
from labeling.people.models import User
from labeling.projects.add_member import add_member
from labeling.projects.models import Membership, Status
from labeling.projects.roles import Role
from tests.factories import RANKING, make_endpoint, make_member, make_project, make_prompt, make_response

pytestmark = pytest.mark.django_db

N_PEOPLE, N_TASKS = 4, 2
people = st.integers(0, N_PEOPLE - 1)
tasks = st.integers(0, N_TASKS - 1)
ranks = st.sampled_from([[1, 2], [2, 1], [1, 1]])


class Seats(RuleBasedStateMachine):
    """Two tasks, four annotators and a reviewer. What was acknowledged is remembered beside the database."""

    @initialize(overlap=st.integers(1, 3))
    def begin(self, overlap: int) -> None:
        self.scope = transaction.atomic()
        self.scope.__enter__()
        self.project = make_project(questions=RANKING)
        self.people = [make_member(self.project) for _n in range(N_PEOPLE)]
        self.reviewer = make_member(self.project, Role.REVIEWER)
        endpoints = [make_endpoint(self.project) for _n in range(2)]
        for _n in range(N_TASKS):
            prompt = make_prompt(self.project)
            for endpoint in endpoints:
                make_response(prompt, endpoint)
        self.plan, _n = make_tasks(project=self.project, responses=2, overlap=overlap)
        self.tasks = list(self.project.tasks.order_by("pk"))
        self.most = dict.fromkeys(self.tasks, overlap)
        self.said: list[tuple[Task, User, list[int]]] = []
        self.pages: dict[tuple[int, int], uuid.UUID] = {}

    def teardown(self) -> None:
        if hasattr(self, "scope"):
            transaction.set_rollback(True)
            self.scope.__exit__(None, None, None)

    def membership(self, person: int) -> Membership:
        return Membership.objects.select_related("project", "user").get(project=self.project, user=self.people[person])

    @rule(person=people)
    def claims(self, person: int) -> None:
        user = self.people[person]
        returned = set(Seat.objects.returned_to(user).values_list("pk", flat=True))
        seat = claim(project=self.project, user=user)
        if returned:
            assert seat is not None
            assert seat.pk in returned, "what came back is first"
        elif seat is not None:
            assert self.membership(person).status == Status.ACTIVE
            assert seat.submitted_at is None
            assert not seat.task.skips.filter(user=user).exists()
        assert claim(project=self.project, user=user) == seat, "the same until it is filled"

    @rule(person=people, task=tasks)
    def looks_ahead(self, person: int, task: int) -> None:
        seat = claim_ahead(project=self.project, user=self.people[person], beside={self.tasks[task].pk})
        assert seat is None or seat.task != self.tasks[task]

    @rule(person=people, task=tasks)
    def renews(self, person: int, task: int) -> None:
        held = Seat.objects.to_fill().filter(task=self.tasks[task], holder=self.people[person]).exists()
        assert renew(task_id=self.tasks[task].pk, user=self.people[person]) == held

    @rule(person=people)
    def closes_the_page(self, person: int) -> None:
        leave(project=self.project, user=self.people[person])

    @rule(task=tasks, minutes=st.sampled_from([1, 100]))
    def time_goes_by(self, task: int, minutes: int) -> None:
        held = Seat.objects.to_fill().filter(task=self.tasks[task], holder__isnull=False)
        held.update(leased_until=timezone.now() - timedelta(minutes=minutes))
        free_abandoned()

    @rule(person=people, task=tasks, said=ranks, again=st.booleans())
    def submits(self, person: int, task: int, said: list[int], again: bool) -> None:
        """From a page opened at any time, perhaps long ago, and perhaps sent twice."""
        key = (person, task)
        page = self.pages.setdefault(key, uuid.uuid4()) if again else uuid.uuid4()
        self.pages[key] = page
        had_seat = self.tasks[task].seats.filter(holder=self.people[person]).exists()
        for _time in range(2):
            annotation = submit(
                task=Task.objects.get(pk=self.tasks[task].pk),
                user=self.people[person],
                answers={"ranking": said},
                circumstances=Circumstances(page),
            )
        assert annotation.is_current
        assert annotation.answers == {"ranking": said}
        if self.membership(person).status != Status.ACTIVE and not had_seat:
            assert annotation.seat.kind == SeatKind.SURPLUS
        self.said.append((self.tasks[task], self.people[person], said))

    @rule(person=people, task=tasks)
    def skips(self, person: int, task: int) -> None:
        skip(task=self.tasks[task], user=self.people[person], reason=SkipReason.UNCLEAR)
        assert not Seat.objects.to_fill().filter(task=self.tasks[task], holder=self.people[person]).exists()

    @precondition(lambda self: getattr(self, "said", None))
    @rule(data=st.data())
    def gives_back(self, data: Any) -> None:
        current = list(Annotation.objects.counted().order_by("pk"))
        if current:
            annotation = data.draw(st.sampled_from(current))
            give_back(annotation=annotation, by=self.reviewer, note="Look again.")
            assert Seat.objects.returned_to(annotation.seat.holder).filter(pk=annotation.seat_id).exists()

    @rule(task=tasks, said=ranks)
    def decides(self, task: int, said: list[int]) -> None:
        task_ = Task.objects.get(pk=self.tasks[task].pk)
        decide(task=task_, answers={"ranking": said}, by=self.reviewer, client_id=uuid.uuid4())
        (final,) = Annotation.objects.final().filter(seat__task=task_)
        assert final.answers == {"ranking": said}

    @rule(person=people)
    def is_paused(self, person: int) -> None:
        pause(membership=self.membership(person), because="looks tired")
        assert not Seat.objects.to_fill().filter(holder=self.people[person]).exists()

    @rule(person=people)
    def goes_on(self, person: int) -> None:
        resume(membership=self.membership(person))

    @rule(person=people)
    def is_removed(self, person: int) -> None:
        remove_member(membership=self.membership(person))
        assert not Seat.objects.to_fill().filter(holder=self.people[person]).exists()

    @rule(person=people)
    def comes_back(self, person: int) -> None:
        add_member(project=self.project, username=self.people[person].username, role=Role.ANNOTATOR)

    @rule(overlap=st.integers(1, 4))
    def overlap_changes(self, overlap: int) -> None:
        change_overlap(plan=self.plan, overlap=overlap)
        for task in self.tasks:
            seats = task.seats.counted()
            taken = seats.filter(holder__isnull=False).exclude(submitted_at=None, leased_until__lt=timezone.now())
            self.most[task] = max(overlap, taken.count())
            assert seats.count() == self.most[task]

    @invariant()
    def no_seat_and_no_person_twice(self) -> None:
        if not hasattr(self, "said"):
            return
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        taken = Seat.objects.filter(holder__isnull=False).exclude(kind=SeatKind.DECISION).values_list("task", "holder")
        assert max(Counter(taken).values(), default=1) == 1
        for task in self.tasks:
            counted = Annotation.objects.counted().filter(seat__task=task)
            assert counted.count() <= task.seats.counted().count() <= self.most[task]

    @invariant()
    def nothing_submitted_is_gone(self) -> None:
        last: dict[tuple[Task, User], list[int]] = {}
        for task, user, said in getattr(self, "said", []):
            last[task, user] = said
            own = Annotation.objects.filter(seat__task=task, seat__holder=user).exclude(seat__kind=SeatKind.DECISION)
            assert own.filter(answers={"ranking": said}).exists()
        for (task, user), said in last.items():
            own = Annotation.objects.filter(seat__task=task, seat__holder=user).exclude(seat__kind=SeatKind.DECISION)
            assert own.get(is_current=True).answers == {"ranking": said}


def test_whatever_people_do() -> None:
    checks = [HealthCheck.too_slow, HealthCheck.filter_too_much]
    run_state_machine_as_test(
        Seats, settings=settings(max_examples=30, stateful_step_count=25, deadline=None, suppress_health_check=checks)
    )
