"""The exam before work: the gold marked for it, each task in a seat of the person's own."""

from django.db.models import Exists, OuterRef, Q, QuerySet

from labeling.assignment.give_up import give_up
from labeling.assignment.gold import current_golds, own_seat
from labeling.assignment.models import Gold, Seat, SeatKind, SeatQuerySet, Skip
from labeling.people.models import User
from labeling.projects.models import Exam, Project


def exam_seat(project: Project, user: User) -> Seat | None:
    """The next task of this person's exam; None when nothing is left. They are locked."""
    draw_exam(project, user)
    return exam_seats(project, user).unfinished().first()


def exam_seats(project: Project, user: User) -> SeatQuerySet:
    """Those drawn, answered or not, in the order in which they are answered."""
    return Seat.objects.exam_of(user).filter(project=project).order_by("pk")


def draw_exam(project: Project, user: User) -> None:
    """A seat at each task of the exam where this person has none yet. What they hold goes to others: there is no work
    before the exam. They are locked.
    """
    give_up(project=project, user=user)
    for gold in undrawn(project, user):
        own_seat(gold, user, SeatKind.EXAM)


def undrawn(project: Project, user: User) -> QuerySet[Gold]:
    """Gold of the exam that can still become a task of this person's: they neither labeled nor skipped it."""
    here = OuterRef("task")
    examined_or_labeled = Q(kind=SeatKind.EXAM) | Q(submitted_at__isnull=False)
    labeled = Exists(Seat.objects.filter(examined_or_labeled, task=here, holder=user))
    skipped = Exists(Skip.objects.filter(task=here, user=user))
    return exam_golds(project).filter(~labeled, ~skipped).order_by("pk")


def exam_golds(project: Project) -> QuerySet[Gold]:
    """What everybody who comes is asked."""
    return current_golds(project).filter(in_exam=True)


def excuse_who_labeled(project: Project) -> None:
    """Whoever is at work when the exam comes goes on."""
    labeled = Seat.objects.at_work().filter(project=project, holder=OuterRef("user"), submitted_at__isnull=False)
    project.memberships.filter(Exists(labeled), exam=Exam.OPEN).update(exam=Exam.PASSED)


def n_left(project: Project, user: User) -> int:
    """How many tasks this person has yet to answer; 0 while the exam is open means that they cannot be examined."""
    return exam_seats(project, user).unfinished().count() + undrawn(project, user).count()
