"""How the labeling of a project goes: what was done when and by whom, and when the rest will be."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import numpy as np
from django.utils import timezone

from evaluation.progress.read import Labeled, Seats, Times, read_labeled, read_seats
from evaluation.reports import SEED
from evaluation.stats.intervals import Rows
from evaluation.stats.throughput import RECENT, WEEK, Forecast, Spread, Work, forecast, spread, totals
from labeling.people.models import User
from labeling.projects.models import Project

HOUR = 3600


@dataclass(frozen=True)
class Period:
    """A day or a week of work."""

    start: date
    labels: int
    filled: int
    """Of the labels, how many filled a seat that counts."""
    people: int
    seconds: float

    @property
    def hours(self) -> float:
        return self.seconds / HOUR


@dataclass(frozen=True)
class Person:
    """What somebody did; their labels are all they submitted at work, gold and surplus ones included."""

    user: int
    name: str
    is_member: bool
    """Removed ones are; the site admin need not be."""
    today: int
    week: int
    """In the seven days before today."""
    labels: int
    seconds: float
    times: Spread
    last: datetime
    recent: tuple[int, ...]
    """Labels on each of the last RECENT days, today the last."""

    @property
    def hours(self) -> float:
        return self.seconds / HOUR


@dataclass(frozen=True)
class Progress:
    today: date
    seats: Seats
    imported: int
    """Of the seats that are filled, how many with imported labels."""
    days: Sequence[Period]
    """From the first to today."""
    weeks: Sequence[Period]
    """From Mondays, the present one the last."""
    people: Sequence[Person]
    """Those first who labeled most in the last week, then in all."""
    work: Work
    times: Times
    spread: Spread
    """Of the active time of labels when they were submitted first."""
    forecast: Forecast

    @property
    def hours(self) -> float:
        """Of active time, on labels and their revisions."""
        return sum(person.hours for person in self.people)

    @property
    def hours_left(self) -> float | None:
        """That filling the seats left takes, if labels take as long as they did."""
        return None if self.spread.mean is None else self.seats.left * self.spread.mean / HOUR

    @property
    def a_day(self) -> float | None:
        """Seats filled, in the mean of the last seven days before today, or of as many as there are."""
        return mean_of(self.days[-1 - WEEK : -1])

    @property
    def a_day_before(self) -> float | None:
        """The same of the week before that."""
        return mean_of(self.days[-1 - 2 * WEEK : -1 - WEEK])

    @property
    def finish(self) -> date | None:
        return self.in_days(self.forecast.days)

    @property
    def earliest(self) -> date | None:
        return self.in_days(self.forecast.low)

    @property
    def latest(self) -> date | None:
        return self.in_days(self.forecast.high)

    def in_days(self, days: int | None) -> date | None:
        return None if days is None else self.today + timedelta(days=days)


def mean_of(days: Sequence[Period]) -> float | None:
    return sum(day.filled for day in days) / len(days) if days else None


def measure(project: Project, *, seed: int = SEED) -> Progress:
    """As it is now; days begin at midnight in the zone of the settings."""
    seats, labeled = read_seats(project), read_labeled(project)
    work, today = labeled.work, timezone.localdate()
    days = periods(work, today, length=1)
    filled = np.array([day.filled for day in days], dtype=np.intp)
    return Progress(
        today=today,
        seats=seats,
        imported=max(0, seats.filled - int(filled.sum())),  # somebody may have submitted between the two readings
        days=days,
        weeks=periods(work, today, length=WEEK),
        people=people_of(project, labeled, today),
        work=work,
        times=labeled.times,
        spread=spread(labeled.times.seconds, labeled.times.labels),
        forecast=forecast(filled[:-1], so_far=int(filled[-1]), left=seats.left, seed=seed),
    )


def periods(work: Work, today: date, *, length: int) -> list[Period]:
    """Of as many days, from the one with the first label to the one that today is in."""
    numbers = (np.append(work.day, today.toordinal()) - 1) // length
    first = int(numbers.min())
    found = totals(work, numbers[:-1] - first, int(numbers.max()) - first + 1)
    columns = (found.labels, found.filled, found.people, found.seconds)
    return [
        Period(date.fromordinal((first + place) * length + 1), *row)
        for place, row in enumerate(zip(*(column.tolist() for column in columns), strict=True))
    ]


def people_of(project: Project, labeled: Labeled, today: date) -> list[Person]:
    work = labeled.work
    users, number = np.unique(work.person, return_inverse=True)
    found = totals(work, number, users.size)
    recent = recent_days(work, number, users.size, today)
    names = dict(User.objects.filter(pk__in=users.tolist()).values_list("pk", "username"))
    members = set(project.memberships.filter(user__in=names).values_list("user", flat=True))
    people = []
    for place, user in enumerate(users.tolist()):
        times = labeled.times.of(user)
        person = Person(
            user=user,
            name=names[user],
            is_member=user in members,
            today=int(recent[place, -1]),
            week=int(recent[place, -1 - WEEK : -1].sum()),
            labels=int(found.labels[place]),
            seconds=float(found.seconds[place]),
            times=spread(times.seconds, times.labels),
            last=labeled.last[user],
            recent=tuple(recent[place].tolist()),
        )
        people.append(person)
    return sorted(people, key=lambda person: (-person.week, -person.labels, person.name))


def recent_days(work: Work, number: Rows, n_people: int, today: date) -> Rows:
    """(n_people, RECENT): labels on each of the last days."""
    ago = today.toordinal() - work.day
    is_recent = ago < RECENT
    found = np.zeros((n_people, RECENT), dtype=np.intp)
    found[number[is_recent], -1 - ago[is_recent]] = work.labels[is_recent]
    return found
