"""Reads JSON text. Wrong text is refused with its line."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from math import isfinite
from typing import Any, NoReturn

import orjson
from django.utils.translation import gettext as _

DEEPEST = 16
"""Levels of lists and objects within one another."""

EXACT = 2**53
"""From here on a float is one whole number out of several."""


class JsonRefused(Exception):
    def __init__(self, line: int, cause: str) -> None:
        self.line = line
        super().__init__(cause)


def value_of(raw: bytes, line: int) -> Any:
    """The one value in a line of a file. Raises JsonRefused or UnicodeDecodeError.

    orjson is ten times as fast; what it refuses, or rounds, the slow way says more of or takes as it is.
    """
    try:
        value = orjson.loads(raw)
        if not is_rounded(value):
            return value
    except orjson.JSONDecodeError:
        pass
    with refusing(line):
        return json.loads(raw.decode(), parse_constant=refuse_constant, parse_float=finite)


def is_rounded(value: object) -> bool:
    """Whether a number in it might be a whole one that was too large."""
    if isinstance(value, (dict, list)):
        for item in value.values() if isinstance(value, dict) else value:
            if not isinstance(item, str) and is_rounded(item):
                return True
        return False
    return isinstance(value, float) and abs(value) >= EXACT


@contextmanager
def refusing(line: int) -> Iterator[None]:
    try:
        yield
    except json.JSONDecodeError as wrong:
        raise JsonRefused(line, not_json(wrong.msg, wrong.colno)) from None
    except RecursionError:
        raise JsonRefused(line, too_deep()) from None
    except UnicodeDecodeError:
        raise
    except ValueError as wrong:
        raise JsonRefused(line, str(wrong)) from None


def not_json(what: str, column: int) -> str:
    return _("not JSON: %(what)s at column %(n)d.") % {"what": what, "n": column}


def too_deep() -> str:
    return _("lists and objects more than %(n)d levels deep.") % {"n": DEEPEST}


def finite(digits: str) -> float:
    number = float(digits)
    return number if isfinite(number) else refuse_constant(digits)


def refuse_constant(name: str) -> NoReturn:
    raise ValueError(_("%(what)s is not a number that JSON knows.") % {"what": name})
