"""How fast data sets come in and go out, beside a bare COPY of the same values.

    .venv/bin/python -m benchmarks.exchange --size 100000 --rounds 3

A case is one function, and takes turns with the others. What is timed are commands as people run them, with the start
of the process, beside a server and a broker that run. The floor of an import is what it brought, by COPY into empty
tables with the same indexes and checks, but without foreign keys. Everything is in a database of its own, and what was
written before is on the disk before anything is timed.
"""

import argparse
import itertools
import json
import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VAR = ROOT / "var" / "bench"
os.environ["CONCORD_VAR"] = str(VAR)
os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
for outer in ("DATABASE_URL", "CELERY_BROKER_URL"):
    os.environ.pop(outer, None)

shutil.rmtree(VAR, ignore_errors=True)

import django  # noqa: E402

django.setup()

import psycopg  # noqa: E402
from django.conf import settings  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402

from benchmarks.table import Row, show  # noqa: E402
from config.embedded.holding import hold_all  # noqa: E402
from evaluation.datasets.recipe import recipe_of  # noqa: E402
from evaluation.datasets.stream import lines  # noqa: E402
from labeling.projects.create_project import create_project  # noqa: E402
from labeling.projects.presets import Preset  # noqa: E402
from labeling.prompts.look_into import ensure_families  # noqa: E402

SYLLABLES = [consonant + vowel for consonant in "bcdfghjklmnprstvw" for vowel in ("a", "e", "i", "o", "u", "ai", "er")]
WORDS = ["".join(word) for word in itertools.product(SYLLABLES[::3], SYLLABLES[::7], SYLLABLES[::5])]
"""Thousands, so that texts are no near-duplicates."""
PROMPT, RESPONSE = 450, 770
"""Characters, so that 100,000 prompts with two responses each are 216 MB."""

MEGABYTE = 10**6
Rows = Iterator[dict[str, object]]


def text(draw: random.Random, length: int) -> str:
    return " ".join(draw.choices(WORDS, k=length // 5))[:length]


def answered(size: int) -> Rows:
    """Prompts with two responses each."""
    draw = random.Random(1)
    for number in range(size):
        yield {
            "prompt": f"{number} {text(draw, PROMPT)}",
            "source": "benchmark",
            "responses": [{"model": model, "text": text(draw, RESPONSE)} for model in ("one", "two")],
        }


def judged(size: int) -> Rows:
    """The same, each judged by one of ten people."""
    draw = random.Random(2)
    for row in answered(size):
        yield {**row, "annotator": f"person {draw.randrange(10)}", "preference": draw.choice(["A", "B", "tie"])}


def settle() -> None:
    with connection.cursor() as cursor:
        cursor.execute("CHECKPOINT")


LAUNCH = """
import os, subprocess, sys, time
began = time.perf_counter()
child = subprocess.Popen(sys.argv[1:], stdout=subprocess.DEVNULL)
_pid, status, used = os.wait4(child.pid, 0)
print(time.perf_counter() - began, used.ru_maxrss)
sys.exit(status and 1)
"""
"""By a process of its own: Linux counts, as memory that a process had, what that one had which started it."""


def timed(*command: str) -> tuple[float, float]:
    """Seconds, and megabytes of the process at most."""
    settle()
    launched = [sys.executable, "-c", LAUNCH, sys.executable, "manage.py", *command]
    said = subprocess.run(launched, cwd=ROOT, stdout=subprocess.PIPE, check=True).stdout
    seconds, kilobytes = map(float, said.split())
    return seconds, kilobytes * 1024 / MEGABYTE


def copied(tables: list[str]) -> float:
    """Seconds to COPY what is in the tables into empty ones like them."""
    with connection.cursor() as cursor:
        connection.ensure_connection()
        bare = psycopg.ClientCursor(connection.connection)
        files = []
        for table in tables:
            cursor.execute(f"CREATE TABLE floor_{table} (LIKE {table} INCLUDING ALL)")
            files.append(VAR / f"{table}.copy")
            with bare.copy(f"COPY {table} TO STDOUT") as out, files[-1].open("wb") as kept:
                for block in out:
                    kept.write(block)
        settle()
        began = time.perf_counter()
        for table, file in zip(tables, files, strict=True):
            with bare.copy(f"COPY floor_{table} FROM STDIN") as into, file.open("rb") as kept:
                while block := kept.read(2**20):
                    into.write(block)
        seconds = time.perf_counter() - began
        for table in tables:
            cursor.execute(f"DROP TABLE floor_{table}")
    return seconds


def imported(case: str, command: str, rows: Callable[[int], Rows], tables: list[str], size: int) -> Iterator[Row]:
    """One round of an import, of its floor, and of the same file again."""
    project = create_project(name="Bench", slug=f"bench-{time.time_ns()}", preset=Preset.IMPORTED)
    file = VAR / f"{command}-{size}.jsonl"
    if not file.exists():
        with file.open("w") as out:
            out.writelines(f"{json.dumps(row)}\n" for row in rows(size))
        os.sync()
    seconds, memory = timed(command, str(file), "--project", project.slug)
    floor = copied(tables)
    again, _memory = timed(command, str(file), "--project", project.slug)
    yield Row(case, "time", seconds, "s", "bare COPY", seconds / floor)
    yield Row(case, "bare COPY", floor, "s")
    yield Row(case, "the same again", again, "s")
    yield Row(case, "memory", memory, "MB")
    yield Row(case, "file", file.stat().st_size / MEGABYTE, "MB")
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE labeling_project, labeling_user CASCADE")


def import_answered(size: int) -> Iterator[Row]:
    tables = ["labeling_prompt", "labeling_response"]
    return imported("import prompts with responses", "import_responses", answered, tables, size)


def import_judged(size: int) -> Iterator[Row]:
    tables = [f"labeling_{name}" for name in ("prompt", "response", "task", "taskresponse", "seat", "annotation")]
    return imported("import annotated tasks", "import_annotations", judged, tables, size)


def copied_out(tables: list[str]) -> float:
    """Seconds to COPY what is in the tables out of the database."""
    connection.ensure_connection()
    began = time.perf_counter()
    for table in tables:
        with psycopg.ClientCursor(connection.connection).copy(f"COPY {table} TO STDOUT") as out:
            for _block in out:
                pass
    return time.perf_counter() - began


def export_judged(size: int) -> Iterator[Row]:
    """One round of exports of annotated tasks: as JSON Lines and CSV of judgments, as pairs, and over a stream."""
    project = create_project(name="Bench", slug=f"bench-{time.time_ns()}", preset=Preset.IMPORTED)
    file = VAR / f"import_annotations-{size}.jsonl"
    timed("import_annotations", str(file), "--project", project.slug)
    ensure_families(project=project)
    floor = copied_out([f"labeling_{name}" for name in ("prompt", "response", "task", "taskresponse", "annotation")])
    for rows, files in (("judgments", "jsonl"), ("judgments", "csv"), ("trl-preference", "parquet")):
        with tempfile.TemporaryDirectory(dir=VAR) as out:
            asked = ["--format", rows, "--file-format", files, "--out", out]
            seconds, memory = timed("export_dataset", "--project", project.slug, *asked)
        case = f"export annotated tasks, {rows} {files}"
        yield Row(case, "time", seconds, "s", "bare COPY", seconds / floor)
        yield Row(case, "memory", memory, "MB")
    began = time.perf_counter()
    stream = lines(project, recipe_of({"format": "judgments"}))
    first = len(next(stream))
    yield Row("stream of judgments", "first row after", (time.perf_counter() - began) * 1000, "ms")
    n_bytes = first + sum(map(len, stream))
    yield Row("stream of judgments", "all rows after", time.perf_counter() - began, "s")
    yield Row("stream of judgments", "rows", n_bytes / MEGABYTE, "MB")
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE labeling_project, labeling_user CASCADE")


CASES: list[Callable[[int], Iterator[Row]]] = [import_answered, import_judged, export_judged]


def medians(rounds: list[list[Row]]) -> Iterator[Row]:
    for same in zip(*rounds, strict=True):
        ratios = [row.ratio for row in same if row.ratio is not None]
        value = statistics.median(row.value for row in same)
        yield Row(
            same[0].case,
            same[0].metric,
            value,
            same[0].unit,
            same[0].against,
            statistics.median(ratios) if ratios else None,
        )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", type=int, default=100_000, help="prompts, or tasks")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    settings.FOLDERS.make()
    with hold_all(settings.EMBEDDED, settings.FOLDERS):
        call_command("migrate", verbosity=0)
        rounds = [[row for case in CASES for row in case(options.size)] for _round in range(options.rounds)]
        connection.close()
    show(medians(rounds), as_json=options.json)
