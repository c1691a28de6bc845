from argparse import ArgumentParser
from typing import Any

from labeling.console import ConcordCommand, Result, add_project, project_at
from labeling.projects.add_member import add_member
from labeling.projects.roles import Role


class Command(ConcordCommand):
    help = "Bring somebody into a project, making them an account if they have none, or change their role."

    def arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", metavar="NAME", help="their user name")
        add_project(parser)
        parser.add_argument("--role", required=True, choices=Role.values, help="what they do in the project")

    def work(self, **options: Any) -> Result:
        project = project_at(options["project"])
        added = add_member(project=project, username=options["name"], role=Role(options["role"]))
        return {
            "project": project.slug,
            "user": options["name"],
            "role": options["role"],
            "password": added.password,
        }

    def tell(self, result: Result) -> str:
        said = f"{result['user']} is {result['role']} in {result['project']}."
        return said + (f" Password: {result['password']}" if result["password"] else "")
