from labeling.console import ImportCommand
from labeling.prompts.import_prompts import import_prompts


class Command(ImportCommand):
    help = (
        "Import prompts from a JSON Lines or CSV file, or a zip archive of it and its images: all of its rows, or none."
    )
    endings = ".jsonl, .csv or .zip"
    importer = staticmethod(import_prompts)
