"""How fast are pairs written as a data set's files with their manifest, and does memory stay flat? Beside the least.

Pairs of 2 kB are made as they are written; making them alone is measured and taken off. Each figure is of a process of
its own. MB/s are of the rows as JSON Lines, whatever they are written as.

    .venv/bin/python -m benchmarks.write_pairs --sizes 100000 1000000
"""

import argparse
import json
import os
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"

import django

django.setup()

import orjson  # noqa: E402
import pyarrow as pa  # noqa: E402
import pyarrow.parquet as pq  # noqa: E402

from benchmarks.table import Row, show  # noqa: E402
from evaluation.datasets.files import ROWS_A_GROUP, Part  # noqa: E402
from evaluation.datasets.formats import FORMATS  # noqa: E402
from evaluation.datasets.formats.base import Answer, Asked, Files, Origin, Pair, Shape  # noqa: E402
from evaluation.datasets.write import rarely_collected  # noqa: E402

WORDS = ["time", "year", "people", "way", "day", "man", "thing", "woman", "life", "child", "world", "school", "state"]
PROMPT, RESPONSE, DIFFERENT = 450, 770, 5000
"""Characters, and how many different texts."""

MEGABYTE = 10**6
Lines = Iterator[dict[str, str]]


def texts(length: int) -> list[str]:
    draw = random.Random(length)
    return [" ".join(draw.choices(WORDS, k=length // 5))[:length] for _text in range(DIFFERENT)]


def pairs(n: int) -> Iterator[Pair]:
    prompts, responses = texts(PROMPT), texts(RESPONSE)
    for number in range(n):
        messages = [{"role": "user", "content": f"{number} {prompts[number % DIFFERENT]}"}]
        one, other = (Answer(responses[(number + by) % DIFFERENT], "m", f"{number + by:064x}", number) for by in (1, 7))
        yield Pair(Asked(messages, f"{number:064x}"), one, other, Origin(number, [number], [1], 1))


def rows(n: int) -> Lines:
    for pair in pairs(n):
        yield {
            "prompt": pair.asked.messages[0]["content"],
            "chosen": pair.chosen.text,
            "rejected": pair.rejected.text,
        }


def ours(n: int, folder: Path, files: Files) -> None:
    part = Part(folder, "train", FORMATS["trl-preference"], Shape(), files)
    with rarely_collected():
        for pair in pairs(n):
            part.add(pair)
        part.close()


def bare_json(n: int, folder: Path) -> None:
    with (folder / "rows.jsonl").open("wb", buffering=2**20) as file:
        file.writelines(orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE) for row in rows(n))


def bare_parquet(n: int, folder: Path) -> None:
    schema = pa.schema([(name, pa.string()) for name in ("prompt", "chosen", "rejected")])
    with pq.ParquetWriter(folder / "rows.parquet", schema) as writer:
        group = []
        for row in rows(n):
            group.append(row)
            if len(group) == ROWS_A_GROUP:
                writer.write_table(pa.Table.from_pylist(group, schema))
                group = []


WAYS: dict[str, Callable[[int, Path], None]] = {
    "JSON Lines": lambda n, folder: ours(n, folder, "jsonl"),
    "orjson alone": bare_json,
    "Parquet": lambda n, folder: ours(n, folder, "parquet"),
    "pyarrow alone": bare_parquet,
}
FLOORS = {"JSON Lines": "orjson alone", "Parquet": "pyarrow alone"}


def child(way: str, n: int) -> None:
    """Prints seconds, megabytes of memory at most, and bytes of a row as JSON."""
    size = sum(len(orjson.dumps(row)) + 1 for row in rows(1000)) / 1000
    began = time.perf_counter()
    for _pair in pairs(n) if way in FLOORS else rows(n):
        pass
    making = time.perf_counter() - began
    with tempfile.TemporaryDirectory() as folder:
        began = time.perf_counter()
        WAYS[way](n, Path(folder))
        seconds = time.perf_counter() - began - making
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / MEGABYTE
    print(json.dumps([seconds, memory, size]))


def measured(way: str, n: int) -> tuple[float, float]:
    """MB/s, and megabytes of memory."""
    command = [sys.executable, "-m", "benchmarks.write_pairs", "--child", way, str(n)]
    seconds, memory, size = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
    return n * size / MEGABYTE / seconds, memory


def measure(n: int, rounds: int) -> Iterator[Row]:
    found: dict[str, list[tuple[float, float]]] = {way: [] for way in WAYS}
    for _round in range(rounds):
        for way in WAYS:
            found[way].append(measured(way, n))
    speeds = {way: statistics.median(speed for speed, _memory in taken) for way, taken in found.items()}
    for way, taken in found.items():
        floor = FLOORS.get(way)
        case = f"{n:,} pairs, {way}"
        yield Row(case, "speed", speeds[way], "MB/s", floor or "", speeds[way] / speeds[floor] if floor else None)
        yield Row(case, "memory", max(memory for _speed, memory in taken), "MB")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", type=int, nargs="+", default=[100_000, 1_000_000])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--child", nargs=2, metavar=("WAY", "N"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        child(options.child[0], int(options.child[1]))
    else:
        show([row for n in options.sizes for row in measure(n, options.rounds)], as_json=options.json)
