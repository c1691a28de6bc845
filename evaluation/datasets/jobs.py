from datetime import timedelta

from celery import shared_task
from django.utils import timezone

from evaluation.datasets.models import Snapshot
from evaluation.datasets.snapshot import JOB, write_snapshot
from labeling.calling import call_worker

ASLEEP = timedelta(seconds=30)


@shared_task(name=JOB)
def write(snapshot_id: int) -> None:
    write_snapshot(snapshot_id=snapshot_id)


@shared_task
def sweep() -> None:
    """Call workers to data sets that nobody writes, or whose worker died."""
    for snapshot in Snapshot.objects.to_write().filter(created_at__lt=timezone.now() - ASLEEP):
        call_worker(JOB, snapshot.pk)
