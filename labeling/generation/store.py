"""Store what was answered to a sample: a response, a failure, or that it is to be asked again later."""

import hashlib
import random
from datetime import timedelta

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from labeling.generation.claims import Batch, fail
from labeling.generation.marks import Mark, is_twin, marks_of
from labeling.generation.models import Endpoint, EndpointState, Response, Sample, SampleState, SentPrompt
from labeling.generation.providers import Answer, Ask, Failure, Reply, Setback
from labeling.generation.seeds import sample_seed
from labeling.generation.texts import LONGEST_TEXT
from labeling.generation.wake import wake_at
from labeling.prompts.digests import text_digest

MOST_SETBACKS = 8
"""Times that a sample is asked for again after its server failed it."""

MOST_RESTS = 12
"""Times that a server is left alone, one after the other, before its samples are given up: about half an hour."""

FIRST_PAUSE, LONGEST_PAUSE = 1.0, 300.0
"""Seconds before the second try, and the most that it ever takes; each pause is twice the one before, give or take."""

MOST_REDRAWS = 2
"""Times that a response is drawn anew because it is nearly the same as another to its prompt."""


@transaction.atomic
def store_answer(*, batch: Batch, ask: Ask, answer: Answer) -> None:
    """Fill the sample, or put it off, if it is still ours."""
    sample = batch.release(ask)
    if sample is None:
        return
    mine = Sample.objects.filter(pk=sample.pk)
    if isinstance(answer, Reply):
        batch.n_replies += 1
        store_reply(batch.part.params.endpoint, sample, answer)
    elif isinstance(answer, Failure):
        fail(mine, answer.trouble)
    elif answer.for_all:
        mine.put_back(attempts=F("attempts") - 1)
        batch.setback = answer
    elif sample.setbacks == MOST_SETBACKS:
        fail(mine, answer.trouble)
    else:
        again = timezone.now() + timedelta(seconds=pause(sample.setbacks, answer.retry_after))
        mine.put_back(attempts=F("attempts") - 1, setbacks=F("setbacks") + 1, not_before=again)
        wake_at(batch.part, again)


@transaction.atomic
def rest(*, batch: Batch, setback: Setback) -> None:
    """Leave the server alone for a while: longer each time, and not for ever, unless it answered some meanwhile."""
    endpoint = Endpoint.objects.select_for_update(no_key=True).get(pk=batch.part.params.endpoint_id)
    if batch.n_replies:
        endpoint.rests = 0
    endpoint.resting_until = timezone.now() + timedelta(seconds=pause(endpoint.rests, setback.retry_after))
    if not batch.n_replies:
        endpoint.rests += 1
    if endpoint.rests > MOST_RESTS:
        fail(batch.part.sample_set().claimable(), setback.trouble)
        endpoint.rests, endpoint.resting_until = 0, None
    endpoint.save(update_fields=["rests", "resting_until"])
    if not batch.n_replies:
        note_failing(endpoint, setback)
    wake_at(batch.part, endpoint.resting_until or timezone.now())


def store_reply(endpoint: Endpoint, sample: Sample, reply: Reply) -> None:
    text = reply.text[:LONGEST_TEXT]
    others = Response.objects.filter(prompt=sample.prompt_id).values_list("text", flat=True)
    names = [endpoint.name, endpoint.model.rpartition("/")[2]]
    marks = marks_of(text, reply.finish_reason if text == reply.text else "length", names)
    if text and is_twin(text, list(others)):
        marks.append(Mark.TWIN)
        draw_anew(sample)
    Response.objects.create(
        prompt_id=sample.prompt_id,
        endpoint=endpoint,
        sample=sample,
        text=text,
        digest=text_digest(text),
        marks=marks,
        sent=sent_prompt(reply.sent),
        revision=reply.revision,
        seeded=reply.seeded,
        finish_reason=reply.finish_reason,
        n_prompt_tokens=reply.n_prompt_tokens,
        n_tokens=reply.n_tokens,
        logprob=reply.logprob,
        seconds=reply.seconds,
        cost=endpoint.cost(reply.n_prompt_tokens if reply.pays_prompt else 0, reply.n_tokens),
    )
    Sample.objects.filter(pk=sample.pk).update(state=SampleState.DONE, claim=None, leased_until=None)
    note_reachable(endpoint)


def sent_prompt(text: str) -> SentPrompt:
    digest = hashlib.sha256(text.encode()).hexdigest()
    SentPrompt.objects.bulk_create([SentPrompt(digest=digest, text=text)], ignore_conflicts=True)
    return SentPrompt.objects.get(digest=digest)


def draw_anew(sample: Sample) -> None:
    """Order another in the place of a twin, unless that was done often enough or would be the same again."""
    params = sample.params
    if sample.redraw == MOST_REDRAWS or params.temperature == 0:
        return
    again = Sample(
        run_id=sample.run_id,
        endpoint_id=sample.endpoint_id,
        params=params,
        prompt=sample.prompt,
        number=sample.number,
        redraw=sample.redraw + 1,
        seed=sample_seed(sample.run.seed, params, sample.prompt.digest, sample.number, sample.redraw + 1),
        size=sample.size,
    )
    Sample.objects.bulk_create([again], ignore_conflicts=True)


def pause(n_before: int, retry_after: float | None) -> float:
    """Seconds: twice as long every time, with jitter, so that not all come back together; never less than asked for."""
    backoff: float = min(LONGEST_PAUSE, FIRST_PAUSE * 2**n_before)
    return max(retry_after or 0.0, backoff * random.uniform(0.5, 1.5))  # noqa: S311


def note_reachable(endpoint: Endpoint) -> None:
    if endpoint.state == EndpointState.REACHABLE and not endpoint.rests:
        return
    endpoint.rests, endpoint.resting_until = 0, None
    note(endpoint, EndpointState.REACHABLE)


def note_failing(endpoint: Endpoint, why: Failure | Setback) -> None:
    endpoint.problem, endpoint.problem_detail = why.trouble.problem, dict(why.trouble.detail)
    note(endpoint, EndpointState.FAILING)


def note(endpoint: Endpoint, state: EndpointState) -> None:
    """Store how the endpoint is found to be."""
    endpoint.state, endpoint.state_at = state, timezone.now()
    if state != EndpointState.FAILING:
        endpoint.problem, endpoint.problem_detail = "", {}
    endpoint.save(update_fields=["state", "state_at", "problem", "problem_detail", "rests", "resting_until"])
