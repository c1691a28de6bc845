from labeling.imports.brings import Brings
from labeling.imports.command import ImportCommand


class Command(ImportCommand):
    help = "Import responses written elsewhere, with their prompts: all rows of the file, or none."
    brings = Brings.RESPONSES
