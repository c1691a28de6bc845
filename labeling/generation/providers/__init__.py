"""The rack of providers: ways to get responses out of a model. A provider knows no tables."""

from labeling.generation.providers.base import Ask, Failure, ModelUnavailable, Provider, Reply
from labeling.generation.providers.local import open_local

__all__ = ["Ask", "Failure", "ModelUnavailable", "Provider", "Reply", "open_provider"]

OPENERS = {"transformers": open_local}


def open_provider(name: str, model: str) -> Provider:
    """Raises ModelUnavailable."""
    return OPENERS[name](model)
