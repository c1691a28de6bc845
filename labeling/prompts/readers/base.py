"""What every reader reads from: streams, within limits, that know the line they are at and what was wrong so far."""

from collections.abc import Callable, Iterator, Sequence
from typing import IO, Any

from django.utils.translation import gettext as _

from labeling.errors import FileRefused, Problem

Row = dict[str, Any]

LONGEST_ROW = 2**20
"""Bytes in one line, in one object of a JSON list, or in one row of a table."""

LARGEST_FILE = 2**30
"""Bytes of rows, unpacked."""

BLOCK = 2**16


class TooLarge(Exception):
    """There is more of the file than is read."""


class Enough(Exception):
    """As many problems were found as anybody wants to know of."""


class Source:
    most_problems: int | None = None
    """With so many of them no more is read."""

    def __init__(self, stream: IO[bytes], progress: Callable[[int], object]) -> None:
        self.stream = stream
        self.progress = progress
        self.header: Sequence[str] = ()
        """The columns of tables that do not say them."""
        self.n_bytes = 0
        self.problems: list[Problem] = []
        self.n_problems = 0
        self.begin()

    def begin(self, within: str = "") -> None:
        """Be before the first line of a file; `within` is its name in an archive, where it is in one."""
        self.within = within
        self.columns = self.header
        """Of a table: what its first row says, unless there is a `header` because it says nothing of the kind."""
        self.line = 0

    def refuse(self, line: int, cause: str) -> None:
        """Raises Enough."""
        self.note(line, cause)
        if self.n_problems == self.most_problems:
            raise Enough

    def note(self, line: int, cause: str) -> None:
        self.n_problems += 1
        if len(self.problems) < FileRefused.SHOWN:
            self.problems.append(Problem(line, cause, self.within))

    def read(self, size: int = BLOCK) -> bytes:
        """Raises TooLarge."""
        return self._counted(self.stream.read(size))

    def lines(self) -> Iterator[bytes]:
        """With their ends, without a byte order mark; a line that is too long is noted and left out."""
        while raw := self._counted(self.stream.readline(LONGEST_ROW + 2)):
            self.line += 1
            if len(raw) > LONGEST_ROW and len(raw.rstrip(b"\r\n")) > LONGEST_ROW:
                self._skip_line(raw)
                self.refuse(self.line, too_long())
                continue
            yield raw.removeprefix(b"\xef\xbb\xbf") if self.line == 1 else raw

    def texts(self) -> Iterator[str]:
        """The same, decoded; a line that is not UTF-8 is noted and left out."""
        for raw in self.lines():
            try:
                yield raw.decode()
            except UnicodeDecodeError as wrong:
                self.refuse(self.line, not_utf8(wrong.start + 1))

    def row(self, line: int, value: object) -> Iterator[tuple[int, Row]]:
        """The value with its line, if it is an object."""
        if isinstance(value, dict):
            yield line, value
        else:
            self.refuse(line, _("not a JSON object: a row is {…}."))

    def _skip_line(self, raw: bytes) -> None:
        while raw and not raw.endswith(b"\n"):
            raw = self._counted(self.stream.readline(LONGEST_ROW))

    def _counted(self, raw: bytes) -> bytes:
        self.n_bytes += len(raw)
        if self.n_bytes > LARGEST_FILE:
            raise TooLarge(_("its rows are more than %(n)d MB.") % {"n": LARGEST_FILE // 2**20})
        self.progress(len(raw))
        return raw


def too_long() -> str:
    return _("the line is longer than %(n)d bytes.") % {"n": LONGEST_ROW}


def not_utf8(place: int) -> str:
    return _("byte %(n)d is not UTF-8.") % {"n": place}
