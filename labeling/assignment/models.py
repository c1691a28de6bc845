from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from labeling.generation.marks import Mark
from labeling.generation.models import Endpoint, Response
from labeling.people.models import User
from labeling.projects.models import Instrument, Membership, Project
from labeling.projects.questions import FEWEST_RESPONSES, MOST_RESPONSES
from labeling.prompts.models import Prompt

MOST_OVERLAP = 100

LEASE = timedelta(minutes=30)
"""How long a seat is kept for somebody who neither answers nor submits; every draft saved renews it."""


class TaskPlan(models.Model):
    """One order to make tasks, and the seed of its draws. A standing plan goes on as responses arrive."""

    project = models.ForeignKey(Project, models.CASCADE, related_name="plans")
    responses = models.PositiveSmallIntegerField()  # K, to a task
    overlap = models.PositiveSmallIntegerField()  # N, seats at a task
    per_owner = models.PositiveIntegerField(null=True)  # most tasks of prompts that one owner sent in
    seed = models.PositiveBigIntegerField()
    standing = models.BooleanField(default=False)
    for_evaluation = models.BooleanField(default=False)  # its labels score models, and are never training data
    leaves_out = ArrayField(models.CharField(max_length=16, choices=Mark), default=list)  # responses with such marks
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["project"], condition=models.Q(standing=True), name="plan_one_standing"),
            models.CheckConstraint(
                condition=models.Q(responses__gte=FEWEST_RESPONSES, responses__lte=MOST_RESPONSES),
                name="plan_responses_sane",
            ),
            models.CheckConstraint(
                condition=models.Q(overlap__gte=1, overlap__lte=MOST_OVERLAP), name="plan_overlap_sane"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.responses} responses, overlap {self.overlap}"


class Task(models.Model):
    """A prompt with some of its responses, to be labeled with one instrument."""

    project = models.ForeignKey(Project, models.CASCADE, related_name="tasks")
    instrument = models.ForeignKey(Instrument, models.PROTECT, related_name="tasks", db_index=False)  # task_once has it
    prompt = models.ForeignKey(Prompt, models.CASCADE, related_name="tasks")
    plan = models.ForeignKey(TaskPlan, models.PROTECT, null=True, related_name="tasks")  # null: imported
    digest = models.CharField(max_length=64)  # of the set of responses
    priority = models.SmallIntegerField(default=0)  # higher is sooner
    disagreement = models.FloatField(default=0)  # share of its pairs for which annotators have no majority
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["instrument", "prompt", "digest"], name="task_once"),
        ]

    def __str__(self) -> str:
        return f"task {self.pk}"

    @cached_property
    def texts(self) -> dict[int, tuple[str, str]]:
        """By id, the text of each response and the name of its endpoint."""
        candidates = self.candidates.order_by("position")
        found = candidates.values_list("response", "response__text", "response__endpoint__name")
        return {pk: (text, endpoint) for pk, text, endpoint in found}

    @property
    def is_for_evaluation(self) -> bool:
        """Whether what is said of it scores models, and is never training data."""
        return self.plan is not None and self.plan.for_evaluation

    @property
    def response_ids(self) -> list[int]:
        return list(self.texts)


class TaskResponse(models.Model):
    task = models.ForeignKey(Task, models.CASCADE, related_name="candidates", db_index=False)  # a constraint has it
    response = models.ForeignKey(Response, models.PROTECT, related_name="+")
    position = models.PositiveSmallIntegerField()  # 0 … K-1: the order in which outcomes are counted

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["task", "position"], name="task_position_once"),
            models.UniqueConstraint(fields=["task", "response"], name="task_response_once"),
        ]

    def __str__(self) -> str:
        return f"response {self.response_id} of task {self.task_id}"


class SeatKind(models.TextChoices):
    """What the annotation in a seat is for."""

    COUNTED = "counted"  # one of the N places at a task
    SURPLUS = "surplus"  # for an answer that came too late for one
    GOLD = "gold"  # one person's place at a task with a known answer, among their work
    EXAM = "exam"  # the same, before their work
    DECISION = "decision"  # what a reviewer decided for all


OWN = [SeatKind.GOLD, SeatKind.EXAM]
"""Kinds of which everybody has seats of their own: nobody else ever sits there."""


class SeatQuerySet(models.QuerySet["Seat"]):
    def counted(self) -> "SeatQuerySet":
        """The N seats of each task."""
        return self.filter(kind=SeatKind.COUNTED)

    def at_work(self) -> "SeatQuerySet":
        """Whose annotations are what somebody labels: neither an exam nor a reviewer's decision."""
        return self.exclude(kind__in=[SeatKind.EXAM, SeatKind.DECISION])

    def to_fill(self) -> "SeatQuerySet":
        return self.filter(submitted_at__isnull=True)

    def free(self) -> "SeatQuerySet":
        """Of those that count: held by nobody, or by somebody whose lease has run out."""
        return (
            self.counted().to_fill().filter(models.Q(holder__isnull=True) | models.Q(leased_until__lt=timezone.now()))
        )

    def open_for(self, member: Membership | None) -> "SeatQuerySet":
        """Free ones that may be given to this member, where they have no seat yet: of gold everybody is given a seat
        of their own, and who is held out scores evaluations only."""
        offered = self.free().filter(~models.Exists(Gold.objects.filter(task=models.OuterRef("task"))))
        return offered.filter(for_evaluation=True) if member is not None and member.held_out else offered

    def held_by(self, user: User) -> "SeatQuerySet":
        """Being worked at by this person."""
        return self.to_fill().filter(holder=user, leased_until__gte=timezone.now())

    def returned_to(self, user: User) -> "SeatQuerySet":
        """Whose answers a reviewer gave back to this person. An exam that is taken again is the exam's."""
        return self.at_work().filter(holder=user, returned_at__isnull=False)

    def exam_of(self, user: User) -> "SeatQuerySet":
        return self.filter(holder=user, kind=SeatKind.EXAM)

    def unfinished(self) -> "SeatQuerySet":
        return self.filter(models.Q(submitted_at__isnull=True) | models.Q(returned_at__isnull=False))

    def finished(self) -> "SeatQuerySet":
        return self.filter(submitted_at__isnull=False, returned_at__isnull=True)

    def abandoned(self, before: datetime) -> "SeatQuerySet":
        """Held by people whose lease ran out before a moment."""
        return self.counted().to_fill().filter(leased_until__lt=before)


class Seat(models.Model):
    """A place at a task: free, leased to somebody, or filled by a submitted annotation."""

    project = models.ForeignKey(Project, models.CASCADE, related_name="seats")
    task = models.ForeignKey(Task, models.CASCADE, related_name="seats")
    holder = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="seats")
    claimed_at = models.DateTimeField(null=True)
    leased_until = models.DateTimeField(null=True)
    submitted_at = models.DateTimeField(null=True)
    returned_at = models.DateTimeField(null=True)  # by a reviewer, to be answered again by the same person
    kind = models.CharField(max_length=8, choices=SeatKind, default=SeatKind.COUNTED)
    for_evaluation = models.BooleanField(default=False)  # as the task's plan has it
    place = models.FloatField(default=0)  # in the queue: lower is sooner (assignment/queue.py)

    objects = SeatQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["task", "holder"],
                condition=~models.Q(kind=SeatKind.DECISION),
                name="seat_one_per_person",
            ),
            models.UniqueConstraint(
                fields=["task"], condition=models.Q(kind=SeatKind.DECISION), name="seat_one_decision_per_task"
            ),
            models.CheckConstraint(
                condition=models.Q(holder__isnull=True, leased_until__isnull=True, submitted_at__isnull=True)
                | models.Q(holder__isnull=False, leased_until__isnull=False, submitted_at__isnull=True)
                | models.Q(holder__isnull=False, leased_until__isnull=True, submitted_at__isnull=False),
                name="seat_free_leased_or_filled",
            ),
            models.CheckConstraint(condition=models.Q(kind__in=SeatKind.values), name="seat_kind_known"),
            models.CheckConstraint(
                condition=~models.Q(kind__in=[SeatKind.SURPLUS, SeatKind.DECISION])
                | models.Q(submitted_at__isnull=False),
                name="seat_surplus_or_decision_is_filled",
            ),
            models.CheckConstraint(
                condition=~models.Q(kind__in=OWN) | models.Q(holder__isnull=False), name="seat_own_is_held"
            ),
            models.CheckConstraint(
                condition=models.Q(returned_at__isnull=True) | models.Q(submitted_at__isnull=False),
                name="seat_returned_is_filled",
            ),
        ]
        indexes = [
            models.Index(
                fields=["project", "place", "id"],
                condition=models.Q(submitted_at__isnull=True, kind=SeatKind.COUNTED),
                name="seat_queue",
            ),
            models.Index(
                fields=["project", "place", "id"],
                condition=models.Q(submitted_at__isnull=True, kind=SeatKind.COUNTED, for_evaluation=True),
                name="seat_evaluation_queue",
            ),
            models.Index(fields=["holder"], condition=models.Q(returned_at__isnull=False), name="seat_returned"),
            models.Index(fields=["holder"], condition=models.Q(submitted_at__isnull=True), name="seat_being_filled"),
            models.Index(fields=["holder", "project", "submitted_at"], name="seat_own"),
        ]

    def __str__(self) -> str:
        return f"seat {self.pk} at task {self.task_id}"


class SkipReason(models.TextChoices):
    UNCLEAR = "unclear", _("The prompt is unclear")
    BEYOND = "beyond", _("It is beyond my knowledge")
    HARMFUL = "harmful", _("It is harmful to read")
    BROKEN = "broken", _("A response is broken")
    OTHER = "other", _("Another reason")


class Skip(models.Model):
    """That somebody passed a task on: it goes to others, and never to them again."""

    task = models.ForeignKey(Task, models.CASCADE, related_name="skips")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    reason = models.CharField(max_length=8, choices=SkipReason)
    text = models.TextField(blank=True)
    skipped_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["task", "user"], name="skip_once"),
            models.CheckConstraint(condition=models.Q(reason__in=SkipReason.values), name="skip_reason_known"),
            models.CheckConstraint(
                condition=~models.Q(reason=SkipReason.OTHER, text=""), name="skip_other_reason_is_said"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} skipped task {self.task_id}: {self.reason}"


class Gold(models.Model):
    """That a task has a known answer, by which annotators are examined before their work, and checked during it."""

    task = models.OneToOneField(Task, models.CASCADE, related_name="gold")
    project = models.ForeignKey(Project, models.CASCADE, related_name="golds")
    order = ArrayField(models.BigIntegerField())  # response ids, to which lists in the answers refer
    answers = models.JSONField()  # the known ones, by question name
    explanation = models.TextField(blank=True)  # Markdown, shown after the exam's task
    in_exam = models.BooleanField(default=False)
    in_work = models.BooleanField(default=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        indexes = [models.Index(fields=["project"], condition=models.Q(in_work=True), name="gold_in_work")]

    def __str__(self) -> str:
        return f"gold for task {self.task_id}"


class PairWeight(models.Model):
    """How much comparing two endpoints once more would narrow the scores, as a share of the sum over all pairs."""

    project = models.ForeignKey(Project, models.CASCADE, related_name="pair_weights")
    first = models.ForeignKey(Endpoint, models.CASCADE, related_name="+")
    second = models.ForeignKey(Endpoint, models.CASCADE, related_name="+")
    weight = models.FloatField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["project", "first", "second"], name="pair_weight_once"),
            models.CheckConstraint(condition=models.Q(first__lt=models.F("second")), name="pair_weight_in_order"),
            models.CheckConstraint(condition=models.Q(weight__gt=0), name="pair_weight_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.weight} for endpoints {self.first_id} and {self.second_id}"
