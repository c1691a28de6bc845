"""Make the next of something while the last is worked on."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from django.utils import translation

from labeling.interpreter import rarely_collected, short_turns

Item = TypeVar("Item")


def ahead(items: Iterator[Item]) -> Iterator[Item]:
    """The same items, none of which is None.

    Each is made by a thread, while whoever asks for them waits for the database with the one before.
    """
    language = translation.get_language() or "en"
    with (
        ThreadPoolExecutor(1, initializer=translation.activate, initargs=(language,)) as pool,
        rarely_collected(),
        short_turns(),
    ):
        coming = pool.submit(next, items, None)
        while (item := coming.result()) is not None:
            coming = pool.submit(next, items, None)
            yield item
