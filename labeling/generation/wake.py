"""Call workers: to a part of a run, to an endpoint that is to be checked or tried."""

from datetime import datetime, timedelta

from django.db.models import F
from django.db.models.functions import Least
from django.utils import timezone

from labeling.calling import call_worker
from labeling.generation.models import Endpoint, Provider, RunPart, Trial

GENERATE = "labeling.generation.jobs.generate"
CHECK = "labeling.generation.jobs.check"
TRY = "labeling.generation.jobs.answer"

QUEUES = {Provider.LOCAL: "generation", Provider.OPENAI: "remote"}
"""Who runs a model needs its machine for itself; who asks a server mostly waits."""

ASLEEP = timedelta(seconds=15)
"""How long a part may wait for a worker that was called before the sweeper calls again."""


def wake(part: RunPart) -> None:
    """Call a worker to the part, and note when, so that the sweeper does not call at once again."""
    RunPart.objects.filter(pk=part.pk).update(woken_at=timezone.now())
    call_worker(GENERATE, part.pk, queue_of(part.params.endpoint), expires=2 * ASLEEP.total_seconds())


def wake_at(part: RunPart, moment: datetime) -> None:
    """Have the sweeper call a worker as soon as the moment has come, or sooner where something is to be done sooner."""
    RunPart.objects.filter(pk=part.pk).update(woken_at=Least(F("woken_at"), moment - ASLEEP))


def call_to_check(endpoint: Endpoint) -> None:
    call_worker(CHECK, endpoint.pk, queue_of(endpoint))


def call_to_answer(trial: Trial) -> None:
    call_worker(TRY, trial.pk, queue_of(trial.endpoint))


def queue_of(endpoint: Endpoint) -> str:
    return QUEUES[Provider(endpoint.provider)]
