"""Figures that are stored with what they were computed from, and computed again when there is more."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any, TypeVar

from django.db import connection, models, transaction
from django.db.models import Count, Max
from django.db.models.functions import Now
from django.utils import timezone

from labeling.collection.models import Annotation, AnnotationQuerySet
from labeling.projects.models import Project

SEED = 0
"""Of the bootstrap behind every figure, so that the same labels give the same figures."""

REST = timedelta(seconds=5)
SHARE = 20
"""A report that took s seconds is left alone for SHARE × s, so figures never eat more than a twentieth of a core."""


class Report(models.Model):
    """When and from which labels the figures of a project were computed."""

    project = models.OneToOneField(Project, models.CASCADE, related_name="+")
    last_annotation = models.BigIntegerField()
    n_annotations = models.PositiveIntegerField()
    seed = models.PositiveBigIntegerField(default=SEED)
    seconds = models.FloatField()  # of computing, without what else the machine was busy with meanwhile
    computed_at = models.DateTimeField(db_default=Now())

    class Meta:
        abstract = True

    @classmethod
    def labels(cls) -> AnnotationQuerySet:
        """Of all projects, those that the figures are about."""
        return Annotation.objects.counted()

    def is_rested(self) -> bool:
        return timezone.now() > self.computed_at + max(REST, timedelta(seconds=SHARE * self.seconds))

    def is_current(self) -> bool:
        """Whether it was computed from the labels there are now."""
        now = self.labels().filter(seat__project=self.project_id)
        found = now.aggregate(n=Count("pk"), last=Max("pk"))
        return (found["n"], found["last"] or 0) == (self.n_annotations, self.last_annotation)


def due(reports: type[Report]) -> list[Project]:
    """Projects with labels that their report does not cover, where that report is rested."""
    known = {report.project_id: report for report in reports._default_manager.all()}
    return [project for project in Project.objects.all() if is_due(reports, project, known.get(project.pk))]


def is_due(reports: type[Report], project: Project, report: Report | None) -> bool:
    if report is None:
        return reports.labels().filter(seat__project=project).exists()
    return report.is_rested() and not report.is_current()


ReportKind = TypeVar("ReportKind", bound=Report)


@contextmanager
def renewed(reports: type[ReportKind], project: Project, **fields: Any) -> Iterator[ReportKind]:
    """A new report in the place of the project's last one, once the block has stored its figures."""
    with transaction.atomic():
        Project.objects.select_for_update(no_key=True).get(pk=project.pk)
        reports._default_manager.filter(project=project).delete()
        yield reports._default_manager.create(project=project, **fields)


@contextmanager
def alone(reports: type[Report], project_id: int) -> Iterator[bool]:
    """Whether nobody else is computing this report now; if so, nobody else will before the block ends."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(hashtext(%s), %s)", [reports.__name__, project_id])
        (is_mine,) = cursor.fetchone()
        yield is_mine
