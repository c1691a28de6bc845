"""The rack of providers: ways to get responses out of a model. A provider knows no tables."""

from collections.abc import Callable

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
    Take,
)
from labeling.generation.providers.local import open_local
from labeling.generation.providers.openai import open_server
from labeling.generation.sampling import Source

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
    "Take",
    "open_provider",
]

OPENERS: dict[str, Callable[[Source], Provider]] = {"local": open_local, "openai": open_server}


def open_provider(source: Source) -> Provider:
    """Raises ModelUnavailable."""
    return OPENERS[source.provider](source)
