from argparse import ArgumentParser
from dataclasses import asdict
from pathlib import Path
from typing import Any

from evaluation.datasets.formats import FORMATS
from evaluation.datasets.write import one_moment, write_dataset
from labeling.console import ConcordCommand, Result, add_project, project_at


class Command(ConcordCommand):
    help = "Write the labels as a folder that datasets.load_dataset reads."

    def arguments(self, parser: ArgumentParser) -> None:
        add_project(parser)
        parser.add_argument("--format", required=True, choices=list(FORMATS), help="what a row looks like")
        parser.add_argument("--out", required=True, metavar="DIR", type=Path, help="a new or empty folder")

    def work(self, **options: Any) -> Result:
        project = project_at(options["project"])
        with one_moment():
            written = write_dataset(project=project, format=options["format"], out=options["out"])
        return {"project": project.slug, "format": options["format"], "out": str(options["out"]), **asdict(written)}

    def tell(self, result: Result) -> str:
        rows = ", ".join(f"{split} {n}" for split, n in result["rows"].items())
        return (
            f"{result['out']}: {rows} rows of {result['prompts']} prompts; "
            f"left out: {result['dropped_ties']} ties, {result['dropped_twins']} pairs of equal texts."
        )
