"""Reads JSON text: one value, or a list element by element. Wrong text is refused with its line."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NoReturn

from django.utils.translation import gettext as _

DEEPEST = 16
"""Levels of lists and objects within one another."""

SPACE = re.compile(r"[ \t\r\n]*")


class JsonRefused(Exception):
    def __init__(self, line: int, cause: str) -> None:
        self.line = line
        super().__init__(cause)


def value_of(text: str, line: int) -> Any:
    """The one value in a line of a file. Raises JsonRefused."""
    with refusing(line):
        return json.loads(text, parse_constant=refuse_constant)


def elements(text: str) -> Iterator[tuple[int, Any, int]]:
    """Of a list: the line on which each element begins, the element, and how many characters it takes up.

    Raises JsonRefused.
    """
    decoder = json.JSONDecoder(parse_constant=refuse_constant)
    line, place = 1, 0

    def go_on(start: int) -> str:
        """To the next sign from `start` on, which is returned; "" at the end."""
        nonlocal line, place
        found = SPACE.match(text, start)
        end = found.end() if found else start
        line += text.count("\n", place, end)
        place = end
        return text[place : place + 1]

    if go_on(0) != "[":
        raise JsonRefused(line, _("a .json file must be one list of objects, [{…}, {…}]."))
    sign = "]" if go_on(1 + place) == "]" else ","
    while sign == ",":
        with refusing(line):
            try:
                value, end = decoder.raw_decode(text, place)
            except json.JSONDecodeError as wrong:
                raise JsonRefused(wrong.lineno, not_json(wrong)) from None
        yield line, value, end - place
        sign = go_on(end)
        if sign == ",":
            go_on(place + 1)
    if sign != "]":
        raise JsonRefused(line, _("not JSON: the list does not end, or a comma is missing."))
    if go_on(place + 1):
        raise JsonRefused(line, _("not JSON: something follows the list."))


@contextmanager
def refusing(line: int) -> Iterator[None]:
    try:
        yield
    except json.JSONDecodeError as wrong:
        raise JsonRefused(line, not_json(wrong)) from None
    except RecursionError:
        raise JsonRefused(line, too_deep()) from None
    except ValueError as wrong:
        raise JsonRefused(line, str(wrong)) from None


def not_json(wrong: json.JSONDecodeError) -> str:
    return _("not JSON: %(what)s at column %(n)d.") % {"what": wrong.msg, "n": wrong.colno}


def too_deep() -> str:
    return _("lists and objects more than %(n)d levels deep.") % {"n": DEEPEST}


def refuse_constant(name: str) -> NoReturn:
    raise ValueError(_("%(what)s is not a number that JSON knows.") % {"what": name})
