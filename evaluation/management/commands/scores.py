from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from evaluation.comparisons import read
from evaluation.reports import SEED
from evaluation.scores.score import SCORES, score
from labeling.console import ConcordCommand, Result, add_project, project_at
from labeling.errors import Refused


class Command(ConcordCommand):
    help = "How the endpoints fare by what people said, with 95 % intervals from resampling prompts."

    def arguments(self, parser: ArgumentParser) -> None:
        add_project(parser)
        parser.add_argument("--score", choices=SCORES, help="only this score")
        parser.add_argument("--baseline", metavar="NAME", help="win rates against this endpoint, not all others")
        parser.add_argument("--seed", type=int, default=SEED, help="of the resampling (default: %(default)s)")

    def work(self, **options: Any) -> Result:
        project = project_at(options["project"])
        names: dict[int, str] = dict(project.endpoints.values_list("pk", "name"))
        baseline = baseline_id(names, options["baseline"])
        said = read(project, decided=True)
        figures = score(said, only=options["score"], baseline=baseline, seed=options["seed"])
        rows = [
            {"endpoint": names[said.endpoints[endpoint]], "score": name, **asdict(one)}
            for name, endpoint, one in figures
        ]
        return {"project": project.slug, "rows": rows}

    def tell(self, result: Result) -> str:
        return "\n".join([f"Scores in {result['project']}", *map(row_text, result["rows"])])


def baseline_id(names: dict[int, str], asked: str | None) -> int | None:
    """Raises Refused for a name that is not among `names`."""
    if asked is None:
        return None
    for pk, name in names.items():
        if name == asked:
            return pk
    raise Refused(f"There is no endpoint “{asked}”. There are: {', '.join(names.values()) or 'none'}.")


def row_text(row: dict[str, Any]) -> str:
    value = "undefined: " + row["undefined"] if row["value"] is None else f"{row['value']:.3f}"
    interval = f" [{row['low']:.3f}, {row['high']:.3f}]" if row["low"] is not None else ""
    return f"{row['score']:<18} {row['endpoint']:<28} {value}{interval} n={row['n']}"
