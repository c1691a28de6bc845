"""Change how many annotators the tasks of a plan have."""

from django.db import connection, transaction

from labeling.assignment.make_tasks import refuse_impossible_overlap
from labeling.assignment.models import TaskPlan
from labeling.assignment.queue import arrange
from labeling.audit import record
from labeling.people.models import User
from labeling.projects.models import Project

ADD = """
INSERT INTO labeling_seat (project_id, task_id, kind, for_evaluation, place)
SELECT task.project_id, task.id, 'counted', plan.for_evaluation, task.id
FROM labeling_task AS task JOIN labeling_taskplan AS plan ON plan.id = task.plan_id,
    LATERAL (SELECT count(*) AS n FROM labeling_seat AS seat WHERE seat.task_id = task.id AND seat.kind = 'counted')
        AS has,
    LATERAL generate_series(has.n + 1, %(overlap)s)
WHERE task.plan_id = %(plan)s AND NOT EXISTS (SELECT FROM labeling_gold AS gold WHERE gold.task_id = task.id)
"""

ADD_WHERE_SPLIT = """
INSERT INTO labeling_seat (project_id, task_id, kind, for_evaluation, place)
SELECT task.project_id, task.id, 'counted', COALESCE(plan.for_evaluation, false), task.id
FROM labeling_task AS task LEFT JOIN labeling_taskplan AS plan ON plan.id = task.plan_id,
    LATERAL (SELECT count(*) AS n, count(seat.submitted_at) AS filled FROM labeling_seat AS seat
        WHERE seat.task_id = task.id AND seat.kind = 'counted') AS has
WHERE task.project_id = %(project)s AND task.disagreement > 0 AND has.filled = has.n AND has.n < %(most)s
    AND NOT EXISTS (SELECT FROM labeling_gold AS gold WHERE gold.task_id = task.id)
"""

TAKE_AWAY = """
WITH ranked AS (
    SELECT seat.id, row_number() OVER (
        PARTITION BY seat.task_id
        ORDER BY seat.submitted_at IS NULL, seat.holder_id IS NULL, seat.leased_until < now(), seat.id
    ) AS number
    FROM labeling_seat AS seat JOIN labeling_task AS task ON task.id = seat.task_id
    WHERE task.plan_id = %(plan)s AND seat.kind = 'counted'
)
DELETE FROM labeling_seat AS seat USING ranked
WHERE ranked.id = seat.id AND ranked.number > %(overlap)s
    AND seat.submitted_at IS NULL AND (seat.holder_id IS NULL OR seat.leased_until < now())
"""
"""The last conditions hold at the moment of deletion: a seat that was claimed meanwhile stays."""


def add_where_split(project: Project) -> None:
    """One more seat at each task that is full and on which people disagree, up to the project's limit."""
    with connection.cursor() as cursor:
        cursor.execute(ADD_WHERE_SPLIT, {"project": project.pk, "most": project.most_overlap})


@transaction.atomic
def change_overlap(*, plan: TaskPlan, overlap: int, by: User | None = None) -> None:
    """Have `overlap` seats at each of the plan's tasks. Seats that are filled or being filled stay in any case.

    Tasks that are gold get no more. Raises Refused for less than 1 or more than MOST_OVERLAP.
    """
    refuse_impossible_overlap(overlap)
    project = Project.objects.select_for_update(no_key=True).get(pk=plan.project_id)
    TaskPlan.objects.filter(pk=plan.pk).update(overlap=overlap)
    with connection.cursor() as cursor:
        for statement in (ADD, TAKE_AWAY):
            cursor.execute(statement, {"plan": plan.pk, "overlap": overlap})
    arrange(project)
    record("tasks.overlap_changed", actor=by, project_id=project.pk, plan=plan.pk, overlap=overlap)
