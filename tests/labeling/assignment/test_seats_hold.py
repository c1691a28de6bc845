"""Whatever people do, in whatever order: no seat twice, no person twice at a task, nothing submitted ever gone, no gold
given out as work that counts, and nobody stuck."""

import uuid
from collections import Counter, defaultdict
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.models import Q, QuerySet
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

from labeling.assignment.change_member import excuse, hold_out, pause, remove_member, resume
from labeling.assignment.change_overlap import change_overlap
from labeling.assignment.claim import FREE, claim, claim_ahead, free_abandoned, leave, renew
from labeling.assignment.exam import n_left
from labeling.assignment.gold import clear_golds, drop_gold, make_gold
from labeling.assignment.make_tasks import make_tasks
from labeling.assignment.models import OWN, Seat, SeatKind, SkipReason, Task
from labeling.assignment.skip import skip
from labeling.collection.gold_results import retake_exam
from labeling.collection.models import Annotation
from labeling.collection.review import decide, give_back
from labeling.collection.submit import Circumstances, submit
from labeling.errors import Refused
from labeling.people.models import User
from labeling.projects.add_member import add_member
from labeling.projects.models import Exam, Membership, Project, Status
from labeling.projects.roles import Role
from tests.factories import RANKING, make_endpoint, make_member, make_project, make_prompt, make_response

pytestmark = pytest.mark.django_db

N_PEOPLE, N_TASKS, MOST_OVERLAP = 3, 3, 3
people = st.integers(0, N_PEOPLE - 1)
tasks = st.integers(0, N_TASKS - 1)
ranks = st.sampled_from([[1, 2], [2, 1], [1, 1]])


class Seats(RuleBasedStateMachine):
    """Three tasks, three annotators and a reviewer. What was acknowledged is remembered beside the database."""

    @initialize(overlap=st.integers(1, 3), adaptive=st.booleans(), exam=st.integers(0, 2), parted=st.booleans())
    def begin(self, overlap: int, adaptive: bool, exam: int, parted: bool) -> None:
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
        self.overlap = overlap
        self.most = dict.fromkeys(self.tasks, overlap)
        self.sat: dict[Task, set[int]] = {}
        self.said: list[tuple[Task, User, list[int]]] = []
        self.pages: dict[tuple[int, int], uuid.UUID] = {}
        self.set_project(most_overlap=MOST_OVERLAP if adaptive else None, requires_exam=exam > 0)
        for task in range(exam):
            self.becomes_gold(task, in_exam=True)
        if parted:
            for person, ranks in enumerate([[1, 2], [2, 1]][:overlap]):
                submit(
                    task=self.task(0),
                    user=self.people[person],
                    answers={"ranking": ranks},
                    circumstances=Circumstances(uuid.uuid4()),
                )
                self.said.append((self.tasks[0], self.people[person], ranks))
        self.all_go_to_work()

    @rule()
    def all_go_to_work(self) -> None:
        for person in range(N_PEOPLE):
            claim(project=self.project, user=self.people[person])

    def teardown(self) -> None:
        if hasattr(self, "scope"):
            transaction.set_rollback(True)
            self.scope.__exit__(None, None, None)

    def membership(self, person: int) -> Membership:
        return Membership.objects.select_related("project", "user").get(project=self.project, user=self.people[person])

    def set_project(self, **fields: object) -> None:
        Project.objects.filter(pk=self.project.pk).update(**fields)
        self.project.refresh_from_db()

    def task(self, task: int) -> Task:
        return Task.objects.select_related("project", "plan", "instrument", "prompt").get(pk=self.tasks[task].pk)

    @rule(person=people)
    def claims(self, person: int) -> None:
        user = self.people[person]
        returned = set(Seat.objects.returned_to(user).values_list("pk", flat=True))
        seat = claim(project=self.project, user=user)
        member = self.membership(person)
        if returned:
            assert seat is not None
            assert seat.pk in returned, "what came back is first"
        elif seat is not None:
            assert member.status == Status.ACTIVE
            assert (seat.kind == SeatKind.EXAM) == member.has_exam_before(self.project)
            assert seat.submitted_at is None or seat.kind == SeatKind.EXAM
            assert seat.kind in OWN or seat.for_evaluation or not member.held_out
            assert not seat.task.skips.filter(user=user).exists()
        if not returned and member.status == Status.ACTIVE and member.has_exam_before(self.project):
            is_to_do = member.exam == Exam.OPEN and n_left(self.project, user) > 0
            assert (seat is not None) == is_to_do, "there is a task of the exam, or it is said that there is none"
        assert claim(project=self.project, user=user) == seat, "the same until it is filled"

    @rule(person=people, task=tasks)
    def looks_ahead(self, person: int, task: int) -> None:
        seat = claim_ahead(project=self.project, user=self.people[person], beside={self.tasks[task].pk})
        assert seat is None or seat.task != self.tasks[task]

    @rule(person=people)
    def renews(self, person: int) -> None:
        held = set(Seat.objects.to_fill().at_work().filter(holder=self.people[person]))
        renew(project=self.project, user=self.people[person])
        assert set(Seat.objects.at_work().held_by(self.people[person])) == held

    @rule(person=people)
    def closes_the_page(self, person: int) -> None:
        leave(project=self.project, user=self.people[person])

    @rule(task=tasks, minutes=st.sampled_from([1, 100]))
    def time_goes_by(self, task: int, minutes: int) -> None:
        held = Seat.objects.to_fill().filter(task=self.tasks[task], holder__isnull=False)
        held.update(leased_until=timezone.now() - timedelta(minutes=minutes))
        free_abandoned()
        clear_golds()

    @rule(person=people, task=tasks, said=ranks, again=st.booleans())
    def submits(self, person: int, task: int, said: list[int], again: bool) -> None:
        """From a page opened at any time, perhaps long ago, and perhaps sent twice."""
        key = (person, task)
        page = self.pages.setdefault(key, uuid.uuid4()) if again else uuid.uuid4()
        self.pages[key] = page
        seat = self.tasks[task].seats.filter(holder=self.people[person]).exclude(kind=SeatKind.DECISION).first()
        member, for_evaluation = self.membership(person), self.tasks[task].seats.filter(for_evaluation=True).exists()
        is_at_work = member.status == Status.ACTIVE and not member.has_exam_before(self.project)
        try:
            for _time in range(2):
                annotation = submit(
                    task=self.task(task),
                    user=self.people[person],
                    answers={"ranking": said},
                    circumstances=Circumstances(page),
                )
                if annotation.seat.kind == SeatKind.EXAM:
                    break
        except Refused:
            assert seat is not None
            assert (seat.kind, seat.returned_at) == (SeatKind.EXAM, None)
            assert seat.submitted_at is not None
            return
        assert annotation.is_current
        assert annotation.answers == {"ranking": said}
        if seat is None and (not is_at_work or (member.held_out and not for_evaluation)):
            assert annotation.seat.kind == SeatKind.SURPLUS
        self.said.append((self.tasks[task], self.people[person], said))

    @rule(person=people, task=tasks)
    def skips(self, person: int, task: int) -> None:
        own = self.tasks[task].seats.filter(holder=self.people[person]).exclude(kind=SeatKind.DECISION)
        if own.filter(Q(kind=SeatKind.EXAM) | Q(submitted_at__isnull=False)).exists():
            with pytest.raises(Refused):
                skip(task=self.tasks[task], user=self.people[person], reason=SkipReason.UNCLEAR)
            return
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
        task_ = self.task(task)
        decide(task=task_, answers={"ranking": said}, by=self.reviewer, client_id=uuid.uuid4())
        (final,) = Annotation.objects.final().filter(seat__task=task_)
        assert final.answers == {"ranking": said}

    @rule(person=people)
    def is_paused(self, person: int) -> None:
        exam = set(Seat.objects.exam_of(self.people[person]))
        if self.membership(person).status == Status.ACTIVE:
            pause(membership=self.membership(person), because="looks tired")
            assert not self.held_at_work(person).exists()
        assert set(Seat.objects.exam_of(self.people[person])) == exam, "it waits for them"

    def held_at_work(self, person: int) -> QuerySet[Seat]:
        return Seat.objects.to_fill().at_work().filter(holder=self.people[person])

    @rule(person=people)
    def goes_on(self, person: int) -> None:
        if self.membership(person).status == Status.PAUSED:
            resume(membership=self.membership(person))
            self.claims(person)

    @rule(person=people)
    def is_removed(self, person: int) -> None:
        remove_member(membership=self.membership(person))
        assert not self.held_at_work(person).exists()

    @rule(person=people)
    def is_held_out_or_taken_in(self, person: int) -> None:
        member = self.membership(person)
        hold_out(membership=member, held_out=not member.held_out)
        assert not member.held_out or not self.held_at_work(person).exists()

    @rule(task=tasks)
    def is_for_evaluation(self, task: int) -> None:
        self.tasks[task].seats.update(for_evaluation=True)

    @rule(task=tasks, in_exam=st.booleans())
    def becomes_gold(self, task: int, in_exam: bool) -> None:
        known = {"order": self.tasks[task].response_ids, "answers": {"ranking": [1, 2]}}
        make_gold(task=self.task(task), **known, in_exam=in_exam, in_work=not in_exam)
        assert not Seat.objects.free().filter(task=self.tasks[task]).exists()
        holders = self.tasks[task].seats.counted().filter(holder__isnull=False).values_list("holder", flat=True)
        self.sat.setdefault(self.tasks[task], set(holders))

    @rule(task=tasks)
    def is_gold_no_longer(self, task: int) -> None:
        drop_gold(task=self.task(task))
        if self.sat.pop(self.tasks[task], None) is not None:
            assert self.tasks[task].seats.counted().count() >= self.overlap

    @rule(person=people, how=st.sampled_from(["skips", "is_paused", "is_removed", "is_held_out_or_taken_in"]))
    def leaves_what_has_become_gold(self, person: int, how: str) -> None:
        held = self.held_at_work(person).counted().first()
        if held is not None:
            task = self.tasks.index(held.task)
            self.becomes_gold(task, in_exam=False)
            self.skips(person, task) if how == "skips" else getattr(self, how)(person)

    @rule(task=tasks, first=people, ranks=st.permutations([[1, 2], [2, 1]]))
    def part_over_gold(self, task: int, first: int, ranks: list[list[int]]) -> None:
        second = (first + 1) % N_PEOPLE
        self.submits(first, task, ranks[0], again=False)
        self.submits(second, task, ranks[0], again=False)
        self.becomes_gold(task, in_exam=False)
        n_seats = self.tasks[task].seats.counted().count()
        self.submits(second, task, ranks[1], again=False)
        assert self.tasks[task].seats.counted().count() == n_seats

    @rule(person=people, task=tasks, said=ranks, how=st.sampled_from(["is_paused", "is_removed", "is_held_out"]))
    def sends_late(self, person: int, task: int, said: list[int], how: str) -> None:
        if how == "is_held_out":
            hold_out(membership=self.membership(person), held_out=True)
        else:
            getattr(self, how)(person)
        self.submits(person, task, said, again=False)

    @rule(most=st.none() | st.integers(1, MOST_OVERLAP))
    def overlap_adapts(self, most: int | None) -> None:
        self.set_project(most_overlap=most)

    @rule(required=st.booleans(), rate=st.sampled_from([0.0, 0.5]))
    def standards_change(self, required: bool, rate: float) -> None:
        self.set_project(requires_exam=required, gold_rate=rate, gold_after=2)
        for person in range(N_PEOPLE):
            self.claims(person)

    @rule(person=people)
    def takes_the_exam_again(self, person: int) -> None:
        retake_exam(membership=self.membership(person), by=self.reviewer)
        self.claims(person)

    @rule(person=people)
    def is_let_in(self, person: int) -> None:
        excuse(membership=self.membership(person))

    @rule(person=people)
    def comes_back(self, person: int) -> None:
        add_member(project=self.project, username=self.people[person].username, role=Role.ANNOTATOR)

    @rule(overlap=st.integers(1, 4))
    def overlap_changes(self, overlap: int) -> None:
        change_overlap(plan=self.plan, overlap=overlap)
        self.overlap = overlap
        for task in self.tasks:
            seats = task.seats.counted()
            taken = seats.filter(holder__isnull=False).exclude(submitted_at=None, leased_until__lt=timezone.now())
            self.most[task] = max(overlap, taken.count())
            assert seats.count() == self.most[task] or (task in self.sat and seats.count() < self.most[task])

    @invariant()
    def no_seat_and_no_person_twice(self) -> None:
        if not hasattr(self, "said"):
            return
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        taken = Seat.objects.filter(holder__isnull=False).exclude(kind=SeatKind.DECISION).values_list("task", "holder")
        assert max(Counter(taken).values(), default=1) == 1
        counted = list(Seat.objects.counted())
        for task in self.tasks:
            self.most[task] = max(self.most[task], self.project.most_overlap or 0)
            assert sum(seat.task_id == task.pk for seat in counted) <= self.most[task]
        filled = {seat.pk for seat in counted if seat.submitted_at}
        assert set(Annotation.objects.counted().values_list("seat", flat=True)) == filled

    @invariant()
    def nobody_new_counts_at_gold(self) -> None:
        if getattr(self, "sat", {}):
            for seat in Seat.objects.counted().filter(task__in=self.sat, holder__isnull=False).select_related("task"):
                assert seat.holder_id in self.sat[seat.task]
            everything = {"project": self.project.pk, "user": self.reviewer.pk, "now": timezone.now()}
            with connection.cursor() as cursor:
                cursor.execute(FREE, everything | {"begin": float("-inf"), "beside": []})
                free = [pk for (pk,) in cursor.fetchall()]
            assert not Seat.objects.filter(pk__in=free, task__in=self.sat).exists(), "nor is it offered to anybody"

    @invariant()
    def nothing_submitted_is_gone(self) -> None:
        if not getattr(self, "said", []):
            return
        kept = Annotation.objects.exclude(seat__kind=SeatKind.DECISION).select_related("seat")
        revisions, current = defaultdict(list), {}
        for one in kept:
            key = one.seat.task_id, one.seat.holder_id
            revisions[key].append(one.answers)
            if one.is_current:
                current[key] = one.answers
        for task, user, said in self.said:
            assert {"ranking": said} in revisions[task.pk, user.pk]
        last = {(task.pk, user.pk): {"ranking": said} for task, user, said in self.said}
        assert current == last


def test_whatever_people_do() -> None:
    checks = [HealthCheck.too_slow, HealthCheck.filter_too_much]
    run_state_machine_as_test(
        Seats, settings=settings(max_examples=20, stateful_step_count=40, deadline=None, suppress_health_check=checks)
    )
