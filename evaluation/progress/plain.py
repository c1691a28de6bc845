"""Progress in plain values, as commands print it and programs are told it."""

from dataclasses import asdict
from typing import Any

from evaluation.progress.measure import Period, Person, measure
from evaluation.reports import SEED
from labeling.projects.models import Project


def plain_progress(project: Project, *, seed: int = SEED) -> dict[str, Any]:
    """As it is now. seed: of the forecast."""
    found = measure(project, seed=seed)
    return {
        "project": project.slug,
        "today": found.today.isoformat(),
        "seats": {**asdict(found.seats), "left": found.seats.left, "imported": found.imported},
        "a_day": found.a_day,
        "hours": found.hours,
        "hours_left": found.hours_left,
        "seconds_a_label": asdict(found.spread),
        "forecast": {
            "day": found.finish and found.finish.isoformat(),
            "low": found.earliest and found.earliest.isoformat(),
            "high": found.latest and found.latest.isoformat(),
            "undefined": found.forecast.undefined,
            "n_days": found.forecast.n_days,
            "seed": found.forecast.seed,
        },
        "days": [period_row(day) for day in found.days],
        "weeks": [period_row(week) for week in found.weeks],
        "people": [person_row(person) for person in found.people],
    }


def period_row(period: Period) -> dict[str, Any]:
    return {
        "start": period.start.isoformat(),
        "labels": period.labels,
        "filled": period.filled,
        "people": period.people,
        "hours": period.hours,
    }


def person_row(person: Person) -> dict[str, Any]:
    return {
        "name": person.name,
        "today": person.today,
        "week": person.week,
        "labels": person.labels,
        "hours": person.hours,
        "seconds_a_label": asdict(person.times),
        "last": person.last.isoformat(),
    }
