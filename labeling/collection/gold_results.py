"""How people do at tasks with a known answer, and what follows from it."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from statistics import fmean

from django.db import transaction
from django.db.models import Avg, Count, QuerySet
from django.utils import timezone

from labeling.assignment.change_member import change, lock, pause
from labeling.assignment.exam import draw_exam, exam_seats
from labeling.assignment.models import Gold, Seat, SeatKind
from labeling.audit import record
from labeling.collection.answers import Answers, reordered
from labeling.collection.kinds import KINDS
from labeling.collection.models import Annotation, GoldResult
from labeling.people.models import User
from labeling.projects.models import Exam, Membership, Project, Status
from labeling.projects.questions import Question

Agreed = dict[str, tuple[int, int]]
"""By gauge: in how many points an answer agrees with the known one, and of how many."""


@dataclass(frozen=True)
class Mark:
    """One part of an exam beside its pass mark."""

    gauge: str
    got: float
    needed: float

    @property
    def is_met(self) -> bool:
        return self.got >= self.needed


def agreed_on(questions: Iterable[Question], answers: Answers, known: Answers) -> Agreed:
    """Of two sets of answers to the same task, with the responses in the same order."""
    counted: dict[str, tuple[int, int]] = defaultdict(lambda: (0, 0))
    for question in questions:
        kind = KINDS[question.kind]
        if kind.gauge and question.name in answers and question.name in known:
            agreed, of = kind.agreement(answers[question.name], known[question.name])
            counted[kind.gauge] = (counted[kind.gauge][0] + agreed, counted[kind.gauge][1] + of)
    return dict(counted)


def heed_gold(annotation: Annotation, seat: Seat) -> None:
    """After an annotation of gold, in its transaction: compare it, and act as the project's standards say.

    The caller holds the lock of the member.
    """
    gold = Gold.objects.select_related("task__instrument").filter(task=seat.task_id).first()
    if gold is not None:
        questions = gold.task.instrument.questions
        known = reordered(questions, gold.answers, gold.order, annotation.order)
        agreed = agreed_on(questions, annotation.answers, known)
        GoldResult.objects.create(annotation=annotation, agreed=agreed, score=share(agreed.values()))
    members = Membership.objects.select_related("project", "user")
    member = members.filter(project=seat.project_id, user=seat.holder_id).first()
    if member is not None:
        follow = finish_exam if seat.kind == SeatKind.EXAM else pause_if_poor
        follow(member)


def share(counts: Iterable[tuple[int, int]]) -> float | None:
    counts = list(counts)
    of = sum(n for _agreed, n in counts)
    return sum(agreed for agreed, _n in counts) / of if of else None


def results_of(project: Project, user: User, kind: SeatKind) -> QuerySet[GoldResult]:
    """Of this person's current annotations in seats of a kind."""
    return GoldResult.objects.filter(
        annotation__is_current=True,
        annotation__seat__project=project,
        annotation__seat__holder=user,
        annotation__seat__kind=kind,
    )


def pause_if_poor(membership: Membership) -> None:
    """Pause an annotator whose agreement with gold is below the project's threshold, once it has seen enough.

    After a pause only gold counts that they first answered since.
    """
    project = membership.project
    results = results_of(project, membership.user, SeatKind.GOLD)
    if membership.resumed_at is not None:
        results = results.filter(annotation__seat__submitted_at__gte=membership.resumed_at)
    found = results.aggregate(n=Count("score"), mean=Avg("score"))
    is_poor = found["n"] >= project.gold_after and found["mean"] < project.gold_threshold
    if is_poor and membership.status == Status.ACTIVE:
        pause(membership=membership, agreement=found["mean"])


def marks_of(project: Project, user: User) -> list[Mark]:
    """This person's exam, by those parts of which something was asked."""
    results = list(results_of(project, user, SeatKind.EXAM))
    needed = {
        "comparisons": project.pass_comparisons,
        "flags": project.pass_flags,
        "ratings": project.pass_ratings,
    }
    shares = {gauge: share(result.agreed[gauge] for result in results if gauge in result.agreed) for gauge in needed}
    marks = [Mark(gauge, got, needed[gauge]) for gauge, got in shares.items() if got is not None]
    grades = [result.grade for result in results if result.grade is not None]
    written = [Mark("demonstrations", fmean(grades), project.pass_demonstrations)] if grades else []
    return [*marks, *written]


def finish_exam(membership: Membership) -> None:
    """Once every task of the exam is answered, and what was written is graded, say whether it is passed.

    Whoever has passed, or was let in by a lead, stays in until they take it again. The caller holds the member's lock.
    """
    project, user = membership.project, membership.user
    if membership.exam == Exam.PASSED or exam_seats(project, user).unfinished().exists():
        return
    results = results_of(project, user, SeatKind.EXAM).select_related("annotation__seat__task__instrument")
    ungraded = any(result.grade is None and has_writing(result.annotation) for result in results)
    passed = all(mark.is_met for mark in marks_of(project, user))
    change(membership, exam=Exam.WAITING if ungraded else Exam.PASSED if passed else Exam.FAILED)
    record("exam.finished", actor=None, project_id=project.pk, user=user.pk, exam=membership.exam)


def has_writing(annotation: Annotation) -> bool:
    """Whether there is a text in it for which people are graded."""
    questions = annotation.seat.task.instrument.questions
    return any(KINDS[one.kind].is_written and one.name in annotation.answers for one in questions)


@transaction.atomic
def grade(*, result: GoldResult, grade: int, by: User) -> None:
    """Give what somebody wrote in the exam 1 to 7; after the last grade the exam is decided."""
    seat = result.annotation.seat
    membership = lock(Membership.objects.get(project=seat.project_id, user=seat.holder_id))
    GoldResult.objects.filter(pk=result.pk).update(grade=grade, graded_by=by)
    record("exam.graded", actor=by, project_id=seat.project_id, annotation=result.annotation_id, grade=grade)
    finish_exam(membership)


@transaction.atomic
def retake_exam(*, membership: Membership, by: User) -> None:
    """Let somebody answer every task of their exam again, and those added since."""
    change(membership, exam=Exam.OPEN)
    seats = exam_seats(membership.project, membership.user)
    seats.filter(submitted_at__isnull=False).update(returned_at=timezone.now())
    if membership.has_exam_before(membership.project):
        draw_exam(membership.project, membership.user)
    record("exam.retaken", actor=by, project_id=membership.project_id, user=membership.user_id)
