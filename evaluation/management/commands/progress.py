from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from evaluation.progress.measure import Period, Person, measure
from evaluation.reports import SEED
from labeling.console import ConcordCommand, Result, add_project, project_at


class Command(ConcordCommand):
    help = "How the labeling goes: seats, labels a day and a person, active time, and when the rest will be filled."

    def arguments(self, parser: ArgumentParser) -> None:
        add_project(parser)
        parser.add_argument("--seed", type=int, default=SEED, help="of the forecast (default: %(default)s)")

    def work(self, **options: Any) -> Result:
        project = project_at(options["project"])
        found = measure(project, seed=options["seed"])
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

    def tell(self, result: Result) -> str:
        seats, foreseen = result["seats"], result["forecast"]
        day, low, high = foreseen["day"], foreseen["low"], foreseen["high"] or "open"
        end = f"about {day} [{low}, {high}]" if day else f"undefined: {foreseen['undefined']}"
        lines = [
            f"Progress of {result['project']}",
            f"{seats['filled']} seats are filled, {seats['left']} are left; all filled: {end}",
            *(
                f"{one['name']:<28} today {one['today']}, before in 7 days {one['week']}, in all {one['labels']}"
                for one in result["people"]
            ),
        ]
        return "\n".join(lines)


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
