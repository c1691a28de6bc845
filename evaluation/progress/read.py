"""From the labels of a project to arrays, counted in PostgreSQL: a row for each person and day, and person and time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from django.db import connection, transaction
from django.db.models import Count, Q
from django.utils import timezone

from evaluation.stats.intervals import Rows
from evaluation.stats.throughput import Work
from labeling.assignment.models import Seat, SeatKind
from labeling.collection.models import Origin
from labeling.projects.models import Project

SETTINGS = "SELECT set_config('TimeZone', %(zone)s, true), set_config('work_mem', '64MB', true)"
"""Until the transaction ends: the zone in which a moment is on a day, which is faster than to name it for every label; and
room to join both tables in memory."""

COUNT = """
SELECT said.submitted_at::date - date '0001-01-01' + 1 AS day, seat.holder_id AS person,
    said.active_ms / 1000 AS seconds, count(*) FILTER (WHERE said.revision = 1) AS labels,
    count(*) FILTER (WHERE said.revision = 1 AND seat.kind = 'counted') AS filled,
    COALESCE(sum(said.active_ms), 0) / 1000.0 AS active, max(said.submitted_at) AS last
FROM labeling_annotation AS said JOIN labeling_seat AS seat ON seat.id = said.seat_id
WHERE seat.project_id = %(project)s AND seat.submitted_at IS NOT NULL AND seat.kind NOT IN ('exam', 'decision')
    AND said.origin = %(screen)s
GROUP BY GROUPING SETS ((day, person), (person, seconds))
"""
"""A label's time is that of its first submission, in whole seconds, as browsers count it. Both groupings come from one
scan: of hundreds of thousands of labels, that takes most of the time in which the page opens."""


@dataclass(frozen=True)
class Times:
    """Of labels, by person and seconds; all arrays (n,)."""

    person: Rows
    seconds: Rows
    labels: Rows

    def of(self, person: int) -> "Times":
        theirs = self.person == person
        return Times(self.person[theirs], self.seconds[theirs], self.labels[theirs])


@dataclass(frozen=True)
class Labeled:
    """What was labeled here, without what was imported: that has no active time, and its dates are others'."""

    work: Work
    times: Times
    last: dict[int, datetime]
    """When each person last submitted something."""


@dataclass(frozen=True)
class Seats:
    """The queue by state."""

    free: int
    leased: int
    filled: int
    returned: int
    """Of the filled ones, how many were given back to be answered again."""
    surplus: int
    gold: int
    """Answered; like surplus ones they are beside the N of a task."""

    @property
    def left(self) -> int:
        return self.free + self.leased

    @property
    def wanted(self) -> int:
        return self.left + self.filled

    @property
    def share(self) -> float | None:
        """Of the wanted ones that are filled."""
        return self.filled / self.wanted if self.wanted else None


def read_labeled(project: Project) -> Labeled:
    with transaction.atomic(durable=True), connection.cursor() as cursor:
        cursor.execute(SETTINGS, {"zone": timezone.get_current_timezone_name()})
        cursor.execute(COUNT, {"project": project.pk, "screen": Origin.SCREEN})
        rows = cursor.fetchall()
    days = [row for row in rows if row[0] is not None]
    times = [
        (person, seconds, labels)
        for day, person, seconds, labels, *_rest in rows
        if day is None and seconds is not None
    ]
    day, person, labels, filled = columns([(row[0], row[1], row[3], row[4]) for row in days], 4)
    work = Work(day, person, labels, filled, np.array([row[5] for row in days], dtype=np.float64))
    last: dict[int, datetime] = {}
    for row in days:
        last[row[1]] = max(row[6], last.get(row[1], row[6]))
    return Labeled(work, Times(*columns(times, 3)), last)


def columns(rows: Sequence[tuple[int, ...]], width: int) -> Rows:
    """(width, n)"""
    return np.array(rows, dtype=np.intp).reshape(-1, width).T


def read_seats(project: Project) -> Seats:
    counted, filled = Q(kind=SeatKind.COUNTED), Q(submitted_at__isnull=False)
    leased = Q(leased_until__gte=timezone.now())
    found = Seat.objects.filter(project=project).aggregate(
        n_counted=Count("pk", filter=counted),
        leased=Count("pk", filter=counted & leased),
        filled=Count("pk", filter=counted & filled),
        returned=Count("pk", filter=counted & Q(returned_at__isnull=False)),
        surplus=Count("pk", filter=Q(kind=SeatKind.SURPLUS)),
        gold=Count("pk", filter=Q(kind=SeatKind.GOLD) & filled),
    )
    free = found.pop("n_counted") - found["leased"] - found["filled"]
    return Seats(free=free, **found)
