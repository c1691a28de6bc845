from argparse import ArgumentParser
from typing import Any

from evaluation.agreement.measure import majorities, measure, numbers
from evaluation.comparisons import read
from evaluation.reports import SEED
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
            choices=["nominal", "ordinal", "interval"],
            help="level of measurement (default: ordinal for scales, else nominal)",
        )
        parser.add_argument("--seed", type=int, default=SEED, help="of the resampling (default: %(default)s)")

    def work(self, **options: Any) -> Result:
        project = project_at(options["project"])
        said = read(project)
        if options["question"] and not said.named(options["question"]):
            known = ", ".join(measure.name for measure in said.measures) or "none yet"
            raise Refused(f"Nobody has answered a question “{options['question']}”. Answered are: {known}.")
        figures = measure(
            said,
            question=options["question"],
            statistic=options["statistic"],
            level=options["level"],
            seed=options["seed"],
        )
        names = dict(User.objects.filter(pk__in=said.annotators).values_list("pk", "username"))
        rows = [
            {
                **numbers(one, figure),
                "annotators": [names[said.annotators[number]] for number in figure.annotators or ()],
            }
            for one, figure in figures
        ]
        return {"project": project.slug, "rows": rows, "majority": majorities(said)}

    def tell(self, result: Result) -> str:
        return "\n".join([f"Agreement in {result['project']}", *map(row_text, result["rows"])])


def row_text(row: dict[str, Any]) -> str:
    value = "undefined: " + row["undefined"] if row["value"] is None else f"{row['value']:.3f}"
    interval = f" [{row['low']:.3f}, {row['high']:.3f}]" if row["low"] is not None else ""
    people = " ".join(row["annotators"])
    return f"{row['question']:<28} {row['statistic']:<24} {row['level']:<9} {value}{interval} {people}".rstrip()
