from argparse import ArgumentParser
from typing import Any

from labeling.console import ConcordCommand, Result, add_project, project_at
from labeling.generation.add_endpoint import add_endpoint
from labeling.generation.models import Provider
from labeling.management.endpoint_options import DEFAULTS, add_options, given


class Command(ConcordCommand):
    help = "Add a model that can be asked for responses, with how it is asked."

    def arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", metavar="NAME", help="what the endpoint is called in the project")
        add_project(parser)
        parser.add_argument(
            "--provider",
            choices=[Provider.LOCAL.value, Provider.OPENAI.value],
            default=Provider.LOCAL.value,
            help="a model on this machine, or any chat-completions server (default: %(default)s)",
        )
        parser.add_argument(
            "--model",
            required=True,
            help="a folder or a GGUF file of var/models, or a model hub's owner/name; or what the server calls it",
        )
        add_options(parser)

    def work(self, **options: Any) -> Result:
        project = project_at(options["project"])
        endpoint = add_endpoint(
            project=project,
            name=options["name"],
            provider=options["provider"],
            model=options["model"],
            **DEFAULTS | given(options),
        )
        return {"project": project.slug, "endpoint": endpoint.name, "model": endpoint.model}

    def tell(self, result: Result) -> str:
        return f"Endpoint {result['endpoint']} ({result['model']}) is added to {result['project']}."
