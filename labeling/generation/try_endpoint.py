"""Ask an endpoint something by itself: whether it is there, and what it says."""

import time
from collections.abc import Callable, Iterator
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from labeling.generation.asks import system_prompt
from labeling.generation.claims import Stopping, stopping
from labeling.generation.models import Endpoint, EndpointState, Trial
from labeling.generation.problems import Problem, Trouble
from labeling.generation.providers import Answer, Ask, Failure, ModelUnavailable, Reply, Setback
from labeling.generation.sampling import Sampling
from labeling.generation.seeds import draw_seed
from labeling.generation.store import note, note_failing, note_reachable
from labeling.generation.texts import LONGEST_TEXT
from labeling.generation.wake import call_to_answer
from labeling.generation.work import opened
from labeling.people.models import User

GREETING = "Hello!"

WRITE = 0.2
"""Seconds between the pieces of a trial's answer that are stored."""

LONGEST_TRIAL = timedelta(minutes=10)


def check_endpoint(*, endpoint: Endpoint) -> None:
    """Have the model write one token, and note whether it did."""
    ask = Ask([*system_prompt(endpoint), {"role": "user", "content": GREETING}], seed=0)
    try:
        answer = ask_once(endpoint, ask, Sampling(temperature=0, top_p=1, max_new_tokens=1), lambda _text: None)
    except Stopping:
        note(endpoint, EndpointState.UNKNOWN)
        return
    if isinstance(answer, Failure):
        note_failing(endpoint, answer)


@transaction.atomic
def start_trial(*, endpoint: Endpoint, prompt: str, by: User) -> Trial:
    trial = Trial.objects.create(endpoint=endpoint, prompt=prompt, created_by=by)
    call_to_answer(trial)
    return trial


def answer_trial(*, trial_id: int) -> None:
    """Have a trial answered, storing the text as it comes. Called twice, it is answered once."""
    mine = Trial.objects.filter(pk=trial_id)
    if not mine.waiting().update(began_at=timezone.now()):
        return
    trial = mine.select_related("endpoint").get()
    ask = Ask([*system_prompt(trial.endpoint), {"role": "user", "content": trial.prompt}], seed=draw_seed())
    try:
        answer = ask_once(trial.endpoint, ask, trial.endpoint.sampling, lambda text: mine.update(text=text))
    except Stopping:
        mine.update(began_at=None)
        return
    if isinstance(answer, Reply):
        trial.text, trial.finish_reason = answer.text[:LONGEST_TEXT], answer.finish_reason
        trial.n_tokens, trial.seconds = answer.n_tokens, answer.seconds
    else:
        trial.problem, trial.problem_detail = answer.trouble.problem, dict(answer.trouble.detail)
    trial.ended_at = timezone.now()
    trial.save()


def ask_once(endpoint: Endpoint, ask: Ask, sampling: Sampling, show: Callable[[str], object]) -> Answer:
    """The answer, its text shown now and then as it comes. Notes how the endpoint is found. Raises Stopping."""
    try:
        answer = listen(opened(endpoint).stream(ask, sampling, go_on), show)
    except ModelUnavailable as gone:
        answer = Failure(gone.trouble)
        note_failing(endpoint, answer)
    if isinstance(answer, Reply):
        note_reachable(endpoint)
    if isinstance(answer, Setback):
        note_failing(endpoint, answer)
    return answer


def listen(pieces: Iterator[str | Answer], show: Callable[[str], object]) -> Answer:
    text = ""
    shown = time.monotonic()
    for piece in pieces:
        if not isinstance(piece, str):
            return piece
        text += piece
        if time.monotonic() - shown >= WRITE:
            show(text)
            shown = time.monotonic()
    return Failure(Trouble(Problem.BROKE, {"why": "no answer"}))


def go_on() -> None:
    if stopping.is_set():
        raise Stopping


def give_up_trials() -> None:
    """End those whose worker died, or that no worker ever took."""
    overdue = Trial.objects.filter(ended_at=None, created_at__lt=timezone.now() - LONGEST_TRIAL)
    overdue.update(ended_at=timezone.now(), problem=Problem.NOBODY)
