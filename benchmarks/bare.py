"""The floor of benchmarks/annotate.py as settings: Concord's, with one bare view."""

from config.settings import *  # noqa: F403

MIDDLEWARE: list[str] = []
ROOT_URLCONF = "benchmarks.bare_view"
