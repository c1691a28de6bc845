from datetime import timedelta
from typing import Any

from celery import shared_task
from celery.signals import worker_shutting_down
from django.utils import timezone

from labeling.generation.change_run import end_cancelled
from labeling.generation.claims import stopping
from labeling.generation.models import Endpoint, EndpointState, Provider, RunPart, Trial
from labeling.generation.try_endpoint import answer_trial, check_endpoint, give_up_trials
from labeling.generation.wake import ASLEEP, CHECK, GENERATE, TRY, call_to_answer, call_to_check, wake
from labeling.generation.work import work_part

UNHEARD, BETWEEN = timedelta(seconds=30), timedelta(seconds=3)
"""After so long a call that nobody took counts as lost; and the most there is between two sweeps."""


@worker_shutting_down.connect
def stop_at_next_step(**_signal: Any) -> None:
    stopping.set()


@shared_task(name=GENERATE)
def generate(part_id: int) -> None:
    """Work at a part for a while. The next worker is called meanwhile, so idle ones join in and runs take turns."""
    work_part(part_id=part_id, call_next=wake)


@shared_task(name=CHECK)
def check(endpoint_id: int) -> None:
    endpoint = Endpoint.objects.filter(pk=endpoint_id).first()
    if endpoint is not None:
        check_endpoint(endpoint=endpoint)


@shared_task(name=TRY)
def answer(trial_id: int) -> None:
    answer_trial(trial_id=trial_id)


@shared_task
def sweep() -> None:
    """Call workers to what lies about: the worker died, the call was lost, or a server was to be left alone a while."""
    for part in RunPart.objects.stranded(ASLEEP).select_related("params__endpoint"):
        wake(part)
    end_cancelled()
    give_up_trials()
    moment = timezone.now() - UNHEARD
    lately = {"created_at__lt": moment, "created_at__gte": moment - BETWEEN}
    for trial in Trial.objects.waiting().filter(**lately).select_related("endpoint"):
        call_to_answer(trial)
    for endpoint in Endpoint.objects.filter(state=EndpointState.UNKNOWN, **lately).exclude(provider=Provider.FILE):
        call_to_check(endpoint)
