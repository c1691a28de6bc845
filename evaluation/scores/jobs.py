from celery import shared_task

from evaluation.reports import alone, due
from evaluation.scores.models import ScoreReport
from evaluation.scores.report import report_scores
from labeling.projects.models import Project


@shared_task
def report(project_id: int) -> None:
    with alone(ScoreReport, project_id) as is_mine:
        if is_mine:
            report_scores(project=Project.objects.get(pk=project_id))


@shared_task
def sweep() -> None:
    """Bring the scores of every project up to date with its labels."""
    for project in due(ScoreReport):
        report.delay(project.pk)
