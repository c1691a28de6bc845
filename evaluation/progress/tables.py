"""What the page shows only the end of, as files for spreadsheets."""

import csv
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date

from django.utils import timezone
from django.utils.translation import gettext as _

from evaluation.charts.chart import Cell
from evaluation.progress.measure import HOUR, Progress
from labeling.spreadsheets import harmless

Rows = Iterator[Sequence[Cell]]


class Echo:
    """A file that hands back what is written to it."""

    def write(self, line: str) -> str:
        return line


def as_csv(rows: Iterable[Sequence[Cell]]) -> Iterator[str]:
    writer = csv.writer(Echo())
    return (writer.writerow([harmless(cell) for cell in row]) for row in rows)


def days(progress: Progress) -> Rows:
    yield [_("Day"), _("Labels"), _("Seats filled"), _("People"), _("Active hours")]
    for day in progress.days:
        yield [day.start.isoformat(), day.labels, day.filled, day.people, day.hours]


def people(progress: Progress) -> Rows:
    yield [
        *[_("Person"), _("Labels today"), _("Labels in the week before"), _("Labels in all"), _("Active hours")],
        *[_("Lower quartile, seconds"), _("Median, seconds"), _("Upper quartile, seconds"), _("Last label")],
    ]
    for one in progress.people:
        times = [one.times.lower, one.times.median, one.times.upper]
        last = timezone.localtime(one.last).isoformat(timespec="seconds")
        yield [one.name, one.today, one.week, one.labels, one.hours, *times, last]


def people_by_day(progress: Progress) -> Rows:
    yield [_("Day"), _("Person"), _("Labels"), _("Seats filled"), _("Active hours")]
    names = {person.user: person.name for person in progress.people}
    work = progress.work
    columns = (work.day, work.person, work.labels, work.filled, work.seconds)
    for day, person, labels, filled, seconds in zip(*(column.tolist() for column in columns), strict=True):
        yield [date.fromordinal(day).isoformat(), names[person], labels, filled, seconds / HOUR]


TABLES: dict[str, Callable[[Progress], Rows]] = {"days": days, "people": people, "people-by-day": people_by_day}
