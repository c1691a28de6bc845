from argparse import ArgumentParser
from typing import Any

from django.conf import settings

from labeling.console import ConcordCommand, Result
from labeling.errors import Refused
from labeling.generation.demo_model import NAME, FetchFailed, fetch_demo_model


class Command(ConcordCommand):
    help = "Fetch SmolLM2-135M-Instruct, the model of the demo, and convert it to safetensors."
    uses_database = False

    def arguments(self, parser: ArgumentParser) -> None:
        pass

    def work(self, **options: Any) -> Result:
        try:
            is_new = fetch_demo_model(settings.FOLDERS.models)
        except FetchFailed as failed:
            raise Refused(f"The demo model could not be fetched: {failed}") from failed
        return {"model": NAME, "fetched": is_new}

    def tell(self, result: Result) -> str:
        return f"{result['model']} is {'fetched' if result['fetched'] else 'there already'}."
