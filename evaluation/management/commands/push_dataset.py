from argparse import ArgumentParser
from dataclasses import asdict
from pathlib import Path
from typing import Any

from evaluation.datasets.push import push_dataset
from labeling.console import ConcordCommand, Result


class Command(ConcordCommand):
    help = "Push a folder that export_dataset wrote to a hub, by HF_TOKEN (and HF_ENDPOINT, where it is another hub)."
    uses_database = False

    def arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", metavar="DIR", type=Path, help="what export_dataset wrote")
        parser.add_argument("repository", metavar="OWNER/NAME", help="the data set's name on the hub; made if need be")
        parser.add_argument("--public", action="store_true", help="for everybody to read; private unless said")

    def work(self, **options: Any) -> Result:
        private = not options["public"]
        return asdict(push_dataset(folder=options["folder"], repository=options["repository"], private=private))

    def tell(self, result: Result) -> str:
        return f"{result['address']} holds it, by commit {result['commit']}."
