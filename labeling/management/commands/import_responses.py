from labeling.console import ImportCommand
from labeling.generation.import_responses import import_responses


class Command(ImportCommand):
    help = "Import responses written elsewhere, with their prompts: all rows of the file, or none."
    endings = ".jsonl"
    importer = staticmethod(import_responses)
