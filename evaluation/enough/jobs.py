from celery import shared_task

from evaluation.enough.models import EnoughReport
from evaluation.enough.report import report_enough
from evaluation.reports import alone, due
from labeling.projects.models import Project


@shared_task
def report(project_id: int) -> None:
    with alone(EnoughReport, project_id) as is_mine:
        if is_mine:
            report_enough(project=Project.objects.get(pk=project_id))


@shared_task
def sweep() -> None:
    """Bring the forecasts of every project up to date with its labels."""
    for project in due(EnoughReport):
        report.delay(project.pk)
