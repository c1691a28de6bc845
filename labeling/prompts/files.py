"""Reads files that people bring: row by row, within limits, naming the line of whatever is wrong.

JSON Lines and CSV, in UTF-8; either of them by itself, or in a zip archive with the images that its rows name; or one
JSON list. Nothing here knows what else the rows mean.
"""

import csv
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import PurePath
from types import TracebackType
from typing import IO, Any, Self, TypeVar

from django.utils.translation import gettext as _

from labeling.errors import FileRefused, Problem
from labeling.prompts.archive import Archive, ArchiveRefused
from labeling.prompts.images import ImageRefused
from labeling.prompts.json_text import DEEPEST, JsonRefused, elements, too_deep, value_of
from labeling.prompts.staging import Staging

Row = dict[str, Any]
Parsed = TypeVar("Parsed")

LONGEST_ROW = 2**20
"""Bytes in one line, or in one row of a CSV file."""

LARGEST_ARRAY = 100 * 2**20
"""Bytes of a JSON list, which is held in memory; JSON Lines can be of any size."""

LONGEST_TEXT = 100_000
"""Characters in one field."""

BATCH = 500


class RowRefused(Exception):
    """This row is wrong; the message says how, without the line."""


def unchanged(row: Row) -> Iterable[Row]:
    return [row]


class ImportFile:
    """An uploaded or opened file. Go through `batches`, then `finish` before committing; as a context it tidies up."""

    def __init__(self, stream: IO[bytes], name: str, progress: Callable[[int], object] = lambda _bytes: None) -> None:
        self.stream = stream
        self.name = PurePath(name).name
        self.progress = progress
        self.columns: Sequence[str] = ()
        """Of a CSV file: what its first row says, unless they were set before because it says nothing of the kind."""
        self.line = 0
        self.n_rows = 0
        self.problems: list[Problem] = []
        self.n_problems = 0
        self.images = Staging()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, raised: BaseException | None, where: TracebackType | None
    ) -> None:
        self.images.close()

    def batches(
        self, parse: Callable[[Row], Parsed], reshape: Callable[[Row], Iterable[Row]] = unchanged
    ) -> Iterator[list[tuple[int, Parsed]]]:
        """Parsed rows with their line numbers, some at a time. After the first wrong row it only looks for more.

        What is parsed are the rows that `reshape` makes of each row of the file.
        """
        batch: list[tuple[int, Parsed]] = []
        for parsed in self._parsed(parse, reshape):
            batch.append(parsed)
            if len(batch) >= BATCH:
                if not self.n_problems:
                    yield batch
                batch = []
        if batch and not self.n_problems:
            yield batch

    def _parsed(
        self, parse: Callable[[Row], Parsed], reshape: Callable[[Row], Iterable[Row]]
    ) -> Iterator[tuple[int, Parsed]]:
        """The `images` of a row are checked before it is parsed, and become a list of CheckedImage."""
        for line, given in self._rows():
            try:
                for row in reshape(given):
                    self.n_rows += 1
                    if row.get("images") is not None:
                        row["images"] = self.images.take(row["images"])
                    check_text(row)
                    yield line, parse(row)
            except (RowRefused, ImageRefused, ArchiveRefused) as refused:
                self.refuse(line, str(refused))

    def refuse(self, line: int, cause: str) -> None:
        self.n_problems += 1
        if len(self.problems) < FileRefused.SHOWN:
            self.problems.append(Problem(line, cause))

    def finish(self) -> None:
        """Keep the images, or raise FileRefused if anything is wrong."""
        if not self.n_rows and not self.n_problems:
            self.refuse(0, _("the file holds no rows."))
        if self.n_problems:
            raise FileRefused(self.name, self.problems, self.n_problems)
        self.images.store()

    def _rows(self) -> Iterator[tuple[int, Row]]:
        try:
            if PurePath(self.name).suffix.lower() == ".zip":
                yield from self._packed_rows()
            else:
                yield from self._rows_of(self.name)
        except ArchiveRefused as refused:
            self.refuse(self.line, str(refused))

    def _packed_rows(self) -> Iterator[tuple[int, Row]]:
        self.images.archive = archive = Archive(self.stream, self.progress)
        self.progress = lambda _bytes: None  # the archive says how much of it was read
        name = archive.rows_name()
        self.stream = archive.open(name)
        yield from self._rows_of(name)

    def _rows_of(self, name: str) -> Iterator[tuple[int, Row]]:
        suffix = PurePath(name).suffix.lower()
        if suffix in (".jsonl", ".ndjson"):
            yield from self._json_rows()
        elif suffix == ".json":
            yield from self._array_rows()
        elif suffix == ".csv":
            yield from self._csv_rows()
        else:
            self.refuse(0, _("its name must end in .jsonl, .json, .csv or .zip, to tell what it is."))

    def _lines(self) -> Iterator[str]:
        """Decoded lines, with their ends; a line that is too long or not UTF-8 is noted and left out."""
        while raw := self.stream.readline(LONGEST_ROW + 2):
            self.line += 1
            self.progress(len(raw))
            if len(raw.rstrip(b"\r\n")) > LONGEST_ROW:
                self._skip_line(raw)
                self.refuse(self.line, _("the line is longer than %(n)d bytes.") % {"n": LONGEST_ROW})
                continue
            try:
                yield raw.decode("utf-8-sig" if self.line == 1 else "utf-8")
            except UnicodeDecodeError as wrong:
                self.refuse(self.line, _("byte %(n)d is not UTF-8.") % {"n": wrong.start + 1})

    def _skip_line(self, raw: bytes) -> None:
        while raw and not raw.endswith(b"\n"):
            raw = self.stream.readline(LONGEST_ROW)
            self.progress(len(raw))

    def _json_rows(self) -> Iterator[tuple[int, Row]]:
        for text in self._lines():
            if not text.strip():
                continue
            try:
                row = value_of(text, self.line)
            except JsonRefused as refused:
                self.refuse(refused.line, str(refused))
            else:
                yield from self._object(row)

    def _array_rows(self) -> Iterator[tuple[int, Row]]:
        content = self.stream.read(LARGEST_ARRAY + 1)
        self.progress(len(content))
        if len(content) > LARGEST_ARRAY:
            self.refuse(0, _("the list is larger than %(n)d MB: write JSON Lines.") % {"n": LARGEST_ARRAY // 2**20})
            return
        try:
            for self.line, row, n_characters in elements(content.decode("utf-8-sig")):
                if n_characters > LONGEST_ROW:
                    self.refuse(self.line, _("the line is longer than %(n)d bytes.") % {"n": LONGEST_ROW})
                else:
                    yield from self._object(row)
        except JsonRefused as refused:
            self.refuse(refused.line, str(refused))
        except UnicodeDecodeError as wrong:
            before = content[: wrong.start]
            column = wrong.start - before.rfind(b"\n")
            self.refuse(before.count(b"\n") + 1, _("byte %(n)d is not UTF-8.") % {"n": column})

    def _object(self, row: object) -> Iterator[tuple[int, Row]]:
        if isinstance(row, dict):
            yield self.line, row
        else:
            self.refuse(self.line, _("not a JSON object: a row is {…}."))

    def _csv_rows(self) -> Iterator[tuple[int, Row]]:
        csv.field_size_limit(LONGEST_ROW)
        reader = csv.reader(self._lines(), strict=True)
        try:
            header: list[str] | None = [*self.columns] or next(reader, None)
            self.columns = header or ()
            while header is not None:
                first = self.line + 1
                cells = next(reader, None)
                if cells is None:
                    return
                if len(cells) == len(header):
                    yield first, {name: cell for name, cell in zip(header, cells, strict=True) if cell}
                elif cells:
                    self.refuse(first, _("%(n)d cells under a header of %(m)d.") % {"n": len(cells), "m": len(header)})
        except csv.Error as wrong:
            self.refuse(self.line, _("not CSV: %(what)s.") % {"what": wrong})


def check_text(value: object, depth: int = 0) -> None:
    """Raises RowRefused for text that PostgreSQL or a tokenizer would choke on, however deep in the row."""
    if depth > DEEPEST:
        raise RowRefused(too_deep())
    if isinstance(value, str):
        check_string(value)
    elif isinstance(value, list):
        for item in value:
            check_text(item, depth + 1)
    elif isinstance(value, dict):
        for key, item in value.items():
            check_string(key)
            check_text(item, depth + 1)


def check_string(text: str) -> None:
    if "\0" in text:
        raise RowRefused(_("a text holds the NUL character (U+0000)."))
    if len(text) > LONGEST_TEXT:
        raise RowRefused(_("a text has more than %(n)d characters.") % {"n": LONGEST_TEXT})
    if not text.isascii():
        try:
            text.encode()
        except UnicodeEncodeError as wrong:
            code = ord(text[wrong.start])
            raise RowRefused(_("a text holds half of a surrogate pair (U+%(code)04X).") % {"code": code}) from None


def refuse_unknown(row: Row, known: frozenset[str]) -> None:
    if unknown := sorted(row.keys() - known):
        raise RowRefused(
            _("unknown field %(fields)s; known are %(known)s.")
            % {"fields": ", ".join(f"“{name}”" for name in unknown), "known": ", ".join(sorted(known))}
        )


def text_of(row: Row, field: str, longest: int = LONGEST_TEXT) -> str:
    """The text in `field`, or "" where there is none. Raises RowRefused for anything but text."""
    value = row.get(field)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise RowRefused(_("“%(field)s” must be text.") % {"field": field})
    if len(value) > longest:
        raise RowRefused(_("“%(field)s” has more than %(n)d characters.") % {"field": field, "n": longest})
    return value
