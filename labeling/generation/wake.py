"""Call a worker to a generation run."""

from django.utils import timezone

from labeling.calling import call_worker
from labeling.generation.models import GenerationRun

JOB = "labeling.generation.jobs.generate_batch"


def wake(run_id: int) -> None:
    """Queue one batch of the run, and note when, so that the sweeper does not call at once again."""
    GenerationRun.objects.filter(pk=run_id).update(woken_at=timezone.now())
    call_worker(JOB, run_id)
