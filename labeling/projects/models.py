from typing import Any

from django.conf import settings
from django.contrib.postgres.functions import RandomUUID
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import OuterRef
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from labeling.markup import to_html
from labeling.people.models import User
from labeling.projects.personal_data import Treatment
from labeling.projects.questions import Question, responses_for
from labeling.projects.roles import Role
from labeling.projects.standards import Standards

slug_validator = RegexValidator(
    r"^[a-z0-9]+(-[a-z0-9]+)*\Z", _("Use lower-case letters, digits and single hyphens between them.")
)


class ProjectQuerySet(models.QuerySet["Project"]):
    def visible_to(self, user: User) -> "ProjectQuerySet":
        return (
            self if user.is_superuser else self.filter(memberships__in=Membership.objects.present().filter(user=user))
        )


class TaskOrder(models.TextChoices):
    """Which task is labeled next."""

    TOGETHER = "together", _("one task after the other: nearly finished ones first")
    UNIFORM = "uniform", _("uniformly at random")
    PRIORITY = "priority", _("by the priority of the prompt")
    STRATIFIED = "stratified", _("use cases and languages in turn")
    DISAGREED = "disagreed", _("those first on which people disagree most")
    INFORMATIVE = "informative", _("those first that narrow the scores most")


class Project(Standards):
    slug = models.SlugField(max_length=64, unique=True, validators=[slug_validator])
    name = models.CharField(max_length=200)
    description = models.TextField(blank=True)
    task_order = models.CharField(max_length=16, choices=TaskOrder, default=TaskOrder.TOGETHER)
    most_overlap = models.PositiveSmallIntegerField(null=True)  # adaptive overlap goes up to this
    personal_data = models.CharField(
        max_length=8, choices=Treatment, default=Treatment.NOTHING, db_default=Treatment.NOTHING
    )
    most_of_owner = models.PositiveIntegerField(null=True)  # prompts of one owner that are taken in
    guideline = models.ForeignKey("Guideline", models.PROTECT, null=True, related_name="+")  # the version in force
    reveals_models = models.BooleanField(default=False)  # whether annotators see which endpoint wrote what
    salt = models.UUIDField(db_default=RandomUUID())  # of the orders in which responses are shown
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(db_default=Now())

    objects = ProjectQuerySet.as_manager()

    class Meta:
        ordering = ["name", "id"]
        constraints = [
            *Standards.Meta.constraints,
            models.CheckConstraint(
                condition=models.Q(task_order__in=TaskOrder.values), name="project_task_order_known"
            ),
            models.CheckConstraint(
                condition=models.Q(personal_data__in=Treatment.values), name="project_personal_data_known"
            ),
            models.CheckConstraint(
                condition=models.Q(most_of_owner=None) | models.Q(most_of_owner__gte=1), name="project_most_of_owner"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def current_instrument(self) -> "Instrument | None":
        return self.instruments.order_by("-version").first()


class Status(models.TextChoices):
    """Whether a member is at work."""

    ACTIVE = "active", _("active")
    PAUSED = "paused", _("paused")
    REMOVED = "removed", _("removed")


class Exam(models.TextChoices):
    """How far a member is with the exam, where the project requires one."""

    OPEN = "open", _("not finished")
    WAITING = "waiting", _("waiting for a grade")
    PASSED = "passed", _("passed")
    FAILED = "failed", _("failed")


class MembershipQuerySet(models.QuerySet["Membership"]):
    def present(self) -> "MembershipQuerySet":
        """Without those who were removed: their rows stay, since they say how their labels may be used."""
        return self.exclude(status=Status.REMOVED)

    def leading(self) -> "MembershipQuerySet":
        return self.present().filter(role=Role.LEAD)


class Membership(models.Model):
    project = models.ForeignKey(Project, models.CASCADE, related_name="memberships")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=16, choices=Role)
    status = models.CharField(max_length=8, choices=Status, default=Status.ACTIVE)
    paused_because = models.TextField(blank=True)  # in the words of the lead who did it
    paused_at = models.FloatField(null=True)  # the agreement with known answers, 0 to 1, that did it
    resumed_at = models.DateTimeField(null=True)  # when they last came back: what they did before is judged no more
    held_out = models.BooleanField(default=False)  # scores evaluations only: their labels are never training data
    exam = models.CharField(max_length=8, choices=Exam, default=Exam.OPEN)
    has_returned: bool  # whether a reviewer gave something back to them, as claims find it
    held_tasks: list[int]  # whose seats they hold, as claims find them
    newest_unread: int | None  # of the messages to them, as the guards find it
    participation = models.OneToOneField(
        "Participation", models.RESTRICT, null=True, related_name="+"
    )  # the last begun
    created_at = models.DateTimeField(db_default=Now())

    objects = MembershipQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["project", "user"], name="membership_once"),
            models.CheckConstraint(condition=models.Q(role__in=Role.values), name="membership_role_known"),
            models.CheckConstraint(condition=models.Q(status__in=Status.values), name="membership_status_known"),
            models.CheckConstraint(condition=models.Q(exam__in=Exam.values), name="membership_exam_known"),
            models.CheckConstraint(
                condition=models.Q(participation__isnull=True) | models.Q(role=Role.ANNOTATOR),
                name="membership_participants_annotate",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.role} of {self.project}"

    @property
    def why_paused(self) -> str:
        if self.paused_at is None:
            return self.paused_because or gettext("A lead of the project decided so.")
        percent = {"found": self.paused_at * 100, "needed": self.project.gold_threshold * 100}
        return gettext("Agreement with known answers is %(found)d %%; %(needed)d %% are needed.") % percent

    def has_exam_before(self, project: Project) -> bool:
        """Whether the exam stands between this member and work; those who review others need none."""
        return project.requires_exam and self.role == Role.ANNOTATOR and self.exam != Exam.PASSED


def back_at_work() -> dict[str, Any]:
    """The columns of a member who goes on from this moment: why they did not is past."""
    return {"status": Status.ACTIVE, "paused_because": "", "paused_at": None, "resumed_at": timezone.now()}


class Instrument(models.Model):
    """The questions of a project. Once labeled with it is frozen: other questions are another version."""

    project = models.ForeignKey(Project, models.CASCADE, related_name="instruments")
    version = models.PositiveSmallIntegerField()
    stored_questions = models.JSONField(db_column="questions")
    created_at = models.DateTimeField(db_default=Now())
    frozen_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["project", "version"], name="instrument_version_once")]

    def __str__(self) -> str:
        return f"{self.project} v{self.version}"

    @cached_property
    def questions(self) -> list[Question]:
        return [Question.from_json(stored) for stored in self.stored_questions]

    @property
    def responses_range(self) -> tuple[int, int]:
        """The fewest and the most responses that its tasks can have."""
        return responses_for(self.questions)


class GuidelineQuerySet(models.QuerySet["Guideline"]):
    def read_by(self, user: User) -> "GuidelineQuerySet":
        """With `is_read`: whether this person has said that they read it."""
        return self.annotate(  # type: ignore[no-redef]
            is_read=models.Exists(GuidelineReading.objects.filter(guideline=OuterRef("pk"), user=user))
        )


class Guideline(models.Model):
    """A version of what annotators are told. Rows are only ever added (migration 0004)."""

    project = models.ForeignKey(Project, models.CASCADE, related_name="guidelines")
    version = models.PositiveIntegerField()
    text = models.TextField()  # Markdown
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(db_default=Now())
    is_read: bool  # as `read_by` finds it

    objects = GuidelineQuerySet.as_manager()

    class Meta:
        ordering = ["-version"]
        constraints = [models.UniqueConstraint(fields=["project", "version"], name="guideline_version_once")]

    def __str__(self) -> str:
        return f"{self.project} guidelines v{self.version}"

    @property
    def html(self) -> SafeString:
        return to_html(self.text)


class GuidelineReading(models.Model):
    """That somebody has read a version."""

    guideline = models.ForeignKey(Guideline, models.CASCADE, related_name="readings")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    read_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [models.UniqueConstraint(fields=["guideline", "user"], name="guideline_read_once")]

    def __str__(self) -> str:
        return f"{self.user} read {self.guideline}"
