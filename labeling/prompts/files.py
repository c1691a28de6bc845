"""Reads files that people bring: row by row, within limits, naming the line of whatever is wrong.

What kinds of files there are is in readers/; each may be packed by gzip, or in a zip archive with the images that its
rows name, or with the other files of a data set. Nothing here knows what else the rows mean.
"""

import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import PurePath
from types import TracebackType
from typing import IO, Self, TypeVar

from django.utils.translation import gettext as _

from labeling.errors import FileRefused
from labeling.prompts.ahead import ahead
from labeling.prompts.archive import Archive, ArchiveRefused
from labeling.prompts.images import ImageRefused
from labeling.prompts.json_text import DEEPEST, too_deep
from labeling.prompts.readers import READERS
from labeling.prompts.readers.base import BLOCK, Enough, Source, TooLarge
from labeling.prompts.readers.base import Row as Row
from labeling.prompts.readers.gzipped import Gunzip
from labeling.prompts.staging import Staging

Parsed = TypeVar("Parsed")

LONGEST_TEXT = 100_000
"""Characters in one field."""

BATCH = 2000
"""Rows that are stored together."""

BATCH_BYTES = 8 * 2**20
"""Of the file; fewer rows are stored together where they are long."""


LinedRow = tuple[int, Row]


class RowRefused(Exception):
    """This row is wrong; the message says how, without the line, which is given where it is not that last read."""

    def __init__(self, cause: str, line: int | None = None) -> None:
        super().__init__(cause)
        self.line = line


class Reshape:
    """Makes our rows of a file's; this one takes them as they are."""

    header: Sequence[str] = ()
    """The names of the columns of a table that has no header."""
    blank: int = 0
    """Rows left out since they say nothing."""

    def __call__(self, line: int, row: Row) -> Iterable[LinedRow]:
        """With the line on which each begins. Raises RowRefused."""
        return [(line, row)]

    def rest(self) -> Iterable[LinedRow]:
        """What is left when all rows of a file were read, of who makes one of several. Raises RowRefused."""
        return ()

    def causes(self, columns: Sequence[str]) -> Iterable[str]:
        """What turns out to be wrong only when all rows were read; `columns` are those of a table."""
        return ()


unchanged = Reshape()


class ImportFile(Source):
    """An uploaded or opened file. Go through `batches`, then `finish` before committing; as a context it tidies up."""

    def __init__(self, stream: IO[bytes], name: str, progress: Callable[[int], object] = lambda _bytes: None) -> None:
        super().__init__(stream, progress)
        self.name = PurePath(name).name
        self.n_rows = 0
        self.images = Staging()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, raised: BaseException | None, where: TracebackType | None
    ) -> None:
        self.images.close()

    def batches(
        self, parse: Callable[[Row], Parsed], reshape: Reshape = unchanged
    ) -> Iterator[list[tuple[int, Parsed]]]:
        """Parsed rows with their line numbers, some at a time. After the first wrong row it only looks for more.

        What is parsed are the rows that `reshape` makes of each row of the file, by a thread that is one batch ahead.
        """
        return ahead(self._batches(parse, reshape))

    def _batches(self, parse: Callable[[Row], Parsed], reshape: Reshape) -> Iterator[list[tuple[int, Parsed]]]:
        batch: list[tuple[int, Parsed]] = []
        began = 0
        for parsed in self.parsed(parse, reshape):
            batch.append(parsed)
            if len(batch) >= BATCH or self.n_bytes - began > BATCH_BYTES:
                if not self.n_problems:
                    yield batch
                batch = []
                began = self.n_bytes
        for cause in reshape.causes(self.columns):
            self.refuse(0, cause)
        if batch and not self.n_problems:
            yield batch

    def rows(self) -> Iterator[tuple[int, Row]]:
        """As the file has them, with their lines; what cannot be read is noted."""
        with self._noting():
            for rows in self._files():
                yield from rows

    def parsed(self, parse: Callable[[Row], Parsed], reshape: Reshape = unchanged) -> Iterator[tuple[int, Parsed]]:
        """One by one. The `images` of a row are checked before it is parsed, and become a list of CheckedImage."""
        self.header = reshape.header
        with self._noting():
            for rows in self._files():
                for line, given in rows:
                    yield from self._each(line, partial(reshape, line, given), parse)
                yield from self._each(self.line, reshape.rest, parse)

    def _each(
        self, line: int, make: Callable[[], Iterable[LinedRow]], parse: Callable[[Row], Parsed]
    ) -> Iterator[tuple[int, Parsed]]:
        try:
            for line, row in make():
                self.n_rows += 1
                if row.get("images") is not None:
                    row["images"] = self.images.take(row["images"])
                check_text(row)
                yield line, parse(row)
        except RowRefused as refused:
            self.refuse(refused.line or line, str(refused))
        except (ImageRefused, ArchiveRefused) as refused:
            self.refuse(line, str(refused))

    def finish(self) -> None:
        """Keep the images, or raise FileRefused if anything is wrong."""
        if not self.n_rows and not self.n_problems:
            self.refuse(0, _("the file holds no rows."))
        if self.n_problems:
            raise FileRefused(self.name, self.problems, self.n_problems)
        self.images.store()

    @contextmanager
    def _noting(self) -> Iterator[None]:
        """What cannot be read, and where; then it is about the whole again."""
        try:
            yield
        except (ArchiveRefused, TooLarge) as refused:
            self.note(self.line, str(refused))
        except Enough:
            pass
        self.within = ""

    def _files(self) -> Iterator[Iterator[tuple[int, Row]]]:
        """The rows of each file that is read, with their lines. Raises ArchiveRefused; rows, TooLarge as well."""
        self.begin()
        ending, progress = PurePath(self.name).suffix.lower(), self.progress
        if ending in (".zip", ".gz"):
            self.progress = lambda _bytes: None  # who unpacks says how much of the packed file was read
        if ending == ".zip":
            self.images.archive = archive = Archive(self.stream, progress)
            for name in archive.rows_names():
                self.begin(name)
                self.stream = archive.open(name)
                yield self._read(name)
        elif ending == ".gz":
            self.stream = io.BufferedReader(Gunzip(self.stream, progress), BLOCK)
            yield self._read(PurePath(self.name).stem)
        else:
            yield self._read(self.name)

    def _read(self, name: str) -> Iterator[tuple[int, Row]]:
        reader = READERS.get(PurePath(name).suffix.lower())
        if reader is None:
            said = _("its name must end in %(known)s, and then perhaps in .gz, or in .zip, to tell what it is.")
            self.refuse(0, said % {"known": ", ".join(READERS)})
        else:
            yield from reader(self)


def check_text(value: object, depth: int = 0) -> None:
    """Raises RowRefused for text that PostgreSQL or a tokenizer would choke on, however deep in the row."""
    if depth > DEEPEST:
        raise RowRefused(too_deep())
    if isinstance(value, dict):
        for key in value:
            check_string(key)
        value = value.values()
    elif not isinstance(value, list):
        value = [value]
    for item in value:
        if isinstance(item, str):
            check_string(item)
        elif isinstance(item, (dict, list)):
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
    if not known.issuperset(row):
        unknown = ", ".join(f"“{name}”" for name in sorted(row.keys() - known))
        raise RowRefused(
            _("unknown field %(fields)s; known are %(known)s.") % {"fields": unknown, "known": ", ".join(sorted(known))}
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
