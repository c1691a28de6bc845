from datetime import timedelta
from pathlib import PurePath

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from labeling.imports.brings import Brings
from labeling.projects.models import Project

KEPT_FOR = timedelta(days=1)
"""How long a file waits for somebody to import it."""

LEASE = timedelta(minutes=2)
"""How long a worker that says nothing may be at a file before another takes it on."""


class ImportState(models.TextChoices):
    CHOSEN = "chosen", _("not imported yet")
    WAITING = "waiting", _("being imported")
    DONE = "done", _("imported")
    REFUSED = "refused", _("refused")


class ImportQuerySet(models.QuerySet["Import"]):
    def stranded(self) -> "ImportQuerySet":
        """Ordered, and with no worker at it."""
        unleased = models.Q(leased_until__isnull=True) | models.Q(leased_until__lt=timezone.now())
        return self.filter(unleased, state=ImportState.WAITING)

    def forgotten(self) -> "ImportQuerySet":
        """Chosen and not imported for so long that the file goes."""
        return self.filter(state=ImportState.CHOSEN, created_at__lt=timezone.now() - KEPT_FOR)


def file_name(_import: "Import", name: str) -> str:
    """Where the file is kept: nothing of its name but the ending."""
    return f"imports/file{''.join(PurePath(name).suffixes[-2:])[-16:]}"


class Import(models.Model):
    """A file that somebody brought, how it is to be understood, and what came of it."""

    project = models.ForeignKey(Project, models.CASCADE, related_name="imports")
    name = models.CharField(max_length=200)
    file = models.FileField(upload_to=file_name, blank=True)  # none once it is imported or refused
    size = models.PositiveBigIntegerField()  # bytes
    state = models.CharField(max_length=8, choices=ImportState, default=ImportState.CHOSEN)
    brings = models.CharField(max_length=9, choices=Brings, blank=True)
    shape = models.CharField(max_length=32, blank=True)  # none: by columns, or by a mapping
    columns = models.JSONField(default=dict)  # by field, the columns it is made of
    mapping = models.TextField(blank=True)  # as it came, YAML or JSON
    language = models.CharField(max_length=16, blank=True)  # in which what is wrong is said
    attempts = models.PositiveSmallIntegerField(default=0)  # to import it, by workers
    claim = models.UUIDField(null=True)
    leased_until = models.DateTimeField(null=True)
    n_bytes = models.PositiveBigIntegerField(default=0)  # read so far
    n_rows = models.PositiveBigIntegerField(default=0)
    result = models.JSONField(default=dict)  # the counts of what came of it
    problems = models.JSONField(default=list)  # [[line, cause, file in an archive], …], the first few
    n_problems = models.PositiveIntegerField(default=0)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(db_default=Now())
    ended_at = models.DateTimeField(null=True)

    objects = ImportQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(condition=models.Q(state__in=ImportState.values), name="import_state_known"),
            models.CheckConstraint(condition=models.Q(brings__in=["", *Brings.values]), name="import_brings_known"),
            models.CheckConstraint(
                condition=~models.Q(brings="") | models.Q(state=ImportState.CHOSEN), name="import_ordered_for_something"
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=[ImportState.CHOSEN, ImportState.WAITING], ended_at__isnull=True)
                | models.Q(state__in=[ImportState.DONE, ImportState.REFUSED], ended_at__isnull=False),
                name="import_ended_or_not",
            ),
        ]
        indexes = [
            models.Index(
                fields=["state"],
                condition=models.Q(state__in=[ImportState.CHOSEN, ImportState.WAITING]),
                name="import_open",
            )
        ]

    def __str__(self) -> str:
        return self.name
