"""Threads that each have one request under way, and what they find, in the thread of whoever waits for it."""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from queue import Empty, SimpleQueue
from types import TracebackType
from typing import Generic, Self, TypeVar

import httpcore2

from labeling.generation.providers.base import Alive
from labeling.generation.providers.outbound import Client

HEARTBEAT = 0.5
"""Seconds."""

Found = TypeVar("Found")


class Crew(Generic[Found]):
    """`size` threads with one client. Leaving the block ends them: what has not begun is dropped, the rest cut off."""

    def __init__(self, url: httpcore2.URL, size: int) -> None:
        self._client = Client(url, size)
        self._threads = ThreadPoolExecutor(size, thread_name_prefix="chat")
        self._found: SimpleQueue[Found | BaseException | None] = SimpleQueue()
        self._n_begun = 0
        self._size = size

    @property
    def n_idle(self) -> int:
        """Threads that nothing was begun for."""
        return max(0, self._size - self._n_begun)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)
        self._client.close()

    def begin(self, work: Callable[[Client], Iterable[Found]]) -> None:
        self._n_begun += 1
        self._threads.submit(self._do, work)

    def found(self, alive: Alive) -> Iterator[Found]:
        """Until all that was begun is done, or something in it raises."""
        while self._n_begun:
            alive()
            try:
                found = self._found.get(timeout=HEARTBEAT)
            except Empty:
                continue
            if found is None:
                self._n_begun -= 1
            elif isinstance(found, BaseException):
                raise found
            else:
                yield found

    def _do(self, work: Callable[[Client], Iterable[Found]]) -> None:
        try:
            for found in work(self._client):
                self._found.put(found)
        except BaseException as error:
            self._found.put(error)
        self._found.put(None)
