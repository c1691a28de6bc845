from labeling.imports.brings import Brings
from labeling.imports.command import ImportCommand


class Command(ImportCommand):
    help = "Import prompts from a file, or from a zip archive of it and its images: all of its rows, or none."
    brings = Brings.PROMPTS
