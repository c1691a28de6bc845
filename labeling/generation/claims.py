"""Claiming samples, keeping them while they are drawn, and filling them.

A claim is a lease. The worker renews it while the model runs; a worker that died stops renewing, and after
`GENERATION_LEASE` others may claim its samples. Whoever lost a claim stores nothing, so no sample is ever filled twice.
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

from labeling.generation.asks import ask_for
from labeling.generation.models import (
    Endpoint,
    GenerationRun,
    Provider,
    RunPart,
    RunState,
    Sample,
    SampleQuerySet,
    SampleState,
    Trial,
)
from labeling.generation.problems import Problem, Trouble
from labeling.generation.providers import Ask, Setback
from labeling.generation.texts import said_by

MOST_ATTEMPTS = 5
"""Times that a worker may die, or break, with a sample in hand."""

SUSPECTS = 8
"""Samples that are tried together after the worker that had them died; after the second time each is tried alone."""

LOOK = 2.0
"""Seconds between looks at whether the run goes on."""

stopping = threading.Event()
"""Set when this process is to end: what is being drawn is given back at the next step."""


class Stopping(Exception):
    """This process is to end, or the run is to rest."""


class ClaimLost(Exception):
    """The lease ran out and somebody else has the samples, or they were cancelled."""


class Batch:
    """The samples of one part that this worker has claimed and not answered yet."""

    def __init__(self, part: RunPart, seconds: float, on_claimed: Callable[[], None]) -> None:
        self.part = part
        self.seconds = seconds
        self.until: float | None = None  # the turn begins with the first claim: loading a model is no part of it
        self.on_claimed = on_claimed
        self.lease = timedelta(seconds=settings.GENERATION_LEASE)
        self.token = uuid.uuid4()
        self.samples: dict[int, Sample] = {}  # by the id of what was asked
        self.asks: dict[int, Ask] = {}
        self.n_taken = self.n_replies = 0
        self.setback: Setback | None = None  # that is one for all: the server is left alone afterwards
        self.renewed = self.looked = time.monotonic()

    def take(self, most: int) -> Sequence[Ask]:
        """Claim up to so many more, until this worker's turn is over."""
        if self.until is None:
            self.until = time.monotonic() + self.seconds
        if time.monotonic() >= self.until or self._is_wanted():
            return []
        samples = self._claim(most)
        if samples and not self.n_taken:
            self.on_claimed()
        self.n_taken += len(samples)
        asks = [ask_for(self.part.params.endpoint, sample.prompt, sample.seed) for sample in samples]
        for ask, sample in zip(asks, samples, strict=True):
            self.asks[id(ask)], self.samples[id(ask)] = ask, sample
        return asks

    def _is_wanted(self) -> bool:
        """Whether a person waits for what a model on this machine says: that comes before the next samples."""
        is_local = self.part.params.endpoint.provider == Provider.LOCAL
        return is_local and Trial.objects.waiting().filter(endpoint__provider=Provider.LOCAL).exists()

    @transaction.atomic
    def _claim(self, most: int) -> list[Sample]:
        endpoint = Endpoint.objects.select_for_update(no_key=True).get(pk=self.part.params.endpoint_id)
        if endpoint.is_resting or not is_active(self.part) or self._is_taken(endpoint):
            return []
        found = self._claimable(most)
        worn = [sample.pk for sample in found if sample.attempts >= MOST_ATTEMPTS]
        fail(Sample.objects.filter(pk__in=worn), Trouble(Problem.GIVEN_UP, {"n": MOST_ATTEMPTS}))
        taken = [sample.pk for sample in found if sample.attempts < MOST_ATTEMPTS]
        Sample.objects.filter(pk__in=taken).update(
            state=SampleState.CLAIMED,
            claim=self.token,
            leased_until=timezone.now() + self.lease,
            not_before=None,
            attempts=F("attempts") + 1,
        )
        return [sample for sample in found if sample.attempts < MOST_ATTEMPTS]

    def _is_taken(self, endpoint: Endpoint) -> bool:
        """Whether somebody else is asking this server: its limit holds for all workers together."""
        others = Sample.objects.live().filter(endpoint=endpoint).exclude(claim=self.token)
        return endpoint.provider == Provider.OPENAI and others.exists()

    def _claimable(self, most: int) -> list[Sample]:
        """Those a worker died with come last and few at a time, so one that kills costs its neighbours nothing."""
        claimable = self.part.sample_set().claimable().select_for_update(skip_locked=True, of=("self",))
        ordered = (
            claimable.select_related("prompt")
            .prefetch_related("prompt__images")
            .order_by("attempts", "size", "prompt", "number", "redraw")
        )
        found = list(ordered[:most])
        if not found or not found[0].attempts:
            return [sample for sample in found if not sample.attempts]
        return [] if self.samples else found[: SUSPECTS if found[0].attempts == 1 else 1]

    def renew(self) -> None:
        """Keep the claim; cheap to call at every step. Raises ClaimLost, or Stopping."""
        if stopping.is_set():
            raise Stopping
        now = time.monotonic()
        if now - self.looked >= LOOK:
            self.looked = now
            if not is_active(self.part):
                raise Stopping
        if now - self.renewed >= self.lease.total_seconds() / 4:
            mine = Sample.objects.filter(claim=self.token)
            if mine.update(leased_until=timezone.now() + self.lease) < len(self.samples):
                raise ClaimLost
            self.renewed = now

    def release(self, ask: Ask) -> Sample | None:
        """The sample that was asked for, locked and no more ours to renew; None where the claim was lost."""
        self.asks.pop(id(ask))
        sample = self.samples.pop(id(ask))
        mine = Sample.objects.select_for_update(no_key=True, of=("self",)).select_related("prompt", "params", "run")
        return mine.filter(pk=sample.pk, claim=self.token).first()

    def give_back(self) -> None:
        """As if they had never been claimed."""
        Sample.objects.filter(claim=self.token).put_back(attempts=F("attempts") - 1)
        self._forget()

    def fail(self, error: Exception) -> None:
        """After an error nobody foresaw: to be tried again, but not for ever."""
        mine = Sample.objects.filter(claim=self.token)
        broke = Trouble(Problem.BROKE, {"why": said_by(error)})
        fail(mine.filter(attempts__gte=MOST_ATTEMPTS), broke)
        mine.put_back()
        self._forget()

    def _forget(self) -> None:
        self.samples.clear()
        self.asks.clear()


def is_active(part: RunPart) -> bool:
    return GenerationRun.objects.filter(pk=part.run_id, state=RunState.ACTIVE).exists()


def fail(samples: SampleQuerySet, trouble: Trouble) -> int:
    """These samples will not be drawn; how many they are."""
    return samples.update(
        state=SampleState.FAILED,
        claim=None,
        leased_until=None,
        problem=trouble.problem,
        problem_detail=dict(trouble.detail),
    )
