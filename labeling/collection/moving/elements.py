"""Reads a JSON list of any length element by element, with no more than a few of them in memory."""

from collections.abc import Iterator
from typing import IO, Any

from labeling.prompts.json_text import JsonRefused
from labeling.prompts.readers.base import Source, TooLarge
from labeling.prompts.readers.json_list import Window, elements


def elements_of(stream: IO[bytes]) -> Iterator[tuple[int, Any]]:
    """The elements with their numbers, from 1. Raises JsonRefused."""
    window = Window(Source(stream, lambda _bytes: None))
    try:
        yield from enumerate((value for _line, value in elements(window)), 1)
    except TooLarge as wrong:
        raise JsonRefused(0, str(wrong)) from None
