from argparse import ArgumentParser
from typing import Any

from evaluation.progress.plain import plain_progress
from evaluation.reports import SEED
from labeling.console import ConcordCommand, Result, add_project, project_at


class Command(ConcordCommand):
    help = "How the labeling goes: seats, labels a day and a person, active time, and when the rest will be filled."

    def arguments(self, parser: ArgumentParser) -> None:
        add_project(parser)
        parser.add_argument("--seed", type=int, default=SEED, help="of the forecast (default: %(default)s)")

    def work(self, **options: Any) -> Result:
        return plain_progress(project_at(options["project"]), seed=options["seed"])

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
