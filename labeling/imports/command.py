"""What the commands that import a file have in common."""

from argparse import ArgumentParser
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any, BinaryIO

from django.utils.translation import gettext as _

from labeling.console import ConcordCommand, Result, add_project, progress, project_at
from labeling.errors import Refused
from labeling.imports.brings import Brings
from labeling.imports.look import fields_in, first_rows
from labeling.imports.run_import import IMPORTERS
from labeling.imports.shapes import OURS, recognized
from labeling.imports.understand import Understanding
from labeling.prompts.files import ImportFile, Reshape

ENDINGS = "JSON Lines, JSON, CSV, TSV, Parquet or text file, perhaps in gzip or zip"


class ImportCommand(ConcordCommand):
    """A command that imports a file into a project."""

    brings: Brings

    def arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", metavar="FILE", help=f"a {ENDINGS} (docs/formats.md)")
        add_project(parser)
        parser.add_argument(
            "--map",
            action="append",
            default=[],
            metavar="FIELD=COLUMN",
            help="that a column of the file is this field; once for each",
        )

    def work(self, **options: Any) -> Result:
        project = project_at(options["project"])
        file = Path(options["file"])
        with opened(file) as stream:
            reshape = self.reshape(stream, file.name, options)
        with (
            opened(file) as stream,
            progress(total=file.stat().st_size, unit="B", unit_scale=True) as advance,
            ImportFile(stream, file.name, advance) as brought,
        ):
            imported = IMPORTERS[self.brings](project=project, file=brought, reshape=reshape)
        self.said = imported.sentence()
        return {"project": project.slug, **asdict(imported)}

    def reshape(self, stream: BinaryIO, name: str, options: dict[str, Any]) -> Reshape:
        """By the columns that are named, else by the shape that the file's first rows have. Raises Refused."""
        file = ImportFile(stream, name)
        rows = first_rows(file)
        if options["map"]:
            columns = columns_in(options["map"])
            return Understanding(self.brings, columns=columns).reshape(name, fields_in(file, rows))
        shape = recognized(rows, self.brings) or OURS[self.brings]
        return Understanding(self.brings, shape.key).reshape(name, [])

    def tell(self, result: Result) -> str:
        return f"{result['project']}: {self.said}"


def columns_in(given: Iterable[str]) -> dict[str, list[str]]:
    """Raises Refused."""
    columns: dict[str, list[str]] = defaultdict(list)
    for one in given:
        field, equals, column = one.partition("=")
        if not equals:
            raise Refused(_("“%(given)s” is not like field=column.") % {"given": one})
        columns[field].extend([column] if column else [])
    return dict(columns)


@contextmanager
def opened(file: Path) -> Iterator[BinaryIO]:
    """Raises Refused."""
    try:
        stream = file.open("rb")
    except OSError as wrong:
        raise Refused(f"{file}: {wrong.strerror}.") from wrong
    with stream:
        yield stream
