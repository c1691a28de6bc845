from labeling.console import ImportCommand
from labeling.prompts.import_prompts import import_prompts


class Command(ImportCommand):
    help = "Import prompts from a JSON Lines or CSV file: all of its rows, or none."
    endings = ".jsonl or .csv"
    importer = staticmethod(import_prompts)
