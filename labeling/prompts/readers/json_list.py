"""One JSON list of objects, element by element: only a window of the text is in memory.

Libraries that read JSON as a stream do not tell the line they are at.
"""

import json
import re
from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _

from labeling.prompts.json_text import JsonRefused, finite, not_json, refuse_constant, refusing
from labeling.prompts.readers.base import LONGEST_ROW, Row, Source, not_utf8, too_long

SPACE = re.compile(r"[ \t\r\n]*")

AT_THE_END = 16
"""Characters: an error so near to the end of the window may only be that the window ends there."""


def rows(source: Source) -> Iterator[tuple[int, Row]]:
    try:
        for line, value in elements(Window(source)):
            source.line = line
            yield from source.row(line, value)
    except JsonRefused as refused:
        source.refuse(refused.line, str(refused))


def elements(window: "Window") -> Iterator[tuple[int, Any]]:
    """With the line on which each begins. Raises JsonRefused."""
    if window.next_sign() != "[":
        raise JsonRefused(window.line, _("a .json file must be one list of objects, [{…}, {…}]."))
    window.place += 1
    sign = "]" if window.next_sign() == "]" else ","
    while sign == ",":
        line = window.line
        yield line, window.value()
        sign = window.next_sign()
        if sign == ",":
            window.place += 1
            window.next_sign()
    if sign != "]":
        raise JsonRefused(window.line, _("not JSON: the list does not end, or a comma is missing."))
    window.place += 1
    if window.next_sign():
        raise JsonRefused(window.line, _("not JSON: something follows the list."))


class Window:
    """The text from `place` on, as far as the longest element could reach. Its methods raise JsonRefused."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.n_before = source.n_bytes
        self.decoder = json.JSONDecoder(parse_constant=refuse_constant, parse_float=finite)
        self.text = ""
        self.place = 0
        self.line = 1
        self.column = 0
        """Of the window's begin in its line, from 0."""
        self.undecoded = b""
        self.is_last = False

    def next_sign(self) -> str:
        """The first sign that is not space, from the place on, which moves there; "" at the end."""
        while True:
            self._fill()
            found = SPACE.match(self.text, self.place)
            self._move(found.end() if found else self.place)
            if self.place < len(self.text) or self.is_last:
                return self.text[self.place : self.place + 1]

    def value(self) -> Any:
        """The element that begins at the place, which moves behind it."""
        with refusing(self.line):
            try:
                value, end = self.decoder.raw_decode(self.text, self.place)
            except json.JSONDecodeError as wrong:
                is_cut = wrong.msg.startswith("Unterminated") or wrong.pos >= len(self.text) - AT_THE_END
                if is_cut and not self.is_last:
                    raise JsonRefused(self.line, too_long()) from None
                raise JsonRefused(self._line_of(wrong.pos), not_json(wrong.msg, self._column_of(wrong.pos))) from None
        if end - self.place > LONGEST_ROW:
            raise JsonRefused(self.line, too_long())
        self._move(end)
        return value

    def _move(self, place: int) -> None:
        self.line = self._line_of(place)
        self.place = place

    def _line_of(self, place: int) -> int:
        return self.line + self.text.count("\n", self.place, place)

    def _column_of(self, place: int) -> int:
        """From 1."""
        line_end = self.text.rfind("\n", 0, place)
        return place - line_end if line_end >= 0 else self.column + place + 1

    def _fill(self) -> None:
        if self.is_last or len(self.text) - self.place > LONGEST_ROW:
            return
        self.column = self._column_of(self.place) - 1
        pieces = [self.text[self.place :]]
        self.place = 0
        length = len(pieces[0])
        while length <= 2 * LONGEST_ROW and not self.is_last:
            raw = self.source.read()
            self.is_last = not raw
            pieces.append(self._decoded(raw, "".join(pieces)))
            length += len(pieces[-1])
        self.text = "".join(pieces)

    def _decoded(self, raw: bytes, before: str) -> str:
        raw = self.undecoded + raw
        try:
            text = raw.decode()
            self.undecoded = b""
        except UnicodeDecodeError as wrong:
            if self.is_last or wrong.end < len(raw) or len(raw) - wrong.start > 3:
                self._refuse_byte(raw, wrong.start, before)
            text = raw[: wrong.start].decode()
            self.undecoded = raw[wrong.start :]
        return text.removeprefix("\ufeff") if self.source.n_bytes - self.n_before == len(raw) else text

    def _refuse_byte(self, raw: bytes, place: int, before: str) -> None:
        """The text `before` stands between the place and what was read just now."""
        line = self.line + before.count("\n") + raw.count(b"\n", 0, place)
        text = before + raw[:place].decode()
        column = len(text[text.rfind("\n") + 1 :].encode()) + (0 if "\n" in text else self.column)
        raise JsonRefused(line, not_utf8(column + 1))
