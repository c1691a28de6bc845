from argparse import ArgumentParser
from functools import partial
from pathlib import Path
from typing import Any

from labeling.collection.import_annotations import import_annotations
from labeling.collection.mapping.read import read_mapping
from labeling.collection.mapping.shape import FileMapping
from labeling.console import ImportCommand, Result
from labeling.errors import Refused


class Command(ImportCommand):
    help = "Import judgments made elsewhere, with all they need: all rows of the file, or none."
    endings = ".jsonl, .json or .csv"
    importer = staticmethod(import_annotations)

    def arguments(self, parser: ArgumentParser) -> None:
        super().arguments(parser)
        parser.add_argument(
            "--mapping", metavar="MAPPING", help="a .yaml or .json file: how the file's fields are to be understood"
        )

    def work(self, **options: Any) -> Result:
        if options["mapping"]:
            self.importer = partial(import_annotations, mapping=mapping_at(options["mapping"]))
        return super().work(**options)


def mapping_at(path: str) -> FileMapping:
    """Raises Refused."""
    try:
        with Path(path).open("rb") as stream:
            return read_mapping(stream, path)
    except OSError as wrong:
        raise Refused(f"{path}: {wrong.strerror}.") from wrong
