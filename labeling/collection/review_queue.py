"""What there is to review in a project."""

from collections import defaultdict

from django.db import models
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from labeling.assignment.models import Seat, SeatKind, Task
from labeling.collection.models import Annotation, Review, Verdict
from labeling.projects.models import Project


class Shelf(models.TextChoices):
    DISAGREED = "disagreed", _("Disagreements")
    UNREVIEWED = "unreviewed", _("Not reviewed yet")
    RETURNED = "returned", _("Given back")
    DECIDED = "decided", _("Decided")
    ALL = "all", _("All tasks")


LEAD_ON = [Shelf.DISAGREED, Shelf.UNREVIEWED, Shelf.RETURNED]
"""Where a decision settles a task. On the others one looks for a task, for instance to make it gold."""


def tasks_on(project: Project, shelf: Shelf) -> QuerySet[Task]:
    """The most urgent first."""
    here = OuterRef("pk")
    decided = Exists(Seat.objects.filter(task=here, kind=SeatKind.DECISION))
    tasks = project.tasks.select_related("prompt").annotate(
        n_labels=models.Count("seats", filter=Q(seats__kind=SeatKind.COUNTED, seats__submitted_at__isnull=False))
    )
    if shelf == Shelf.ALL:
        return tasks.order_by("pk")
    if shelf == Shelf.DISAGREED:
        return tasks.filter(~decided, disagreement__gt=0).order_by("-disagreement", "pk")
    if shelf == Shelf.DECIDED:
        return tasks.filter(decided).order_by("-pk")
    if shelf == Shelf.RETURNED:
        return tasks.filter(Exists(Seat.objects.filter(task=here, returned_at__isnull=False))).order_by("pk")
    unreviewed = Annotation.objects.counted().filter(~Exists(Review.objects.filter(annotation=OuterRef("pk"))))
    return tasks.filter(~decided, Exists(unreviewed.filter(seat__task=here))).order_by("pk")


def task_after(project: Project, shelf: Shelf, task: Task) -> Task | None:
    """The one below it on the shelf, whether or not it is there still; from the end on to the first."""
    below = Q(pk__lt=task.pk) if shelf == Shelf.DECIDED else Q(pk__gt=task.pk)
    if shelf == Shelf.DISAGREED:
        below = Q(disagreement__lt=task.disagreement) | (Q(disagreement=task.disagreement) & below)
    others = tasks_on(project, shelf).exclude(pk=task.pk)
    return others.filter(below).first() or others.first()


def trails(task: Task) -> dict[int, list[Review]]:
    """By seat, what reviewers made of all that was said there, of its earlier revisions as well; the first first."""
    found: dict[int, list[Review]] = defaultdict(list)
    for review in Review.objects.filter(annotation__seat__task=task).select_related("reviewer", "annotation"):
        found[review.annotation.seat_id].append(review)
    return found


def last_note(seat: Seat) -> str:
    """Why a reviewer gave it back."""
    reviews = Review.objects.filter(annotation__seat=seat, verdict=Verdict.RETURNED)
    return reviews.order_by("-pk").values_list("note", flat=True).first() or ""
