"""How the interpreter works while rows come and go by the hundred thousand."""

import gc
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Lock
from typing import Generic, TypeVar

Value = TypeVar("Value")


class Meanwhile(Generic[Value]):
    """A setting that is another while somebody wants it so. All threads share it: the last who leaves sets it back."""

    def __init__(self, read: Callable[[], Value], write: Callable[[Value], object], value: Value) -> None:
        self.read = read
        self.write = write
        self.value = value
        self.lock = Lock()
        self.users = 0

    @contextmanager
    def __call__(self) -> Iterator[None]:
        with self.lock:
            if not self.users:
                self.usual = self.read()
                self.write(self.value)
            self.users += 1
        try:
            yield
        finally:
            with self.lock:
                self.users -= 1
                if not self.users:
                    self.write(self.usual)


rarely_collected = Meanwhile(gc.get_threshold, lambda threshold: gc.set_threshold(*threshold), (200_000, 10, 10))
"""How many more objects there are before garbage is searched for, elsewhere 700.

Rows that are worked on together are tens of thousands; they go when they are done with, never in circles.
"""

short_turns = Meanwhile(sys.getswitchinterval, sys.setswitchinterval, 0.00002)
"""Seconds after which a thread that computes lets another go on, elsewhere 5 ms.

Rows reach the database in thousands of pieces, and before each the thread that sends them waits so long.
"""
