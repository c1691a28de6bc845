"""Writes rows and where they come from, one file after another, the same bytes for the same rows."""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

import orjson
import pyarrow as pa
import pyarrow.parquet as pq
from pyarrow import csv

from evaluation.datasets.formats import RowFormat
from evaluation.datasets.formats.base import TEXT, Example, Files, Origin, Row, Shape
from labeling.spreadsheets import harmless

ROWS_A_GROUP = 1000
ROWS_A_FILE = 200_000
MANIFEST_ROWS_A_GROUP = 2500

BYTE_ORDER_MARK = b"\xef\xbb\xbf"
"""By it, spreadsheets know UTF-8."""

KEY_BYTES = 16
BUFFER = 2**20

MANIFEST = pa.schema(
    [
        ("key", pa.binary(KEY_BYTES)),
        ("value", pa.string()),
        ("task", pa.int64()),
        ("annotations", pa.list_(pa.int64())),
        ("questions", pa.int32()),
        ("guidelines", pa.list_(pa.int32())),
        ("responses", pa.list_(pa.int64())),
        ("runs", pa.list_(pa.int64())),
    ]
)
"""Of each row, in the order of the data: what it is about, hashed, and what it says of that, by which two snapshots are
compared; and the ids of what it comes from, and the versions of questions and guidelines."""


class Manifest:
    """Written in larger pieces than the data: its rows are short."""

    def __init__(self, path: Path) -> None:
        self.writer = pq.ParquetWriter(path, MANIFEST)
        self.rows: list[tuple[Any, ...]] = []

    def add(self, examples: Sequence[Example]) -> None:
        self.rows += map(origin_of, examples)
        if len(self.rows) >= MANIFEST_ROWS_A_GROUP:
            self._flush()

    def close(self) -> None:
        self._flush()
        self.writer.close()

    def _flush(self) -> None:
        columns = zip(*self.rows, strict=True) if self.rows else [()] * len(MANIFEST)
        self.writer.write_batch(batch(MANIFEST, columns))
        self.rows = []


def origin_of(example: Example) -> tuple[Any, ...]:
    """A row of the manifest."""
    parts, value = example.identity
    origin, answers = example.origin, example.answers
    return (
        hashlib.blake2b(" ".join(parts).encode(), digest_size=KEY_BYTES).digest(),
        value,
        origin.task,
        origin.annotations,
        origin.instrument,
        origin.guidelines,
        [answer.id for answer in answers if answer.id is not None],
        [answer.run for answer in answers if answer.run is not None],
    )


class Rows(Protocol):
    def add(self, rows: Sequence[Row]) -> None: ...

    def close(self) -> None: ...


class ParquetRows:
    def __init__(self, path: Path, schema: pa.Schema) -> None:
        self.schema = schema
        self.writer = pq.ParquetWriter(path, schema)

    def add(self, rows: Sequence[Row]) -> None:
        self.writer.write_batch(batch(self.schema, columns_of(rows, self.schema)))

    def close(self) -> None:
        self.writer.close()


def columns_of(rows: Sequence[Row], schema: pa.Schema) -> Iterator[list[Any]]:
    return ([row[name] for row in rows] for name in schema.names)


def batch(schema: pa.Schema, columns: Iterable[Sequence[Any]]) -> pa.RecordBatch:
    arrays = [pa.array(column, field.type) for column, field in zip(columns, schema, strict=True)]
    return pa.RecordBatch.from_arrays(arrays, schema=schema)


class JsonlRows:
    def __init__(self, path: Path, schema: pa.Schema) -> None:
        self.file = path.open("wb", buffering=BUFFER)

    def add(self, rows: Sequence[Row]) -> None:
        self.file.writelines(map(json_line, rows))

    def close(self) -> None:
        self.file.close()


def json_line(row: Row) -> bytes:
    return orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE)


class CsvRows:
    """As spreadsheets read it: a cell that would be a formula begins with a '. Conversations are JSON."""

    def __init__(self, path: Path, schema: pa.Schema) -> None:
        self.kinds = schema.types
        self.schema = pa.schema([(one.name, TEXT if pa.types.is_list(one.type) else one.type) for one in schema])
        self.file = path.open("wb")
        self.file.write(BYTE_ORDER_MARK)
        self.writer = csv.CSVWriter(self.file, self.schema, write_options=csv.WriteOptions(eol="\r\n"))

    def add(self, rows: Sequence[Row]) -> None:
        self.writer.write_batch(batch(self.schema, map(cells, columns_of(rows, self.schema), self.kinds)))

    def close(self) -> None:
        self.writer.close()
        self.file.close()


def cells(column: Sequence[Any], kind: pa.DataType) -> Sequence[Any]:
    if pa.types.is_list(kind):
        return [orjson.dumps(value).decode() for value in column]
    return [harmless(value) for value in column] if pa.types.is_string(kind) else column


ROWS: Mapping[Files, Callable[[Path, pa.Schema], Rows]] = {"parquet": ParquetRows, "jsonl": JsonlRows, "csv": CsvRows}


class Part:
    """The rows of one split, and their manifest."""

    def __init__(
        self, folder: Path, split: str, format: RowFormat, shape: Shape, files: Files, config: str = ""
    ) -> None:
        self.split, self.format, self.shape, self.kind = split, format, shape, files
        self.data, self.manifests = folder / "data" / config, folder / "manifest" / config
        self.schema = format.schema(shape)
        self.n_rows = self.n_in_file = 0
        self.group: list[Example] = []
        self.last: Origin | None = None
        self.paths: list[Path] = []
        self.rows: Rows | None = None
        self.manifest: Manifest | None = None

    def add(self, example: Example) -> None:
        """Rows that share their origin, as those of one annotator on one task do, stay in one file."""
        if self.n_in_file >= ROWS_A_FILE and example.origin is not self.last:
            self._end_file()
        self.last = example.origin
        self.group.append(example)
        self.n_rows += 1
        self.n_in_file += 1
        if len(self.group) == ROWS_A_GROUP:
            self._flush()

    def close(self) -> list[Path]:
        """Write what is left, and name the files by how many there are; they are none for a split without rows."""
        self._end_file()
        if self.manifest:
            self.manifest.close()
        for number, path in enumerate(self.paths):
            name = f"{self.split}-{number:05d}-of-{len(self.paths):05d}.{self.kind}"
            self.paths[number] = path.rename(self.data / name)
        return self.paths

    def _flush(self) -> None:
        if not self.group:
            return
        if self.rows is None:
            self.data.mkdir(parents=True, exist_ok=True)
            self.paths.append(self.data / f"{self.split}.{len(self.paths)}")
            self.rows = ROWS[self.kind](self.paths[-1], self.schema)
        if self.manifest is None:
            self.manifests.mkdir(parents=True, exist_ok=True)
            self.manifest = Manifest(self.manifests / f"{self.split}.parquet")
        self.rows.add([self.format.row(example, self.shape) for example in self.group])
        self.manifest.add(self.group)
        self.group = []

    def _end_file(self) -> None:
        self._flush()
        if self.rows is not None:
            self.rows.close()
            self.rows = None
        self.n_in_file = 0


def sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
