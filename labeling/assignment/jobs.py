from celery import shared_task

from labeling.assignment.claim import free_abandoned
from labeling.assignment.gold import clear_golds
from labeling.assignment.make_tasks import extend_plan
from labeling.assignment.models import TaskPlan


@shared_task
def sweep() -> None:
    """Make the tasks of every standing plan that responses have become ready for; free the seats left behind."""
    free_abandoned()
    clear_golds()
    for plan in TaskPlan.objects.filter(standing=True):
        extend_plan(plan=plan)
