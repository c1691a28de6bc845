from argparse import ArgumentParser
from typing import Any

from labeling.console import ConcordCommand, Result
from labeling.projects.create_project import create_project
from labeling.projects.presets import Preset


class Command(ConcordCommand):
    help = "Set up a project with a preset of questions."

    def arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("slug", metavar="SLUG", help="its address: lower-case letters, digits and hyphens")
        parser.add_argument("--preset", required=True, choices=Preset.values, help="the questions it asks")
        parser.add_argument("--name", default="", help="what people call it (default: its slug)")
        parser.add_argument("--description", default="", help="what it is for")

    def work(self, **options: Any) -> Result:
        project = create_project(
            slug=options["slug"],
            preset=Preset(options["preset"]),
            name=options["name"],
            description=options["description"],
        )
        return {"project": project.slug, "name": project.name, "preset": options["preset"]}

    def tell(self, result: Result) -> str:
        return f"Project {result['project']} is set up."
