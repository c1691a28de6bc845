"""Say how much comparing two endpoints would narrow the scores."""

from collections.abc import Mapping

from django.db import transaction

from labeling.assignment.models import PairWeight
from labeling.assignment.queue import arrange
from labeling.projects.models import Project, TaskOrder


@transaction.atomic
def weigh_pairs(*, project: Project, weights: Mapping[tuple[int, int], float]) -> None:
    """Put these weights in the place of the project's last ones, by the ids of two endpoints, the lower first.

    Where tasks are given out by them, those that are open are drawn anew.
    """
    project = Project.objects.select_for_update(no_key=True).get(pk=project.pk)
    project.pair_weights.all().delete()
    rows = (
        PairWeight(project=project, first_id=first, second_id=second, weight=weight)
        for (first, second), weight in weights.items()
    )
    PairWeight.objects.bulk_create(rows, batch_size=5000)
    if project.task_order == TaskOrder.INFORMATIVE:
        arrange(project)
