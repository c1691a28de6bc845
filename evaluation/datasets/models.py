from datetime import timedelta

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from labeling.projects.models import Project

LEASE = timedelta(minutes=5)
"""How long a data set is left to the worker that last said how far it is."""


class SnapshotState(models.TextChoices):
    WAITING = "waiting", _("being written")
    DONE = "done", _("ready")
    FAILED = "failed", _("failed")


class SnapshotQuerySet(models.QuerySet["Snapshot"]):
    def to_write(self) -> "SnapshotQuerySet":
        """That no worker is at."""
        free = models.Q(leased_until__isnull=True) | models.Q(leased_until__lt=timezone.now())
        return self.filter(free, state=SnapshotState.WAITING)


class Snapshot(models.Model):
    """A data set written once: a frozen folder whose files are hashed, as an archive in the storage for data sets."""

    project = models.ForeignKey(Project, models.CASCADE, related_name="snapshots")
    recipe = models.JSONField()  # Recipe, as JSON
    state = models.CharField(max_length=8, choices=SnapshotState, default=SnapshotState.WAITING)
    leased_until = models.DateTimeField(null=True)  # a worker is at it
    n_tasks = models.PositiveIntegerField(null=True)  # to be read, or prompts
    n_done = models.PositiveIntegerField(default=0)
    error = models.TextField(blank=True)
    summary = models.JSONField(default=dict)  # Written, as JSON, and `rows`, by split and in order
    digest = models.CharField(max_length=64, blank=True)  # the same data set has the same
    size = models.PositiveBigIntegerField(null=True)  # bytes of the archive
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(db_default=Now())

    objects = SnapshotQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(condition=models.Q(state__in=SnapshotState.values), name="snapshot_state_known"),
            models.CheckConstraint(
                condition=~models.Q(state=SnapshotState.DONE, digest=""), name="snapshot_done_is_hashed"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.project.slug}-{self.recipe['format']}-{self.pk}"

    @property
    def rows(self) -> dict[str, int]:
        """By split, how many there are."""
        return dict(self.summary.get("rows", []))

    @property
    def archive(self) -> str:
        """Its name in the storage."""
        return f"datasets/{self}.zip"

    @property
    def percent(self) -> int:
        return min(100, 100 * self.n_done // self.n_tasks) if self.n_tasks else 0
