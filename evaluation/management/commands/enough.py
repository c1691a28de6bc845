from argparse import ArgumentParser
from typing import Any

from evaluation.comparisons import read
from evaluation.enough.answer import USUAL_POWER
from evaluation.enough.plain import plain_enough
from evaluation.enough.report import content_of
from labeling.console import ConcordCommand, Result, add_project, project_at
from labeling.errors import Refused


class Command(ConcordCommand):
    help = "How many more labels would narrow a figure's interval to ± WIDTH, or tell two endpoints apart."

    def arguments(self, parser: ArgumentParser) -> None:
        add_project(parser)
        parser.add_argument("--score", metavar="NAME", help="only this score, or statistic of agreement")
        parser.add_argument("--width", type=float, help="half the width wanted, in the figure's own units: 0.03, or 20")
        parser.add_argument("--first", metavar="NAME", help="only pairs with this endpoint")
        parser.add_argument("--second", metavar="NAME", help="and this one")
        parser.add_argument(
            "--power", type=float, default=USUAL_POWER, help="probability of telling two apart (default: %(default)s)"
        )

    def work(self, **options: Any) -> Result:
        width, power = options["width"], options["power"]
        if width is not None and width <= 0:
            raise Refused("--width must be above 0.")
        if not 0 < power < 1:
            raise Refused("--power must be between 0 and 1.")
        project = project_at(options["project"])
        content = content_of(read(project), read(project, decided=True))
        names = ["score", "width", "first", "second", "power"]
        return {"project": project.slug, **plain_enough(content, **{name: options[name] for name in names})}

    def tell(self, result: Result) -> str:
        rows = [f"{row['score']:<24} {row['endpoint'] or '':<28} {said(row)}" for row in result["rows"]]
        pairs = [f"{row['first']} · {row['second']:<28} {said(row)}" for row in result["pairs"]]
        return "\n".join([f"{result['project']}: {result['labels']} labels", *rows, *pairs])


def said(row: dict[str, Any]) -> str:
    if row["undefined"]:
        return f"undefined: {row['undefined']}"
    if row["needed"] is None:
        return f"± {row['half_widths'][0]:.3g}"
    hours = "" if row["hours"] is None else f", {row['hours']:.1f} hours"
    return f"{row['more']} more labels{hours}"
