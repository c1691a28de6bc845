import uuid

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now

from labeling.assignment.models import Seat, Task
from labeling.projects.models import Guideline


class Origin(models.TextChoices):
    SCREEN = "screen"
    FILE = "file"


class AnnotationQuerySet(models.QuerySet["Annotation"]):
    def counted(self) -> "AnnotationQuerySet":
        """The current answers of the seats that count: no earlier revisions, nothing surplus."""
        return self.filter(is_current=True, seat__surplus=False)


class Annotation(models.Model):
    """What one person said about one task. Rows are only ever added: a change of mind is a new revision.

    A trigger refuses every other update, and every deletion (migration 0002).
    """

    seat = models.ForeignKey(Seat, models.PROTECT, related_name="annotations")
    revision = models.PositiveSmallIntegerField(default=1)
    is_current = models.BooleanField(default=True)
    order = ArrayField(models.BigIntegerField())  # response ids, as they were shown from first to last
    answers = models.JSONField()  # by question name; lists go in `order`
    origin = models.CharField(max_length=8, choices=Origin, default=Origin.SCREEN)
    client_id = models.UUIDField(default=uuid.uuid4)  # of the page that sent it: twice is once
    guideline = models.ForeignKey(Guideline, models.PROTECT, null=True, related_name="+")  # under which it was said
    started_at = models.DateTimeField(null=True)
    active_ms = models.PositiveIntegerField(null=True)  # of these, with the page in view and the annotator at it
    submitted_at = models.DateTimeField(db_default=Now())

    objects = AnnotationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["seat", "revision"], name="annotation_revision_once"),
            models.UniqueConstraint(fields=["seat", "client_id"], name="annotation_sent_once"),
            models.UniqueConstraint(
                fields=["seat"], condition=models.Q(is_current=True), name="annotation_one_current"
            ),
        ]

    def __str__(self) -> str:
        return f"annotation {self.pk} (seat {self.seat_id}, revision {self.revision})"


class Draft(models.Model):
    """What somebody has answered of a task so far, right or wrong. It is gone once they submit."""

    task = models.ForeignKey(Task, models.CASCADE, related_name="drafts")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    answers = models.JSONField()  # as the form sent them
    version = models.PositiveBigIntegerField()  # of the page's clock, in ms: an older one never replaces a newer one
    active_ms = models.PositiveIntegerField(default=0)
    saved_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["task", "user"], name="draft_once")]

    def __str__(self) -> str:
        return f"draft of {self.user} for task {self.task_id}"
