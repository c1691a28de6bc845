"""Write a data set as a folder that `datasets.load_dataset` reads."""

import hashlib
import shutil
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from django.db import connection, transaction
from django.utils.translation import gettext as _

from evaluation.datasets.card import Written, card
from evaluation.datasets.consensus import pair_outcomes
from evaluation.datasets.formats import FORMATS, RowFormat
from evaluation.datasets.formats.base import Pair
from labeling.errors import Refused
from labeling.projects.models import Project
from labeling.prompts.splits import SHARES, split_of

ROWS_A_GROUP = 1000
ROWS_A_FILE = 200_000


@contextmanager
def one_moment() -> Iterator[None]:
    """Everything read in the block is as it was when the block began, however long it takes.

    Only at the start of a transaction can that be asked for, so not inside another one.
    """
    with transaction.atomic(durable=True), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        yield


def write_dataset(*, project: Project, format: str, out: Path) -> Written:
    """Write the project's labels into the new folder `out`: wholly, or not at all. To be called in `one_moment`.

    Raises Refused when `out` holds something, or when there is nothing to write.
    """
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise Refused(_("%(folder)s is not an empty folder.") % {"folder": out})
    half = out.with_name(f".{out.name}.half")
    shutil.rmtree(half, ignore_errors=True)
    try:
        half.mkdir(parents=True)
        written = fill(half, project, format)
        if out.exists():
            out.rmdir()
        half.rename(out)
    except OSError as wrong:
        raise Refused(_("%(folder)s cannot be written: %(why)s.") % {"folder": out, "why": wrong.strerror}) from wrong
    finally:
        shutil.rmtree(half, ignore_errors=True)
    return written


def fill(folder: Path, project: Project, format: str) -> Written:
    written = Written()
    splits = {split: SplitWriter(folder / "data", split, FORMATS[format]) for split in SHARES}
    prompts: Counter[int] = Counter()
    for outcome in pair_outcomes(project):
        if outcome.is_tie:
            written.dropped_ties += 1
        elif outcome.better == outcome.worse:
            written.dropped_twins += 1
        else:
            prompt = outcome.prompt
            prompts[prompt.pk] += 1
            written.edits += outcome.is_edit
            pair = Pair(prompt.messages, outcome.better, outcome.worse)
            splits[split_of(prompt.owner, prompt.digest)].add(pair)
    for split, writer in splits.items():
        if n_rows := writer.close():
            written.rows[split] = n_rows
    if not written.rows:
        raise Refused(_("There is no pair of responses of which annotators prefer one: nothing to write."))
    written.prompts = len(prompts)
    (folder / "README.md").write_text(card(project, format, written))
    written.files = {
        str(path.relative_to(folder)): sha256(path) for path in sorted(folder.rglob("*")) if path.is_file()
    }
    return written


def sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


class SplitWriter:
    """Writes one split's Parquet files; a split without rows has none."""

    def __init__(self, folder: Path, split: str, format: RowFormat) -> None:
        self.folder = folder
        self.split = split
        self.format = format
        self.n_rows = 0
        self.files: list[Path] = []
        self.group: list[dict[str, Any]] = []
        self.writer: pq.ParquetWriter | None = None

    def add(self, pair: Pair) -> None:
        self.group.append(self.format.row(pair))
        self.n_rows += 1
        if len(self.group) == ROWS_A_GROUP:
            self._flush()
        if self.n_rows % ROWS_A_FILE == 0:
            self._end_file()

    def close(self) -> int:
        """Write what is left, name the files by how many there are; the number of rows."""
        self._flush()
        self._end_file()
        for number, file in enumerate(self.files):
            file.rename(self.folder / f"{self.split}-{number:05d}-of-{len(self.files):05d}.parquet")
        return self.n_rows

    def _flush(self) -> None:
        if not self.group:
            return
        if self.writer is None:
            self.folder.mkdir(exist_ok=True)
            self.files.append(self.folder / f"{self.split}.{len(self.files)}")
            self.writer = pq.ParquetWriter(self.files[-1], self.format.schema)
        self.writer.write_table(pa.Table.from_pylist(self.group, self.format.schema))
        self.group = []

    def _end_file(self) -> None:
        if self.writer is not None:
            self.writer.close()
            self.writer = None
