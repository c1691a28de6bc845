"""JSON Lines: one object a line."""

from collections.abc import Iterator

from labeling.prompts.json_text import JsonRefused, value_of
from labeling.prompts.readers.base import Row, Source, not_utf8


def rows(source: Source) -> Iterator[tuple[int, Row]]:
    for raw in source.lines():
        if raw.isspace() or not raw:
            continue
        try:
            value = value_of(raw, source.line)
        except JsonRefused as refused:
            source.refuse(refused.line, str(refused))
        except UnicodeDecodeError as wrong:
            source.refuse(source.line, not_utf8(wrong.start + 1))
        else:
            yield from source.row(source.line, value)
