from argparse import ArgumentParser
from typing import Any

from evaluation.comparisons import read
from evaluation.enough.answer import USUAL_POWER, Needed, for_power, for_width
from evaluation.enough.report import content_of
from evaluation.stats.results import BEYOND_REACH
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
        names = [name for _pk, name in content["endpoints"]]
        wanted = {options[side] for side in ("first", "second")} - {None}
        if unknown := wanted - set(names):
            raise Refused(f"There is no endpoint “{min(unknown)}”. There are: {', '.join(names) or '–'}.")
        figures = [one for one in content["figures"] if options["score"] in (None, one["figure"])]
        if not figures:
            known = ", ".join(dict.fromkeys(one["figure"] for one in content["figures"])) or "none yet"
            raise Refused(f"Nothing is foreseen of “{options['score'] or 'any score'}”, but of: {known}.")
        rows = [
            {
                "score": one["figure"],
                "endpoint": None if one["endpoint"] is None else names[one["endpoint"]],
                "value": one["value"],
                "half_widths": one["half_widths"],
                **numbers(for_width(content, one, width) if width else None, one["undefined"]),
            }
            for one in figures
        ]
        pairs = []
        for one in content["pairs"]:
            sides = {side: names[one[side]] for side in ("first", "second")}
            if wanted <= set(sides.values()):
                needed = for_power(content, one, power)
                told = {name: one[name] for name in ("value", "low", "high", "apart", "powers")}
                why = one["undefined"] or (None if needed else BEYOND_REACH)
                pairs.append({"score": one["figure"], **sides, **told, **numbers(needed, why)})
        about = {name: content[name] for name in ("labels", "seconds", "per_day")}
        return {"project": project.slug, **about, "width": width, "power": power, "rows": rows, "pairs": pairs}

    def tell(self, result: Result) -> str:
        rows = [f"{row['score']:<24} {row['endpoint'] or '':<28} {said(row)}" for row in result["rows"]]
        pairs = [f"{row['first']} · {row['second']:<28} {said(row)}" for row in result["pairs"]]
        return "\n".join([f"{result['project']}: {result['labels']} labels", *rows, *pairs])


def numbers(needed: Needed | None, undefined: str | None) -> dict[str, Any]:
    """needed, more, hours, days: None where nothing is asked, or nothing is told."""
    return {
        "needed": needed and needed.labels,
        "more": needed and needed.more,
        "hours": needed and needed.hours,
        "days": needed and needed.days,
        "undefined": undefined,
    }


def said(row: dict[str, Any]) -> str:
    if row["undefined"]:
        return f"undefined: {row['undefined']}"
    if row["needed"] is None:
        return f"± {row['half_widths'][0]:.3g}"
    hours = "" if row["hours"] is None else f", {row['hours']:.1f} hours"
    return f"{row['more']} more labels{hours}"
