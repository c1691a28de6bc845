from argparse import ArgumentParser
from typing import Any

from labeling.console import ConcordCommand, Result, add_project, project_at
from labeling.generation.add_endpoint import change_endpoint
from labeling.generation.start_run import endpoint_named
from labeling.management.endpoint_options import add_options, given


class Command(ConcordCommand):
    help = "Change how an endpoint is asked; what it is stays once it was asked."

    def arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", metavar="NAME", help="which endpoint")
        add_project(parser)
        add_options(parser)

    def work(self, **options: Any) -> Result:
        endpoint = endpoint_named(project_at(options["project"]), options["name"])
        change_endpoint(endpoint=endpoint, **given(options))
        return {"project": endpoint.project.slug, "endpoint": endpoint.name}

    def tell(self, result: Result) -> str:
        return f"Endpoint {result['endpoint']} of {result['project']} is changed."
