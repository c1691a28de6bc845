"""Plain text: one prompt a line. Lines of space only are passed over."""

from collections.abc import Iterator

from labeling.prompts.readers.base import Row, Source


def rows(source: Source) -> Iterator[tuple[int, Row]]:
    for text in source.texts():
        if text.strip():
            yield source.line, {"prompt": text.removesuffix("\n").removesuffix("\r")}
