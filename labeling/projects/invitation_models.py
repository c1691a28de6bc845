from django.conf import settings
from django.db import models
from django.db.models import F
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from labeling.projects.models import Project
from labeling.projects.roles import Role

INVITED = [Role.ANNOTATOR, Role.REVIEWER]
"""Who comes by a link. Leads are added by name: a link goes from hand to hand."""


class InvitationState(models.TextChoices):
    """Whether an invitation lets anybody in. It follows from the row, and is not stored."""

    OPEN = "open", _("open")
    USED_UP = "used_up", _("used up")
    EXPIRED = "expired", _("expired")
    REVOKED = "revoked", _("revoked")


class InvitationQuerySet(models.QuerySet["Invitation"]):
    def open(self) -> "InvitationQuerySet":
        return self.filter(revoked_at__isnull=True, expires_at__gt=timezone.now(), n_uses__lt=F("most_uses"))


class Invitation(models.Model):
    """A link by which so many people come into a project until some time. The link holds only a signature."""

    project = models.ForeignKey(Project, models.CASCADE, related_name="invitations")
    role = models.CharField(max_length=16, choices=[(role.value, role.label) for role in INVITED])
    held_out = models.BooleanField(default=False)  # as those who come will be
    for_prolific = models.BooleanField(default=False)
    labels_wanted = models.PositiveIntegerField(null=True)  # of each participant
    completion_code = models.CharField(max_length=64, blank=True)  # which tells the platform that they are done
    most_uses = models.PositiveIntegerField()
    n_uses = models.PositiveIntegerField(default=0)
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(db_default=Now())

    objects = InvitationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(role__in=INVITED), name="invitation_role_known"),
            models.CheckConstraint(condition=models.Q(n_uses__lte=F("most_uses")), name="invitation_uses_limited"),
            models.CheckConstraint(
                condition=models.Q(for_prolific=False, labels_wanted__isnull=True, completion_code="")
                | (
                    models.Q(for_prolific=True, role=Role.ANNOTATOR, labels_wanted__gte=1)
                    & ~models.Q(completion_code="")
                ),
                name="invitation_prolific_whole",
            ),
        ]

    def __str__(self) -> str:
        return f"invitation {self.pk} to {self.project}"

    @property
    def state(self) -> InvitationState:
        if self.revoked_at is not None:
            return InvitationState.REVOKED
        if self.expires_at <= timezone.now():
            return InvitationState.EXPIRED
        return InvitationState.USED_UP if self.n_uses >= self.most_uses else InvitationState.OPEN

    @property
    def is_open(self) -> bool:
        return self.state == InvitationState.OPEN


class InvitationUse(models.Model):
    """That somebody came in by an invitation: one of its uses, however often they open it."""

    invitation = models.ForeignKey(Invitation, models.CASCADE, related_name="uses")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    used_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [models.UniqueConstraint(fields=["invitation", "user"], name="invitation_used_once")]

    def __str__(self) -> str:
        return f"{self.user} came by invitation {self.invitation_id}"


class Platform(models.TextChoices):
    """Where participants are recruited."""

    PROLIFIC = "prolific", "Prolific"


class Participation(models.Model):
    """That somebody takes part in a study run on a platform, which knows them by an id of its own."""

    invitation = models.ForeignKey(Invitation, models.CASCADE, related_name="participations")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="participations")
    platform = models.CharField(max_length=16, choices=Platform, default=Platform.PROLIFIC)
    external_id = models.CharField(max_length=64)
    study = models.CharField(max_length=64)
    session = models.CharField(max_length=64)  # the last by which they came
    joined_at = models.DateTimeField(default=timezone.now)  # by the clock that labels are submitted by
    completed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["invitation", "external_id"], name="participation_once"),
            models.CheckConstraint(
                condition=models.Q(platform__in=Platform.values), name="participation_platform_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} by invitation {self.invitation_id}"
