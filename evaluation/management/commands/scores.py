from argparse import ArgumentParser
from typing import Any

from evaluation.asked import SCOPE, add_scope
from evaluation.reports import SEED
from evaluation.scores.plain import plain_scores
from evaluation.scores.score import SCORES
from evaluation.slices import BY
from labeling.console import ConcordCommand, Result, add_project, project_at


class Command(ConcordCommand):
    help = "How the endpoints fare by what people said, with 95 % intervals from resampling prompts."

    def arguments(self, parser: ArgumentParser) -> None:
        add_project(parser)
        parser.add_argument("--score", choices=SCORES, help="only this score")
        parser.add_argument("--question", help="only what answers to this question say")
        parser.add_argument("--baseline", metavar="NAME", help="win rates against this endpoint, not all others")
        parser.add_argument("--anchor", metavar="NAME", help="the endpoint whose rating is 1000, rather than the mean")
        parser.add_argument("--by", choices=BY, help="also by parts of the prompts, by endpoint, or by week")
        add_scope(parser)
        parser.add_argument("--seed", type=int, default=SEED, help="of the resampling (default: %(default)s)")

    def work(self, **options: Any) -> Result:
        names = ["score", "question", "baseline", "anchor", "by", *SCOPE, "seed"]
        return plain_scores(project_at(options["project"]), **{name: options[name] for name in names})

    def tell(self, result: Result) -> str:
        return "\n".join([f"Scores in {result['project']}", *map(row_text, result["rows"])])


def row_text(row: dict[str, Any]) -> str:
    value = "undefined: " + row["undefined"] if row["value"] is None else f"{row['value']:.3f}"
    interval = f" [{row['low']:.3f}, {row['high']:.3f}]" if row["low"] is not None else ""
    part = "" if row["part"] is None else f" {row['part'] or 'unknown'}"
    return f"{row['score']:<18} {row['endpoint']:<28} {value}{interval} n={row['n']}{part}"
