from labeling.collection.import_annotations import import_annotations
from labeling.console import ImportCommand


class Command(ImportCommand):
    help = "Import judgments made elsewhere, with all they need: all rows of the file, or none."
    endings = ".jsonl"
    importer = staticmethod(import_annotations)
