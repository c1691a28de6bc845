"""The rack of providers: ways to get responses out of a model. A provider knows no tables."""

from labeling.generation.providers.base import (
    Alive,
    Answer,
    Ask,
    Failure,
    Image,
    ModelUnavailable,
    Provider,
    Reply,
    Setback,
    Source,
)
from labeling.generation.providers.local import open_local
from labeling.generation.providers.openai import open_server

__all__ = [
    "Alive",
    "Answer",
    "Ask",
    "Failure",
    "Image",
    "ModelUnavailable",
    "Provider",
    "Reply",
    "Setback",
    "Source",
    "open_provider",
]

OPENERS = {"local": open_local, "openai": open_server}


def open_provider(source: Source) -> Provider:
    """Raises ModelUnavailable."""
    return OPENERS[source.provider](source)
