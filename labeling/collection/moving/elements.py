"""Reads a JSON list of any length element by element, with no more than one of them in memory."""

import codecs
import json
from collections.abc import Iterator
from math import isfinite
from typing import IO, Any

from django.utils.translation import gettext as _

from labeling.prompts.files import LONGEST_ROW
from labeling.prompts.json_text import SPACE, JsonRefused, not_json, refuse_constant, refusing

CHUNK = 2**18
"""Bytes read at a time."""

LARGEST = 2**30
"""Bytes of the list."""


def finite(digits: str) -> float:
    number = float(digits)
    return number if isfinite(number) else refuse_constant(digits)


DECODER = json.JSONDecoder(parse_constant=refuse_constant, parse_float=finite)
LONGEST_TOKEN = 12
"""Characters of what is not text and can be cut by the end of what was read: -Infinity, an escaped sign."""


def elements_of(stream: IO[bytes]) -> Iterator[tuple[int, Any]]:
    """The elements with their numbers, from 1. Raises JsonRefused."""
    window = Window(stream)
    if window.sign() != "[":
        raise JsonRefused(window.line, _("a .json file must be one list of objects, [{…}, {…}]."))
    window.place += 1
    number = 0
    has_more = window.sign() != "]"
    while has_more:
        number += 1
        with refusing(window.line):
            value = window.value()
        yield number, value
        sign = window.sign()
        if sign not in (",", "]"):
            raise JsonRefused(window.line, _("not JSON: the list does not end, or a comma is missing."))
        has_more = sign == ","
        if has_more:
            window.place += 1
            window.sign()
    window.place += 1
    if window.sign():
        raise JsonRefused(window.line, _("not JSON: something follows the list."))


class Window:
    """The part of the text that is in memory, and a place in it."""

    def __init__(self, stream: IO[bytes]) -> None:
        self.stream = stream
        self.decoder = codecs.getincrementaldecoder("utf-8-sig")()
        self.text = ""
        self.place = 0
        self.line = 1
        self.n_bytes = 0
        self.is_last = False

    def sign(self) -> str:
        """The next sign that is no space; "" at the end."""
        while True:
            space = SPACE.match(self.text, self.place)
            end = space.end() if space else self.place
            self.line += self.text.count("\n", self.place, end)
            self.place = end
            if end < len(self.text) or not self._read_on():
                return self.text[end : end + 1]

    def value(self) -> Any:
        """The value that begins here; afterwards the place is behind it."""
        while True:
            try:
                value, end = DECODER.raw_decode(self.text, self.place)
            except json.JSONDecodeError as wrong:
                if self._is_cut(wrong) and len(self.text) - self.place <= LONGEST_ROW and self._read_on():
                    continue
                line = self.line + self.text.count("\n", self.place, wrong.pos)
                is_cut = self._is_cut(wrong) and not self.is_last
                raise JsonRefused(line, too_long() if is_cut else not_json(wrong)) from None
            if end < len(self.text) or not self._read_on():
                break
        if end - self.place > LONGEST_ROW:
            raise JsonRefused(self.line, too_long())
        self.line += self.text.count("\n", self.place, end)
        self.place = end
        return value

    def _is_cut(self, wrong: json.JSONDecodeError) -> bool:
        """Whether more of the text could mend it."""
        return wrong.msg.startswith("Unterminated string") or wrong.pos >= len(self.text) - LONGEST_TOKEN

    def _read_on(self) -> bool:
        if self.is_last:
            return False
        raw = self.stream.read(CHUNK)
        self.n_bytes += len(raw)
        self.is_last = not raw
        if self.n_bytes > LARGEST:
            raise JsonRefused(0, _("the list is larger than %(n)d MB.") % {"n": LARGEST // 2**20})
        try:
            self.text = self.text[self.place :] + self.decoder.decode(raw, final=self.is_last)
        except UnicodeDecodeError:
            raise JsonRefused(self.line, _("not UTF-8.")) from None
        self.place = 0
        return True


def too_long() -> str:
    return _("the element is longer than %(n)d bytes.") % {"n": LONGEST_ROW}
