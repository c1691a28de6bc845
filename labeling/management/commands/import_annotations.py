from argparse import ArgumentParser
from pathlib import Path
from typing import Any, BinaryIO

from django.utils.translation import gettext as _

from labeling.collection.mapping.read import read_mapping
from labeling.collection.mapping.reshape import Reshaping
from labeling.errors import Refused
from labeling.imports.brings import Brings
from labeling.imports.command import ImportCommand, opened
from labeling.prompts.files import Reshape


class Command(ImportCommand):
    help = "Import judgments made elsewhere, with all they need: all rows of the file, or none."
    brings = Brings.JUDGMENTS

    def arguments(self, parser: ArgumentParser) -> None:
        super().arguments(parser)
        parser.add_argument(
            "--mapping", metavar="MAPPING", help="a .yaml or .json file: how the file's fields are to be understood"
        )

    def reshape(self, stream: BinaryIO, name: str, options: dict[str, Any]) -> Reshape:
        """Raises Refused."""
        if not options["mapping"]:
            return super().reshape(stream, name, options)
        if options["map"]:
            raise Refused(_("Give either a mapping or columns, not both."))
        with opened(Path(options["mapping"])) as mapping:
            return Reshaping(read_mapping(mapping, options["mapping"]), name)
