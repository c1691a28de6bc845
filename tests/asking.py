"""Asks for a provider, all there at once."""

from collections.abc import Sequence
from typing import Any

from labeling.generation.providers import Ask, Provider, Take
from labeling.generation.sampling import Sampling


def taking(asks: Sequence[Ask]) -> Take:
    left = list(asks)

    def take(most: int) -> list[Ask]:
        taken = left[:most]
        del left[:most]
        return taken

    return take


def answers_to(provider: Provider, *asks: Ask, sampling: Sampling) -> list[Any]:
    """In the order of the asks; None where one was not answered."""
    found = list(provider.generate(taking(asks), sampling, lambda: None))
    by_ask = {id(ask): answer for ask, answer in found}
    assert len(by_ask) == len(found), "none is answered twice"
    return [by_ask.get(id(ask)) for ask in asks]
