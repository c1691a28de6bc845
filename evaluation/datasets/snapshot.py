"""Order a data set, and write what was ordered."""

import shutil
import tempfile
from dataclasses import asdict
from pathlib import Path

from django.db import transaction

from evaluation.datasets.models import Format, Snapshot, SnapshotState
from evaluation.datasets.write import one_moment, write_dataset
from labeling.audit import record
from labeling.calling import call_worker
from labeling.errors import Refused
from labeling.people.models import User
from labeling.projects.models import Project

JOB = "evaluation.datasets.jobs.write"


@transaction.atomic
def order_snapshot(*, project: Project, format: Format, by: User) -> Snapshot:
    """A snapshot that a worker will write."""
    snapshot = Snapshot.objects.create(project=project, format=format, created_by=by)
    record("dataset.ordered", actor=by, project_id=project.pk, snapshot=snapshot.pk, format=format)
    call_worker(JOB, snapshot.pk)
    return snapshot


def write_snapshot(*, snapshot_id: int) -> None:
    """Write what was ordered into an archive, unless that is done or another worker is at it."""
    with one_moment():
        waiting = Snapshot.objects.filter(pk=snapshot_id, state=SnapshotState.WAITING)
        snapshot = waiting.select_for_update(skip_locked=True, of=("self",)).select_related("project").first()
        if snapshot is None:
            return
        try:
            snapshot.summary = pack(snapshot)
            snapshot.state = SnapshotState.DONE
        except Refused as refused:
            snapshot.error = str(refused)
            snapshot.state = SnapshotState.FAILED
        snapshot.save(update_fields=["state", "error", "summary"])


def pack(snapshot: Snapshot) -> dict[str, object]:
    """Write the folder, and the archive of it; what the folder holds. Raises Refused."""
    archive = snapshot.archive
    archive.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=archive.parent) as scratch:
        folder = Path(scratch) / archive.stem
        written = write_dataset(project=snapshot.project, format=snapshot.format, out=folder)
        packed = shutil.make_archive(str(Path(scratch) / "packed"), "zip", root_dir=scratch, base_dir=folder.name)
        Path(packed).rename(archive)
    return asdict(written)
