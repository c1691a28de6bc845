"""From counted labels and seats to arrays and numbers."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np
from django.db.models import Count, Q
from django.utils import timezone
from numpy.typing import NDArray

from evaluation.progress.count import counted
from evaluation.stats.intervals import Rows, Values
from evaluation.stats.throughput import Work
from labeling.assignment.models import Seat, SeatKind
from labeling.projects.models import Project


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
    rows = counted(project)
    days = np.array([row[:2] + row[3:] for row in rows if row[0] is not None], dtype=np.float64).reshape(-1, 6)
    times = np.array([row[1:4] for row in rows if row[2] is not None], dtype=np.intp).reshape(-1, 3)
    (day, person), (labels, filled, seconds) = summed(days[:, :2].astype(np.intp), days[:, 2:5])
    work = Work(day, person, labels.astype(np.intp), filled.astype(np.intp), seconds)
    (by, took), (n,) = summed(times[:, :2], times[:, 2:])
    last = {int(row[1]): row[5] for row in days[np.argsort(days[:, 5], kind="stable")]}
    return Labeled(work, Times(by, took, n.astype(np.intp)), {one: moment_of(at) for one, at in last.items()})


def summed(keys: Rows, values: NDArray[Any]) -> tuple[Rows, Values]:
    """The m distinct rows of keys (n, k) as columns (k, m), and the sums of values (n, v) over each of them (v, m)."""
    distinct, number = np.unique(keys, axis=0, return_inverse=True)
    sums = [np.bincount(number.ravel(), weights=column, minlength=len(distinct)) for column in values.T]
    return distinct.T, np.array(sums, dtype=np.float64)


def moment_of(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


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
