from argparse import SUPPRESS, ArgumentParser, BooleanOptionalAction
from collections.abc import Collection
from dataclasses import asdict
from pathlib import Path
from typing import Any

from evaluation.datasets import recipe as choices
from evaluation.datasets.formats import FORMATS
from evaluation.datasets.reading import one_moment
from evaluation.datasets.recipe import DEFAULTS, recipe_of
from evaluation.datasets.write import write_dataset
from evaluation.datasets.written import LEFT_OUT
from labeling.console import ConcordCommand, Result, add_project, project_at

FILES = ["parquet", "jsonl", "csv"]

ONE_OF: dict[str, tuple[Collection[str], str]] = {
    "file_format": (FILES, "what files hold the rows; csv for judgments only"),
    "combine": (choices.COMBINE, "how the annotators of a task become one outcome"),
    "pairs": (choices.PAIRS, "which pairs of a task's responses"),
    "ties": (choices.TIES, "what becomes of ties"),
    "margin": (["strength", "score"], "add a margin: how strongly one was preferred, or the difference of ratings"),
    "desirable": (choices.DESIRABLE, "which responses are desirable (trl-kto)"),
    "flags_by": (choices.FLAGS_BY, "when a flag counts"),
}
VALUES = {
    "scale": (str, "QUESTION", "the question whose ratings are scores"),
    "min_annotators": (int, "N", "only tasks that so many people labeled"),
    "min_agreement": (float, "SHARE", "only outcomes on which this share of the annotators agree, 0 to 1"),
    "validation": (float, "SHARE", "share of the validation split"),
    "test": (float, "SHARE", "share of the test split"),
    "license": (str, "NAME", "as hubs name licenses, such as cc-by-4.0"),
    "seed": (int, "N", "of the splits"),
}
LISTS: dict[str, tuple[Collection[str], str]] = {
    "texts": (choices.TEXTS, "what is an answer to learn from"),
    "without_flags": ((), "leave out answers with one of these flags"),
}
SWITCHES = {
    "refinements": "an edited response as a pair with what it was",
    "decided_only": "only what a reviewer decided",
    "gold": "labels of tasks with known answers",
    "surplus": "labels that came when a task had enough",
    "paused": "labels of annotators who are paused or removed",
    "evaluation": "labels for evaluations only; their prompts are in the test split",
    "by_use_case": "a configuration for each use case",
}


class Command(ConcordCommand):
    help = "Write the labels as a folder that datasets.load_dataset reads."

    def arguments(self, parser: ArgumentParser) -> None:
        add_project(parser)
        parser.add_argument("--format", required=True, choices=list(FORMATS), help="what a row looks like")
        parser.add_argument("--out", required=True, metavar="DIR", type=Path, help="a new or empty folder")
        for name, (known, told) in ONE_OF.items():
            parser.add_argument(option(name), default=SUPPRESS, choices=list(known), help=told)
        for name, (kind, metavar, told) in VALUES.items():
            parser.add_argument(option(name), default=SUPPRESS, type=kind, metavar=metavar, help=told)
        for name, (known, told) in LISTS.items():
            several = {"choices": list(known)} if known else {"metavar": "NAME"}
            parser.add_argument(option(name), default=SUPPRESS, nargs="+", help=told, **several)
        for name, told in SWITCHES.items():
            parser.add_argument(option(name), default=SUPPRESS, action=BooleanOptionalAction, help=told)

    def work(self, **options: Any) -> Result:
        project = project_at(options["project"])
        recipe = recipe_of({name: value for name, value in options.items() if name in DEFAULTS})
        with one_moment():
            written = write_dataset(project=project, recipe=recipe, out=options["out"])
        told = {"rows": written.rows, **asdict(written)}
        return {"project": project.slug, "format": recipe.format, "out": str(options["out"]), **told}

    def tell(self, result: Result) -> str:
        rows = ", ".join(f"{split} {n}" for split, n in result["rows"].items())
        out = ", ".join(f"{LEFT_OUT[reason]} {n}" for reason, n in result["left_out"].items() if n) or "nothing"
        return f"{result['out']}: {rows} rows of {result['prompts']} prompts; left out: {out}."


def option(name: str) -> str:
    return f"--{name.replace('_', '-')}"
