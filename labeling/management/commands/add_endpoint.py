from argparse import ArgumentParser
from typing import Any

from labeling.console import ConcordCommand, Result, add_project, project_at
from labeling.generation.add_endpoint import add_endpoint


class Command(ConcordCommand):
    help = "Add a model that can be asked for responses, with its sampling settings."

    def arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", metavar="NAME", help="what the endpoint is called in the project")
        add_project(parser)
        parser.add_argument("--model", required=True, help="a folder of var/models, or a model hub's owner/name")
        parser.add_argument("--temperature", type=float, default=1.0, help="0 is greedy (default: %(default)s)")
        parser.add_argument("--top-p", type=float, default=1.0, help="in (0, 1] (default: %(default)s)")
        parser.add_argument("--max-new-tokens", type=int, default=256, help="default: %(default)s")

    def work(self, **options: Any) -> Result:
        project = project_at(options["project"])
        endpoint = add_endpoint(
            project=project,
            name=options["name"],
            model=options["model"],
            temperature=options["temperature"],
            top_p=options["top_p"],
            max_new_tokens=options["max_new_tokens"],
        )
        return {"project": project.slug, "endpoint": endpoint.name, "model": endpoint.model}

    def tell(self, result: Result) -> str:
        return f"Endpoint {result['endpoint']} ({result['model']}) is added to {result['project']}."
