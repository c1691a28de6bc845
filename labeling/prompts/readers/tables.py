"""Tables as text: CSV, and TSV, with a header."""

import csv
from collections.abc import Iterator

from django.utils.translation import gettext as _

from labeling.prompts.readers.base import LONGEST_ROW, Row, Source

MOST_COLUMNS = 1000


class RowTooLong(Exception):
    pass


def rows(source: Source, delimiter: str) -> Iterator[tuple[int, Row]]:
    csv.field_size_limit(LONGEST_ROW)
    lines = Lines(source)
    reader = csv.reader(lines, strict=True, delimiter=delimiter)
    try:
        header: list[str] | None = [*source.columns] or next(reader, None)
        source.columns = checked(source, header or [])
        while header is not None and source.columns:
            first = source.line + 1
            lines.n_row = 0
            cells = next(reader, None)
            if cells is None:
                return
            if len(cells) == len(header):
                yield first, {name: cell for name, cell in zip(header, cells, strict=True) if cell}
            elif cells:
                source.refuse(first, _("%(n)d cells under a header of %(m)d.") % {"n": len(cells), "m": len(header)})
    except csv.Error as wrong:
        source.refuse(source.line, _("not CSV: %(what)s.") % {"what": wrong})
    except RowTooLong:
        source.refuse(source.line, _("a row is longer than %(n)d bytes.") % {"n": LONGEST_ROW})


def checked(source: Source, header: list[str]) -> list[str]:
    """The header; none where it is refused."""
    twice = sorted({name for name in header if name and header.count(name) > 1}) if len(header) <= MOST_COLUMNS else []
    if len(header) > MOST_COLUMNS:
        source.refuse(source.line, _("the table has more than %(n)d columns.") % {"n": MOST_COLUMNS})
    elif twice:
        source.refuse(source.line, _("the column “%(name)s” is there twice.") % {"name": twice[0]})
    else:
        return header
    return []


class Lines:
    """The lines of a source, as long as one row does not take too many of them."""

    def __init__(self, source: Source) -> None:
        self.texts = source.texts()
        self.n_row = 0
        """Characters since the row began."""

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        text = next(self.texts)
        self.n_row += len(text)
        if self.n_row > 2 * LONGEST_ROW:
            raise RowTooLong
        return text
