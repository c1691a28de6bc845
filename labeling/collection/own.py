"""Somebody's own labels in a project: what is open, and what comes before and after."""

from dataclasses import dataclass

from django.db.models import Exists, OuterRef, QuerySet

from labeling.assignment.models import Seat, SeatKind, Skip, Task
from labeling.collection.models import Annotation, Draft
from labeling.people.models import User
from labeling.projects.models import Project


@dataclass(frozen=True)
class Neighbours:
    """Tasks that this person labeled before and after one; `later` is None where the open task follows."""

    earlier: int | None
    later: int | None
    is_submitted: bool


def own_seats(project: Project, user: User) -> QuerySet[Seat]:
    """Those this person filled at work, the last one first."""
    filled = Seat.objects.filter(project=project, holder=user, submitted_at__isnull=False)
    return filled.at_work().order_by("-submitted_at", "-pk")


def begun(project: Project, user: User) -> QuerySet[Draft]:
    """What this person began and neither submitted nor skipped, the last first."""
    passed_on = Exists(Skip.objects.filter(task=OuterRef("task"), user=user))
    drafts = Draft.objects.filter(~passed_on, task__project=project, user=user)
    return drafts.select_related("task__prompt").order_by("-saved_at")


def revision_at(task: Task, user: User) -> int:
    """Which revision of what this person said of the task is the last; 0 where they have submitted nothing."""
    said = Annotation.objects.filter(seat__task=task, seat__holder=user, is_current=True)
    return said.exclude(seat__kind=SeatKind.DECISION).values_list("revision", flat=True).first() or 0


def seat_at(task: Task, user: User) -> Seat | None:
    return task.seats.filter(holder=user).exclude(kind=SeatKind.DECISION).first()


def neighbours(project: Project, user: User, seat: Seat | None) -> Neighbours:
    filled = own_seats(project, user)
    if seat is None or seat.submitted_at is None:
        return Neighbours(filled.values_list("task", flat=True).first(), None, is_submitted=False)
    earlier = filled.filter(submitted_at__lt=seat.submitted_at)
    later = filled.filter(submitted_at__gt=seat.submitted_at)
    return Neighbours(
        earlier.values_list("task", flat=True).first(),
        later.values_list("task", flat=True).last(),
        is_submitted=True,
    )
