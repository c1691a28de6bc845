from pathlib import Path

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from labeling.projects.models import Project


class SnapshotState(models.TextChoices):
    WAITING = "waiting", _("being written")
    DONE = "done", _("ready")
    FAILED = "failed", _("failed")


class Format(models.TextChoices):
    """The formats a data set can be written in; formats/ has one module for each."""

    TRL_PREFERENCE = "trl-preference", _("TRL preference pairs")


class Snapshot(models.Model):
    """A data set written once: a frozen folder whose files are hashed."""

    project = models.ForeignKey(Project, models.CASCADE, related_name="snapshots")
    format = models.CharField(max_length=32, choices=Format)
    state = models.CharField(max_length=8, choices=SnapshotState, default=SnapshotState.WAITING)
    error = models.TextField(blank=True)
    summary = models.JSONField(default=dict)  # Written, as JSON
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(condition=models.Q(state__in=SnapshotState.values), name="snapshot_state_known")
        ]

    def __str__(self) -> str:
        return f"{self.project.slug}-{self.format}-{self.pk}"

    @property
    def archive(self) -> Path:
        return Path(settings.MEDIA_ROOT) / "datasets" / f"{self}.zip"
