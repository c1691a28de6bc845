"""Order a data set, and write what was ordered."""

import tempfile
import time
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

from django.core.files import File
from django.core.files.storage import storages
from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext

from evaluation.datasets.examples import Stream
from evaluation.datasets.models import LEASE, Snapshot, SnapshotState
from evaluation.datasets.reading import one_moment
from evaluation.datasets.recipe import Recipe, recipe_of
from evaluation.datasets.write import write_dataset
from evaluation.datasets.written import Written
from labeling.audit import record
from labeling.calling import call_worker
from labeling.errors import Refused
from labeling.people.models import User
from labeling.projects.models import Project

JOB = "evaluation.datasets.jobs.write"
STORAGE = "datasets"
OFTEN = 1.0
"""Seconds between two reports of progress."""

LONG_AGO = (1980, 1, 1, 0, 0, 0)
"""When all files in an archive were made, so that the same files give the same archive; zip knows nothing earlier."""

READABLE = 0o100644 << 16


@transaction.atomic
def order_snapshot(*, project: Project, recipe: Recipe, by: User | None = None) -> Snapshot:
    """A snapshot that a worker will write. Raises Refused for a recipe that does not go with the project."""
    Stream(project, recipe)
    snapshot = Snapshot.objects.create(project=project, recipe=recipe.to_json(), created_by=by)
    record("dataset.ordered", actor=by, project_id=project.pk, snapshot=snapshot.pk, recipe=recipe.to_json())
    call_worker(JOB, snapshot.pk)
    return snapshot


def write_snapshot(*, snapshot_id: int) -> None:
    """Write what was ordered into an archive, unless that is done or another worker is at it."""
    ours = Snapshot.objects.to_write().filter(pk=snapshot_id)
    if not ours.update(leased_until=timezone.now() + LEASE, n_done=0):
        return
    snapshot = Snapshot.objects.select_related("project").get(pk=snapshot_id)
    try:
        with tempfile.TemporaryDirectory() as scratch, progress_of(snapshot) as progress:
            folder = Path(scratch) / str(snapshot)
            with one_moment():
                recipe = recipe_of(snapshot.recipe)
                progress.expect(Stream(snapshot.project, recipe).total())
                written = write_dataset(project=snapshot.project, recipe=recipe, out=folder, progress=progress.report)
            keep(snapshot, written, packed(folder))
    except Refused as refused:
        fail(snapshot_id, str(refused))
    except Exception:
        fail(snapshot_id, gettext("Something went wrong that should not; the log of the worker says what."))
        raise


def fail(snapshot_id: int, error: str) -> None:
    Snapshot.objects.filter(pk=snapshot_id).update(state=SnapshotState.FAILED, error=error)


def keep(snapshot: Snapshot, written: Written, archive: Path) -> None:
    storage = storages[STORAGE]
    storage.delete(snapshot.archive)  # of a worker that died before it could say so
    with archive.open("rb") as file:
        storage.save(snapshot.archive, File(file))
    Snapshot.objects.filter(pk=snapshot.pk).update(
        state=SnapshotState.DONE,
        summary={**asdict(written), "rows": list(written.rows.items())},
        digest=written.digest,
        size=archive.stat().st_size,
        n_done=snapshot.n_tasks or 0,
    )


class Progress:
    """Says how far a data set is, by a connection of its own: the one that reads is at one moment for all the while."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot
        self.told_at = time.monotonic()
        self.own = connection.copy()

    def expect(self, n_tasks: int) -> None:
        self.snapshot.n_tasks = n_tasks
        self.tell("n_tasks = %s", n_tasks)

    def report(self, n_done: int) -> None:
        if time.monotonic() > self.told_at + OFTEN:
            self.told_at = time.monotonic()
            self.tell("n_done = %s", n_done)

    def tell(self, what: str, value: int) -> None:
        with self.own.cursor() as cursor:
            cursor.execute(
                f"UPDATE {Snapshot._meta.db_table} SET {what}, leased_until = %s WHERE id = %s",  # noqa: S608 (ours)
                [value, timezone.now() + LEASE, self.snapshot.pk],
            )


@contextmanager
def progress_of(snapshot: Snapshot) -> Iterator[Progress]:
    progress = Progress(snapshot)
    try:
        yield progress
    finally:
        progress.own.close()


def packed(folder: Path) -> Path:
    """The folder as an archive beside it: the same bytes for the same files."""
    archive = folder.parent / f"{folder.name}.zip"
    with zipfile.ZipFile(archive, "w") as pack:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                info = zipfile.ZipInfo(str(path.relative_to(folder.parent)), LONG_AGO)
                info.external_attr = READABLE
                info.file_size = path.stat().st_size
                info.compress_type = zipfile.ZIP_STORED if path.suffix == ".parquet" else zipfile.ZIP_DEFLATED
                with path.open("rb") as file, pack.open(info, "w") as entry:
                    while block := file.read(2**20):
                        entry.write(block)
    return archive
