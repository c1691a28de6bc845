"""What there is to review in a project."""

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


def last_note(seat: Seat) -> str:
    """Why a reviewer gave it back."""
    reviews = Review.objects.filter(annotation__seat=seat, verdict=Verdict.RETURNED)
    return reviews.order_by("-pk").values_list("note", flat=True).first() or ""
