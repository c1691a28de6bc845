"""The order in which the free seats of a project are given out: each has a place, and the lowest is next.

Places are stored, so that the next seat is found by index however many there are, and an order once drawn stays.
"""

from django.db import connection

from labeling.assignment.models import Seat, Task
from labeling.projects.models import Project, TaskOrder

AHEAD = 1e12
"""Outweighs every task id, so that what comes first by policy does, and older tasks come first among equals."""

DRAW = "hashint8extended({}, 0)::float8"
"""A random number that is always the same for a row."""

PLACES = {
    TaskOrder.TOGETHER: "task.id",
    TaskOrder.UNIFORM: DRAW.format("seat.id"),
    TaskOrder.PRIORITY: f"task.id - task.priority * {AHEAD}",
    TaskOrder.DISAGREED: f"task.id - task.disagreement * {AHEAD}",
    TaskOrder.STRATIFIED: "turn.number",
}

TURNS = f"""
SELECT open.id, rank() OVER (
    PARTITION BY prompt.use_case, prompt.language ORDER BY {DRAW.format("open.id")}
) AS number
FROM labeling_task AS open JOIN labeling_prompt AS prompt ON prompt.id = open.prompt_id
WHERE open.project_id = %(project)s
"""  # noqa: S608
"""The n-th task of every use case and language comes before the n+1st of any."""

NO_TURNS = "SELECT NULL::bigint AS id, NULL::bigint AS number WHERE false"

ARRANGE = """
UPDATE labeling_seat AS seat SET place = {place}
FROM labeling_task AS task LEFT JOIN ({turns}) AS turn ON turn.id = task.id
WHERE seat.task_id = task.id AND seat.project_id = %(project)s AND task.project_id = %(project)s
    AND seat.submitted_at IS NULL AND seat.kind = 'counted' AND ({only}) AND seat.place IS DISTINCT FROM {place}
"""


def arrange(project: Project, tasks: list[Task] | None = None) -> None:
    """Give the seats to fill their places: those of `tasks`, or all. Whose turn it is concerns all, in any case."""
    in_turns = project.task_order == TaskOrder.STRATIFIED
    statement = ARRANGE.format(
        place=PLACES[TaskOrder(project.task_order)],
        turns=TURNS if in_turns else NO_TURNS,
        only="true" if tasks is None or in_turns else "task.id = ANY(%(tasks)s)",
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, {"project": project.pk, "tasks": [task.pk for task in tasks or []]})


def add_seats(task: Task, n: int) -> None:
    """More places at a task. The caller holds the lock of the task, or made it."""
    Seat.objects.bulk_create(
        Seat(project_id=task.project_id, task=task, place=task.pk, for_evaluation=task.is_for_evaluation)
        for _n in range(n)
    )
    arrange(Project(pk=task.project_id, task_order=task.project.task_order), [task])
