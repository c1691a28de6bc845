from datetime import timedelta

from celery import shared_task
from django.utils import timezone

from labeling.calling import call_worker
from labeling.imports.keep_file import discard
from labeling.imports.models import Import
from labeling.imports.run_import import JOB, run_import

ASLEEP = timedelta(seconds=15)
"""How old an order is before its call counts as lost."""


@shared_task(name=JOB)
def bring_in(import_id: int) -> None:
    run_import(import_id=import_id)


@shared_task
def sweep() -> None:
    """Call workers to files that nobody is importing; forget those that nobody wanted imported."""
    for ordered in Import.objects.stranded().filter(created_at__lt=timezone.now() - ASLEEP):
        call_worker(JOB, ordered.pk)
    for kept in Import.objects.forgotten():
        discard(kept=kept)
