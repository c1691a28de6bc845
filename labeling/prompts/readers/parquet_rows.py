"""A program: writes the rows of the Parquet file that is named as JSON Lines, within a limit of memory."""

import json
import resource
import sys
from typing import Any

import pyarrow as pa
from pyarrow import parquet

MOST_MEMORY = 256 * 2**20
"""Bytes, beside what the program and its libraries take up."""

TOGETHER = 64
"""Rows. They are few since each may be as large as a row may be."""


def written(value: Any) -> str:
    """What JSON has no form for: bytes as the text they are, times as ISO 8601, decimals as they are written."""
    if isinstance(value, bytes):
        return value.decode()
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


def line_of(batch: pa.RecordBatch, place: int) -> bytes:
    """A line that is not UTF-8 where the row is not."""
    try:
        (row,) = batch.slice(place, 1).to_pylist()
        given = {name: value for name, value in row.items() if value is not None}
        return json.dumps(given, default=written, ensure_ascii=False).encode()
    except UnicodeError:
        return b"\xff"


if __name__ == "__main__":
    pa.set_memory_pool(pa.system_memory_pool())
    used = int(open("/proc/self/statm").read().split()[5]) * resource.getpagesize()  # noqa: SIM115
    resource.setrlimit(resource.RLIMIT_DATA, (used + MOST_MEMORY, used + MOST_MEMORY))
    with parquet.ParquetFile(sys.argv[1], memory_map=False, pre_buffer=False, buffer_size=2**16) as file:
        for batch in file.iter_batches(batch_size=TOGETHER, use_threads=False):
            for place in range(batch.num_rows):
                sys.stdout.buffer.write(line_of(batch, place) + b"\n")
    sys.stdout.buffer.flush()
