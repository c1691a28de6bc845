"""What Concord's commands have in common: --json, messages, exit codes (0 done, 1 refused, 2 wrong usage)."""

import json
from abc import ABC, abstractmethod
from argparse import ArgumentParser
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from tqdm import tqdm

from labeling.errors import Refused
from labeling.projects.models import Project

Result = dict[str, Any]


class ConcordCommand(BaseCommand, ABC):
    """A command that calls one verb. `work` returns what --json prints; `tell` says it in words."""

    requires_system_checks = []
    uses_database = True

    def add_arguments(self, parser: ArgumentParser) -> None:
        self.arguments(parser)
        parser.add_argument("--json", action="store_true", help="print the result as one JSON object")

    @abstractmethod
    def arguments(self, parser: ArgumentParser) -> None: ...

    @abstractmethod
    def work(self, **options: Any) -> Result: ...

    @abstractmethod
    def tell(self, result: Result) -> str: ...

    def handle(self, *args: Any, **options: Any) -> None:
        if self.uses_database:
            migrate_embedded()
        try:
            result = self.work(**options)
        except Refused as refused:
            raise CommandError(str(refused)) from refused
        for piece in as_json(result) if options["json"] else [self.tell(result)]:
            self.stdout.write(piece, ending="")
        self.stdout.write("")


def as_json(result: Result) -> Iterator[str]:
    """One object, in pieces; an iterator in it becomes a list, whose rows need not be in memory together."""
    for number, (name, value) in enumerate(result.items()):
        yield f"{', ' if number else '{'}{json.dumps(name)}: "
        if isinstance(value, Iterator):
            yield "["
            yield from (
                f"{', ' if place else ''}{json.dumps(row, ensure_ascii=False)}" for place, row in enumerate(value)
            )
            yield "]"
        else:
            yield json.dumps(value, ensure_ascii=False)
    yield "}"


def migrate_embedded() -> None:
    """The tables of a database that Concord brought itself are its own to make and to renew."""
    if "postgres" in settings.EMBEDDED:
        executor = MigrationExecutor(connection)
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            call_command("migrate", verbosity=0)


def add_project(parser: ArgumentParser) -> None:
    parser.add_argument("--project", required=True, metavar="SLUG", help="the project's address")


def project_at(slug: str) -> Project:
    """Raises Refused."""
    project = Project.objects.filter(slug=slug).first()
    if project is None:
        known = ", ".join(Project.objects.order_by("slug").values_list("slug", flat=True)[:20])
        raise Refused(f"There is no project “{slug}”." + (f" There are: {known}." if known else ""))
    return project


@contextmanager
def progress(**options: Any) -> Iterator[Callable[[int], object]]:
    """A progress bar on standard error where that is a terminal; yields what advances it."""
    with tqdm(disable=None, leave=False, **options) as bar:
        yield bar.update
