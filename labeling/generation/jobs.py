from datetime import timedelta
from typing import Any

from celery import shared_task
from celery.signals import worker_shutting_down

from labeling.generation.models import GenerationRun
from labeling.generation.wake import JOB, wake
from labeling.generation.work import stopping, work_batch

ASLEEP = timedelta(seconds=15)
"""How long a run may wait for a worker that was called before the sweeper calls again."""


@worker_shutting_down.connect
def stop_at_next_step(**_signal: Any) -> None:
    stopping.set()


@shared_task(name=JOB)
def generate_batch(run_id: int) -> None:
    """One batch. The next call goes out once this one has claimed, so idle workers join in and runs take turns."""
    work_batch(run_id=run_id, on_claimed=lambda: wake(run_id))


@shared_task
def sweep() -> None:
    """Call workers to runs whose samples lie about: the worker died, or the call was lost."""
    for run in GenerationRun.objects.stranded(ASLEEP):
        wake(run.pk)
