from celery import shared_task

from evaluation.agreement.models import AgreementReport
from evaluation.agreement.report import report_agreement
from evaluation.reports import alone, due
from labeling.projects.models import Project


@shared_task
def report(project_id: int) -> None:
    with alone(AgreementReport, project_id) as is_mine:
        if is_mine:
            report_agreement(project=Project.objects.get(pk=project_id))


@shared_task
def sweep() -> None:
    """Bring the figures of every project up to date with its labels."""
    for project in due(AgreementReport):
        report.delay(project.pk)
