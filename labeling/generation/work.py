"""What a worker does for a generation run: claim samples, have them generated, store the responses.

A claim is a lease. The worker renews it while the model runs; a worker that died stops renewing, and after
`LEASE` others may claim its samples. Whoever lost a claim stores nothing, so no sample is ever filled twice.
"""

import threading
import time
import uuid
from collections.abc import Callable, Sequence
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from labeling.generation.import_responses import text_digest
from labeling.generation.models import GenerationRun, Response, Sample, SampleState
from labeling.generation.providers import Ask, Failure, ModelUnavailable, Reply, open_provider

MOST_ATTEMPTS = 3


stopping = threading.Event()
"""Set when this process is to end: batches are given back at their next step."""


class Stopping(Exception):
    """This process is to end."""


class ClaimLost(Exception):
    """The lease ran out and somebody else has the samples, or the run is gone."""


def work_batch(*, run_id: int, on_claimed: Callable[[], None] = lambda: None) -> int:
    """Do one batch of the run; the number of samples taken on, 0 when there is nothing to do.

    `on_claimed` is called when samples were claimed, before the model starts: the moment to call a next worker.
    """
    run = GenerationRun.objects.select_related("endpoint").filter(pk=run_id).first()
    if run is None or not run.sample_set.claimable().exists():
        return 0
    endpoint = run.endpoint
    try:
        provider = open_provider(endpoint.provider, endpoint.model)
    except ModelUnavailable as reason:
        return fail_all(run, str(reason))
    batch = Batch(run, provider.batch_size)
    if not batch.samples:
        return 0
    on_claimed()
    asks = [Ask(sample.prompt.messages, sample.seed) for sample in batch.samples]
    try:
        batch.store(provider.generate(asks, endpoint.sampling, batch.renew))
    except ClaimLost:
        return 0
    except Stopping:
        batch.give_back()
        return 0
    except Exception as error:
        batch.fail(error)
        raise
    return len(batch.samples)


def fail_all(run: GenerationRun, reason: str) -> int:
    return run.sample_set.claimable().update(state=SampleState.FAILED, claim=None, leased_until=None, error=reason)


class Batch:
    """Samples claimed together by one worker."""

    def __init__(self, run: GenerationRun, size: int) -> None:
        self.lease = timedelta(seconds=settings.GENERATION_LEASE)
        self.token = uuid.uuid4()
        self.samples = self._claim(run, size)
        self.renewed = time.monotonic()

    @transaction.atomic
    def _claim(self, run: GenerationRun, size: int) -> list[Sample]:
        claimable = run.sample_set.claimable().select_for_update(skip_locked=True, of=("self",))
        found = list(claimable.select_related("prompt").order_by("prompt", "number")[:size])
        worn = [sample.pk for sample in found if sample.attempts >= MOST_ATTEMPTS]
        Sample.objects.filter(pk__in=worn).update(
            state=SampleState.FAILED,
            claim=None,
            leased_until=None,
            error=_("Given up: the worker died on it %(n)d times.") % {"n": MOST_ATTEMPTS},
        )
        taken = [sample for sample in found if sample.pk not in worn]
        for sample in taken:
            sample.state = SampleState.CLAIMED
            sample.claim = self.token
            sample.leased_until = timezone.now() + self.lease
            sample.attempts += 1
        Sample.objects.bulk_update(taken, ["state", "claim", "leased_until", "attempts"])
        return taken

    def renew(self) -> None:
        """Keep the claim; cheap to call at every step. Raises ClaimLost, or Stopping."""
        if stopping.is_set():
            raise Stopping
        if time.monotonic() - self.renewed < self.lease.total_seconds() / 4:
            return
        mine = Sample.objects.filter(claim=self.token)
        if mine.update(leased_until=timezone.now() + self.lease) < len(self.samples):
            raise ClaimLost
        self.renewed = time.monotonic()

    def give_back(self) -> None:
        """As if they had never been claimed."""
        mine = Sample.objects.filter(claim=self.token)
        mine.update(state=SampleState.WAITING, claim=None, leased_until=None, attempts=F("attempts") - 1)

    def fail(self, error: Exception) -> None:
        """After an error nobody foresaw: to be tried again, but not for ever."""
        mine = Sample.objects.filter(claim=self.token)
        mine.filter(attempts__gte=MOST_ATTEMPTS).update(
            state=SampleState.FAILED, claim=None, leased_until=None, error=f"{type(error).__name__}: {error}"
        )
        mine.update(state=SampleState.WAITING, claim=None, leased_until=None)

    @transaction.atomic
    def store(self, answers: Sequence[Reply | Failure]) -> None:
        """Fill the samples that are still ours."""
        mine = set(Sample.objects.select_for_update(no_key=True).filter(claim=self.token).values_list("pk", flat=True))
        responses = []
        for sample, answer in zip(self.samples, answers, strict=True):
            if sample.pk not in mine:
                continue
            sample.claim = sample.leased_until = None
            if isinstance(answer, Failure):
                sample.state, sample.error = SampleState.FAILED, answer.reason
            else:
                sample.state = SampleState.DONE
                responses.append(response_to(sample, answer))
        Sample.objects.bulk_update(
            [sample for sample in self.samples if sample.pk in mine], ["state", "claim", "leased_until", "error"]
        )
        Response.objects.bulk_create(responses)


def response_to(sample: Sample, reply: Reply) -> Response:
    return Response(
        prompt=sample.prompt,
        endpoint_id=sample.endpoint_id,
        sample=sample,
        text=reply.text,
        digest=text_digest(reply.text),
        finish_reason=reply.finish_reason,
        n_prompt_tokens=reply.n_prompt_tokens,
        n_tokens=reply.n_tokens,
        logprob=reply.logprob,
    )
