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
    """Turns are short, and what was there before is not searched for garbage again and again."""
    interval = sys.getswitchinterval()
    sys.setswitchinterval(TURN)
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()
        sys.setswitchinterval(interval)
