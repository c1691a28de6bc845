import gc
import sys
from collections.abc import Iterator

import pytest

from labeling.prompts.ahead import GARBAGE, TURN, ahead


def settings() -> tuple[float, tuple[int, int, int]]:
    return round(sys.getswitchinterval(), 6), gc.get_threshold()


def test_items_come_in_their_order_and_the_interpreter_is_left_as_it_was() -> None:
    before = settings()
    items = ahead(iter(range(100)))
    assert next(items) == 0
    assert settings() == (TURN, (GARBAGE, *before[1][1:]))
    assert list(items) == list(range(1, 100))
    assert settings() == before


def test_who_stops_early_or_fails_leaves_it_as_it_was_too() -> None:
    def broken() -> Iterator[int]:
        yield 1
        raise KeyError

    before = settings()
    items = ahead(broken())
    assert next(items) == 1
    with pytest.raises(KeyError):
        next(items)
    assert settings() == before
    stopped = ahead(iter(range(100)))
    next(stopped)
    stopped.close()  # type: ignore[attr-defined]
    assert settings() == before
