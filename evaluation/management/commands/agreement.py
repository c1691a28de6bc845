from argparse import ArgumentParser
from typing import Any

from evaluation.agreement.plain import plain_agreement
from evaluation.asked import SCOPE, add_scope
from evaluation.reports import SEED
from evaluation.slices import BY
from evaluation.stats.agreement import STATISTICS
from evaluation.stats.labels import LEVELS
from labeling.console import ConcordCommand, Result, add_project, project_at


class Command(ConcordCommand):
    help = "How much annotators agree, with 95 % intervals from resampling prompts."

    def arguments(self, parser: ArgumentParser) -> None:
        add_project(parser)
        parser.add_argument("--question", help="only this question, or this flag of it")
        parser.add_argument("--statistic", choices=list(STATISTICS), help="only this statistic")
        parser.add_argument(
            "--level",
            choices=LEVELS,
            help="level of measurement (default: ordinal for scales, else nominal)",
        )
        parser.add_argument("--by", choices=BY, help="also by parts of the prompts, by endpoint, or by week")
        add_scope(parser)
        parser.add_argument("--seed", type=int, default=SEED, help="of the resampling (default: %(default)s)")

    def work(self, **options: Any) -> Result:
        names = ["question", "statistic", "level", "by", *SCOPE, "seed"]
        return plain_agreement(project_at(options["project"]), **{name: options[name] for name in names})

    def tell(self, result: Result) -> str:
        return "\n".join([f"Agreement in {result['project']}", *map(row_text, result["rows"])])


def row_text(row: dict[str, Any]) -> str:
    value = "undefined: " + row["undefined"] if row["value"] is None else f"{row['value']:.3f}"
    interval = f" [{row['low']:.3f}, {row['high']:.3f}]" if row["low"] is not None else ""
    about = " ".join([*([] if row["part"] is None else [row["part"] or "unknown"]), *row["annotators"]])
    return f"{row['question']:<28} {row['statistic']:<24} {row['level']:<9} {value}{interval} {about}".rstrip()
