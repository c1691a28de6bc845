import gc
import sys
from collections.abc import Generator, Iterator
from typing import cast

import pytest

from labeling.interpreter import rarely_collected, short_turns
from labeling.prompts.ahead import ahead


def settings() -> tuple[float, tuple[int, int, int]]:
    return round(sys.getswitchinterval(), 6), gc.get_threshold()


USUAL = settings()
MEANWHILE = (short_turns.value, rarely_collected.value)


def numbers() -> Generator[int]:
    return cast(Generator[int], ahead(iter(range(100))))


def test_items_come_in_their_order_and_the_interpreter_is_left_as_it_was() -> None:
    items = numbers()
    assert next(items) == 0
    assert settings() == MEANWHILE != USUAL
    assert list(items) == list(range(1, 100))
    assert settings() == USUAL


def test_who_stops_early_or_fails_leaves_it_as_it_was_too() -> None:
    def broken() -> Iterator[int]:
        yield 1
        raise KeyError

    items = ahead(broken())
    assert next(items) == 1
    with pytest.raises(KeyError):
        next(items)
    assert settings() == USUAL
    stopped = numbers()
    next(stopped)
    stopped.close()
    assert settings() == USUAL


def test_of_several_at_once_the_last_who_leaves_sets_it_back() -> None:
    first, second = numbers(), numbers()
    next(first)
    next(second)
    first.close()
    assert settings() == MEANWHILE
    third = numbers()
    next(third)
    second.close()
    assert settings() == MEANWHILE
    third.close()
    assert settings() == USUAL
