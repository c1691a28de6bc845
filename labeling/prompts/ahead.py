"""Make the next of something while the last is worked on."""

import gc
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

from django.utils import translation

Item = TypeVar("Item")

TURN = 0.00002
"""Seconds after which a thread that computes lets another go on, elsewhere 5 ms.

Rows reach the database in thousands of pieces, and before each the thread that sends them waits so long.
"""


GARBAGE = 200_000
"""Objects that are left before any are searched for garbage, elsewhere 700.

A batch of rows is tens of thousands; they go when they are done with, and no search would find any to throw away.
"""


def ahead(items: Iterator[Item]) -> Iterator[Item]:
    """The same items, none of which is None.

    Each is made by a thread, while whoever asks for them waits for the database with the one before.
    """
    language = translation.get_language() or "en"
    with ThreadPoolExecutor(1, initializer=translation.activate, initargs=(language,)) as pool, taking_turns():
        coming = pool.submit(next, items, None)
        while (item := coming.result()) is not None:
            coming = pool.submit(next, items, None)
            yield item


@contextmanager
def taking_turns() -> Iterator[None]:
    """Turns are short, and garbage is seldom searched for."""
    interval, (first, *rest) = sys.getswitchinterval(), gc.get_threshold()
    sys.setswitchinterval(TURN)
    gc.set_threshold(GARBAGE, *rest)
    try:
        yield
    finally:
        gc.set_threshold(first, *rest)
        sys.setswitchinterval(interval)
