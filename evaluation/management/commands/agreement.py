from argparse import ArgumentParser
from typing import Any

from evaluation.agreement.measure import majorities, measure, numbers
from evaluation.asked import SCOPE, add_scope, scope_of
from evaluation.comparisons import read
from evaluation.reports import SEED
from evaluation.slices import BY
from evaluation.stats.agreement import STATISTICS
from labeling.console import ConcordCommand, Result, add_project, project_at
from labeling.errors import Refused
from labeling.people.models import User


class Command(ConcordCommand):
    help = "How much annotators agree, with 95 % intervals from resampling prompts."

    def arguments(self, parser: ArgumentParser) -> None:
        add_project(parser)
        parser.add_argument("--question", help="only this question, or this flag of it")
        parser.add_argument("--statistic", choices=list(STATISTICS), help="only this statistic")
        parser.add_argument(
            "--level",
            choices=["nominal", "ordinal", "interval", "ratio"],
            help="level of measurement (default: ordinal for scales, else nominal)",
        )
        parser.add_argument("--by", choices=BY, help="also by parts of the prompts, by endpoint, or by week")
        add_scope(parser)
        parser.add_argument("--seed", type=int, default=SEED, help="of the resampling (default: %(default)s)")

    def work(self, **options: Any) -> Result:
        project = project_at(options["project"])
        said = read(project, scope=scope_of(project, **{name: options[name] for name in SCOPE}))
        if options["question"] and not said.named(options["question"]):
            known = ", ".join(measure.name for measure in said.measures) or "none yet"
            raise Refused(f"Nobody has answered a question “{options['question']}”. Answered are: {known}.")
        figures = measure(said, **{name: options[name] for name in ["question", "statistic", "level", "by", "seed"]})
        names = dict(User.objects.filter(pk__in=said.annotators).values_list("pk", "username"))
        rows = [
            {
                **numbers(figure),
                "annotators": [names[said.annotators[number]] for number in figure.agreement.annotators or ()],
            }
            for figure in figures
        ]
        return {"project": project.slug, "rows": rows, "majority": majorities(said)}

    def tell(self, result: Result) -> str:
        return "\n".join([f"Agreement in {result['project']}", *map(row_text, result["rows"])])


def row_text(row: dict[str, Any]) -> str:
    value = "undefined: " + row["undefined"] if row["value"] is None else f"{row['value']:.3f}"
    interval = f" [{row['low']:.3f}, {row['high']:.3f}]" if row["low"] is not None else ""
    about = " ".join([*([] if row["part"] is None else [row["part"] or "unknown"]), *row["annotators"]])
    return f"{row['question']:<28} {row['statistic']:<24} {row['level']:<9} {value}{interval} {about}".rstrip()
