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

FRACTION = "GREATEST(hashint8extended({}, {})::float8 + 2 ^ 63, 1) / 2 ^ 64"
"""The same above 0 and up to 1, and another for each second number."""

FRONT = 2000
"""How many tasks are put in front by what they are worth. To place all anew whenever weights change would keep people
waiting: of 100,000 open tasks it is 5 to 10 s of writing."""

PLACES = {
    TaskOrder.TOGETHER: "task.id",
    TaskOrder.UNIFORM: DRAW.format("seat.id"),
    TaskOrder.PRIORITY: f"task.id - task.priority * {AHEAD}",
    TaskOrder.DISAGREED: f"task.id - task.disagreement * {AHEAD}",
    TaskOrder.STRATIFIED: "turn.number",
    TaskOrder.INFORMATIVE: f"COALESCE(turn.number, task.id + 3 * {AHEAD})",
}

IN_TURNS = f"""
SELECT task.id, rank() OVER (
    PARTITION BY prompt.use_case, prompt.language ORDER BY {DRAW.format("task.id")}
) AS number
FROM labeling_task AS task JOIN labeling_prompt AS prompt ON prompt.id = task.prompt_id
WHERE task.project_id = %(project)s
"""  # noqa: S608
"""The n-th task of every use case and language comes before the n+1st of any."""

RACE = f"""
WITH known AS (
    SELECT COALESCE(max(weight), 1) AS greatest, COALESCE(max(id), 0) AS newest
    FROM labeling_pairweight WHERE project_id = %(project)s
), candidate AS (
    SELECT task.id AS task, candidate.position, response.endpoint_id AS endpoint
    FROM labeling_task AS task JOIN labeling_taskresponse AS candidate ON candidate.task_id = task.id
    JOIN labeling_response AS response ON response.id = candidate.response_id
    WHERE task.project_id = %(project)s AND ({{only}}) AND EXISTS (
        SELECT FROM labeling_seat AS seat
        WHERE seat.task_id = task.id AND seat.submitted_at IS NULL AND seat.kind = 'counted'
    )
), arrival AS (
    SELECT one.task, -ln({FRACTION.format("one.task", "known.newest")})
        / (sum(COALESCE(pair.weight, known.greatest)) / (1 + max(other.position))) AS time
    FROM candidate AS one
    JOIN candidate AS other ON other.task = one.task AND other.position > one.position
    LEFT JOIN labeling_pairweight AS pair ON pair.project_id = %(project)s
        AND pair.first_id = LEAST(one.endpoint, other.endpoint)
        AND pair.second_id = GREATEST(one.endpoint, other.endpoint)
    CROSS JOIN known
    WHERE one.endpoint <> other.endpoint
    GROUP BY one.task, known.newest
)
SELECT task AS id, CASE WHEN row_number() OVER (ORDER BY time) <= %(front)s THEN time
    ELSE {AHEAD} * (1 + {FRACTION.format("task", 0)}) END AS number
FROM arrival
"""  # noqa: S608
"""Each task is drawn as the next with probability by its worth: the sum of the weights of its pairs of endpoints
(assignment/informative.py), over the number of responses that have to be read.

Drawn, not sorted: those worth most would all be of one pair until the next report, and then of another. Tasks arrive
after times that are exponential, at the rate of their worth; the first to arrive are such a draw without replacement
(Efraimidis and Spirakis 2006). The draw is another with every new set of weights, or what was passed over by the last
would be by this one. Behind the front the order is uniform, and stays; tasks of one endpoint alone come last.
"""

TURNS = {TaskOrder.STRATIFIED: IN_TURNS, TaskOrder.INFORMATIVE: RACE}
NO_TURNS = "SELECT NULL::bigint AS id, NULL::bigint AS number WHERE false"

ARRANGE = """
UPDATE labeling_seat AS seat SET place = placed.place
FROM (
    SELECT seat.id, {place} AS place
    FROM labeling_seat AS seat JOIN labeling_task AS task ON task.id = seat.task_id
    LEFT JOIN ({turns}) AS turn ON turn.id = task.id
    WHERE seat.project_id = %(project)s AND task.project_id = %(project)s
        AND seat.submitted_at IS NULL AND seat.kind = 'counted' AND ({only}) AND seat.place IS DISTINCT FROM {place}
    FOR NO KEY UPDATE OF seat SKIP LOCKED
) AS placed
WHERE placed.id = seat.id
"""
"""A seat that somebody is taking or filling at this moment is left: to wait for it, with others locked for which they
may wait in turn, would be a deadlock."""


def arrange(project: Project, tasks: list[Task] | None = None) -> None:
    """Give the seats to fill their places: those of `tasks`, or all. Whose turn it is concerns all, in any case."""
    order = TaskOrder(project.task_order)
    only = "true" if tasks is None or order == TaskOrder.STRATIFIED else "task.id = ANY(%(tasks)s)"
    turns = TURNS.get(order, NO_TURNS).format(only=only)
    statement = ARRANGE.format(place=PLACES[order], turns=turns, only=only)
    with connection.cursor() as cursor:
        ids = [task.pk for task in tasks or []]
        cursor.execute(statement, {"project": project.pk, "tasks": ids, "front": FRONT})


def add_seats(task: Task, n: int) -> None:
    """More places at a task. The caller holds the lock of the task, or made it."""
    Seat.objects.bulk_create(
        Seat(project_id=task.project_id, task=task, place=task.pk, for_evaluation=task.is_for_evaluation)
        for _n in range(n)
    )
    arrange(Project(pk=task.project_id, task_order=task.project.task_order), [task])
