"""Runs one management command with the services it needs."""

import sys

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line

from config.embedded.holding import hold_all
from config.embedded.services import ServiceFailed

WITHOUT_SERVICES = {
    "check",
    "collectstatic",
    "compilemessages",
    "fetch_demo_model",
    "help",
    "makemessages",
    "run",
    "spectacular",
    "version",
}


def execute(argv: list[str]) -> int:
    try:
        with hold_all(needed(argv), settings.FOLDERS):
            execute_from_command_line(argv)
    except (ImproperlyConfigured, ServiceFailed, PermissionError) as reason:
        print(reason, file=sys.stderr)
        return 1
    return 0


def needed(argv: list[str]) -> list[str]:
    """The embedded services that this command line works with; `run` holds them itself."""
    idle = len(argv) < 2 or argv[1] in WITHOUT_SERVICES or {"-h", "--help", "--version"} & set(argv)
    return [] if idle else settings.EMBEDDED
