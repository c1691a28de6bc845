"""The floor of benchmarks/annotate.py as settings: Concord's, with nothing but one view that asks once and stores once."""

from config.settings import *  # noqa: F403

MIDDLEWARE: list[str] = []
ROOT_URLCONF = "benchmarks.bare_view"
