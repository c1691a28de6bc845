"""A rack: one module a kind of file. Each gives the rows with their lines, and notes with the source what is wrong."""

from collections.abc import Callable, Iterator
from functools import partial

from labeling.prompts.readers import json_lines, json_list, parquet, plain_text, tables
from labeling.prompts.readers.base import Row, Source

Reader = Callable[[Source], Iterator[tuple[int, Row]]]

READERS: dict[str, Reader] = {
    ".jsonl": json_lines.rows,
    ".ndjson": json_lines.rows,
    ".json": json_list.rows,
    ".csv": partial(tables.rows, delimiter=","),
    ".tsv": partial(tables.rows, delimiter="\t"),
    ".parquet": parquet.rows,
    ".txt": plain_text.rows,
}
"""By the ending of a file's name."""
