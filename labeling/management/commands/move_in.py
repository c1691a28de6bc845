from argparse import ArgumentParser
from contextlib import ExitStack
from pathlib import Path
from typing import IO, Any

from labeling.collection.moving.move_in import move_in, reported
from labeling.collection.moving.open_source import open_source
from labeling.collection.moving.shape import Tool
from labeling.collection.moving.survey import survey
from labeling.console import ConcordCommand, Result, progress
from labeling.errors import Refused


class Command(ConcordCommand):
    help = "Move a project of Label Studio or Argilla here: questions, tasks, annotations, people, known answers."

    def arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", metavar="FILE", help="an export, or a folder that Argilla wrote (docs/formats.md)")
        parser.add_argument("--from", required=True, dest="tool", choices=Tool.values, help="where it is from")
        parser.add_argument("--project", required=True, metavar="SLUG", help="a new address, or an earlier move's")
        parser.add_argument("--name", default="", help="what people call it (default: its slug)")
        parser.add_argument("--config", metavar="XML", help="Label Studio's labeling configuration")
        parser.add_argument("--prompt", default="", metavar="KEY[,KEY…]", help="the fields that are the prompt")
        parser.add_argument("--responses", default="", metavar="KEY[,KEY…]", help="the fields that are responses")

    def work(self, **options: Any) -> Result:
        with ExitStack() as files:
            place = Path(options["file"])
            source = open_source(
                Tool(options["tool"]),
                place if place.is_dir() and options["tool"] == Tool.ARGILLA else files.enter_context(opened(place)),
                place.name,
                config=files.enter_context(opened(Path(options["config"]))).read() if options["config"] else None,
                prompt=keys_in(options["prompt"]),
                responses=keys_in(options["responses"]),
            )
            found = survey(source)
            with progress(total=found.tasks, unit="task") as advance:
                moved = move_in(found=found, slug=options["project"], name=options["name"], progress=advance)
        self.said = moved.sentence()
        asked = [{"name": one.name, "kind": one.kind, "title": one.title} for one in found.questions]
        return {**reported(moved), "questions": asked}

    def tell(self, result: Result) -> str:
        asked = ", ".join(f"{one['name']} ({one['kind']})" for one in result["questions"])
        lines = [f"{result['project']}: {self.said}", f"Questions: {asked}."]
        lines += [f"Without a counterpart: {one['what']}, {one['n']}: {one['why']}." for one in result["left_out"]]
        return "\n".join(lines)


def opened(file: Path) -> IO[bytes]:
    """Raises Refused."""
    try:
        return file.open("rb")
    except OSError as wrong:
        raise Refused(f"{file}: {wrong.strerror}.") from wrong


def keys_in(text: str) -> list[str]:
    return [key.strip() for key in text.split(",") if key.strip()]
