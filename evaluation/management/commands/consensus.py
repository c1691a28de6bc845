from argparse import ArgumentParser
from typing import Any

from evaluation.agreement.consensus import consensus
from labeling.console import ConcordCommand, Result, add_project, project_at


class Command(ConcordCommand):
    help = "What annotators say together: a ranking of each task's responses, and an answer to each flag."

    def arguments(self, parser: ArgumentParser) -> None:
        add_project(parser)
        parser.add_argument("--question", help="only this question, or this flag of it")

    def work(self, **options: Any) -> Result:
        project = project_at(options["project"])
        found = consensus(project=project, question=options["question"])
        return {"project": project.slug, "flags": found.flags, "rows": found.rows}

    def tell(self, result: Result) -> str:
        lines = [*map(flag_text, result["flags"]), *map(row_text, result["rows"])]
        return "\n".join([f"Consensus in {result['project']}", *lines])


def flag_text(flag: dict[str, Any]) -> str:
    if flag["undefined"]:
        return f"{flag['question']}: no probabilities: {flag['undefined']}"
    people = "".join(
        f"\n  {one['annotator']}: wrong yes {percent(one['wrong_yes'])}, wrong no {percent(one['wrong_no'])}"
        for one in flag["annotators"]
    )
    converged = "" if flag["converged"] else " (not converged)"
    return f"{flag['question']}: right of {percent(flag['prevalence'])} of the responses{converged}{people}"


def row_text(row: dict[str, Any]) -> str:
    if "ranking" in row:
        said = [f"{one['rank']}. {one['endpoint']}" for one in row["ranking"]]
    else:
        said = [f"{one['endpoint']}: {one['majority'] or 'no majority'}" for one in row["responses"]]
    return f"task {row['task']:<8} {row['question']:<28} {', '.join(said)}"


def percent(share: float | None) -> str:
    return "–" if share is None else f"{share:.1%}"
