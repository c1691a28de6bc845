import uuid
from collections.abc import Sequence

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import OuterRef
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from labeling.assignment.models import Seat, SeatKind, Task
from labeling.projects.models import Guideline, Membership
from labeling.projects.standards import HIGHEST_GRADE


class Origin(models.TextChoices):
    SCREEN = "screen"
    FILE = "file"


class AnnotationQuerySet(models.QuerySet["Annotation"]):
    def counted(self) -> "AnnotationQuerySet":
        """The current answers of the seats that count: no earlier revisions, nothing surplus."""
        return self.filter(is_current=True, seat__kind=SeatKind.COUNTED)

    def final(self, kinds: Sequence[SeatKind] = (SeatKind.COUNTED,)) -> "AnnotationQuerySet":
        """What is held true: where a reviewer decided a task the decision, else all in seats of these kinds."""
        decisions = Seat.objects.filter(task=OuterRef("seat__task"), kind=SeatKind.DECISION)
        undecided = models.Q(~models.Exists(decisions), seat__kind__in=kinds)
        return self.filter(undecided | models.Q(seat__kind=SeatKind.DECISION), is_current=True)

    def for_training(self) -> "AnnotationQuerySet":
        """Without what is for evaluations only: certain plans, and all that held-out annotators say.

        A decision is the project's, whoever took it.
        """
        held_out = Membership.objects.filter(
            project=OuterRef("seat__project"), user=OuterRef("seat__holder"), held_out=True
        )
        is_decision = models.Q(seat__kind=SeatKind.DECISION)
        return self.filter(is_decision | ~models.Exists(held_out), seat__for_evaluation=False)


class Annotation(models.Model):
    """What one person said about one task. Rows are only ever added: a change of mind is a new revision.

    A trigger refuses every other update, and every deletion (migration 0002).
    """

    seat = models.ForeignKey(Seat, models.PROTECT, related_name="annotations", db_index=False)  # a constraint has it
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


class Verdict(models.TextChoices):
    ACCEPTED = "accepted", _("accepted")
    CORRECTED = "corrected", _("corrected")
    RETURNED = "returned", _("returned")


class Review(models.Model):
    """What a reviewer made of an annotation. A new revision is there to be reviewed anew."""

    annotation = models.ForeignKey(Annotation, models.PROTECT, related_name="reviews")
    reviewer = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    verdict = models.CharField(max_length=9, choices=Verdict)
    note = models.TextField(blank=True)
    reviewed_at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(condition=models.Q(verdict__in=Verdict.values), name="review_verdict_known"),
            models.CheckConstraint(
                condition=~models.Q(verdict=Verdict.RETURNED, note=""), name="review_return_says_why"
            ),
        ]

    def __str__(self) -> str:
        return f"annotation {self.annotation_id}: {self.verdict}"


class GoldResult(models.Model):
    """How an annotation of gold compares with the known answer."""

    annotation = models.OneToOneField(Annotation, models.PROTECT, related_name="gold_result")
    agreed = models.JSONField()  # {what: [agreed, of]}, by comparisons, flags, ratings
    score = models.FloatField(null=True)  # share agreed on of all together; null: nothing could be compared
    grade = models.PositiveSmallIntegerField(  # of what was written, by a lead
        null=True, validators=[MinValueValidator(1), MaxValueValidator(HIGHEST_GRADE)]
    )
    graded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(grade__isnull=True) | models.Q(grade__gte=1, grade__lte=HIGHEST_GRADE),
                name="gold_result_grade_sane",
            )
        ]

    def __str__(self) -> str:
        return f"annotation {self.annotation_id} of gold: {self.score}"
