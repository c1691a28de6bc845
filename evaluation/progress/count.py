"""Count the labels of a project in PostgreSQL: a row for each person and day, and for each person and time."""

from django.db import connection, transaction
from django.utils import timezone

from evaluation.progress.models import Tally
from labeling.collection.models import Origin
from labeling.projects.models import Project

Row = tuple[int | None, int, int | None, int, int, float, float]
"""Day, person, seconds; labels, those of them that filled a seat that counts, active seconds, and when the last came.

A row is of a day or of a time in seconds: the other is None. Day 1 is a Monday, moments are seconds since 1970.
"""

SETTINGS = "SELECT set_config('TimeZone', %(zone)s, true), set_config('work_mem', '64MB', true)"
"""Until the transaction ends: the zone in which days begin, which is faster than to name it for every label; and room
to join both tables in memory."""

COUNT = """
SELECT said.submitted_at::date - date '0001-01-01' + 1 AS day, seat.holder_id AS person,
    said.active_ms / 1000 AS seconds, count(*) FILTER (WHERE said.revision = 1) AS labels,
    count(*) FILTER (WHERE said.revision = 1 AND seat.kind = 'counted') AS filled,
    COALESCE(sum(said.active_ms), 0)::float8 / 1000 AS active,
    extract(epoch FROM max(said.submitted_at))::float8 AS last
FROM labeling_annotation AS said JOIN labeling_seat AS seat ON seat.id = said.seat_id
WHERE seat.project_id = %(project)s AND seat.submitted_at IS NOT NULL AND seat.kind NOT IN ('exam', 'decision')
    AND said.origin = %(screen)s AND said.id > %(after)s AND said.id <= %(until)s
GROUP BY GROUPING SETS ((day, person), (person, seconds))
"""
"""A label's time is that of its first submission, in whole seconds, as browsers count it."""

LAST_POSSIBLE = 2**63 - 1


def counted(project: Project) -> list[Row]:
    """Of all labels: those that a tally has, and those since. Groups may come twice, once of each."""
    zone = timezone.get_current_timezone_name()
    tally = Tally.objects.filter(project=project, zone=zone).first()
    if tally is None:
        return count(project, zone)
    return [*tally.rows, *count(project, zone, after=tally.last_annotation)]


def count(project: Project, zone: str, *, after: int = 0, until: int = LAST_POSSIBLE) -> list[Row]:
    """Of the annotations with a greater id than `after`, and none greater than `until`."""
    values: dict[str, int | str] = {"project": project.pk, "screen": Origin.SCREEN, "after": after, "until": until}
    with transaction.atomic(durable=True), connection.cursor() as cursor:
        cursor.execute(SETTINGS, {"zone": zone})
        cursor.execute(COUNT, values)
        rows: list[Row] = cursor.fetchall()
        return rows
