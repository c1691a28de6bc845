"""Claiming, losing and filling samples, on the tiny model."""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from ipaddress import ip_network
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from labeling.generation import claims, work
from labeling.generation.change_run import Change, change_run, end_cancelled
from labeling.generation.claims import MOST_ATTEMPTS, Batch, ClaimLost, Stopping
from labeling.generation.models import (
    Endpoint,
    EndpointState,
    GenerationRun,
    Response,
    RunPart,
    Sample,
    SampleState,
    SentPrompt,
    Trial,
    count_samples,
)
from labeling.generation.problems import Problem, Trouble
from labeling.generation.providers import Ask, Failure, ModelUnavailable, Reply, Setback, Take, local
from labeling.generation.store import MOST_RESTS, MOST_SETBACKS, store_answer
from labeling.generation.try_endpoint import answer_trial
from labeling.generation.wake import ASLEEP
from labeling.generation.work import work_part
from tests.chat_server import ChatServer, Handler, status
from tests.factories import make_endpoint, make_image, make_project, make_prompt, make_run, make_user

pytestmark = pytest.mark.django_db(transaction=True)

TOO_LONG = Trouble(Problem.TOO_LONG, {"n": 9, "m": 2, "context": 8})


def reply(text: str = "text", **fields: Any) -> Reply:
    given = {"finish_reason": "stop", "sent": "<prompt>", "n_prompt_tokens": 3, "n_tokens": 2, "logprob": -1.5}
    return Reply(text=text, seconds=0.5, **given | fields)


@pytest.fixture
def run(tiny_model: str) -> GenerationRun:
    project = make_project()
    for _n in range(5):
        make_prompt(project)
    return make_run(make_endpoint(project, model=tiny_model, max_new_tokens=6), 2)


@pytest.fixture
def part(run: GenerationRun) -> RunPart:
    return run.parts.select_related("run", "params__endpoint").get()


@pytest.fixture
def asked_server() -> RunPart:
    """A part that asks a server, with two samples."""
    project = make_project()
    make_prompt(project)
    server = make_endpoint(project, provider="openai", model="m", base_url="http://127.0.0.1:1/v1")
    return make_run(server, 2).parts.select_related("run", "params__endpoint").get()


def batch_of(part: RunPart) -> Batch:
    return Batch(part, 60, lambda: None)


def answer(batch: Batch, asks: Sequence[Ask], *answers: Any) -> None:
    for ask, one in zip(asks, answers, strict=True):
        store_answer(batch=batch, ask=ask, answer=one)


def expire(batch: Batch) -> None:
    Sample.objects.filter(claim=batch.token).update(leased_until=timezone.now() - timedelta(seconds=1))


def states(run: GenerationRun) -> set[str]:
    return set(run.sample_set.values_list("state", flat=True))


def test_a_run_is_worked_off(run: GenerationRun, part: RunPart) -> None:
    called: list[RunPart] = []
    assert work_part(part_id=part.pk, call_next=called.append) == 10
    assert called == [part]
    assert work_part(part_id=part.pk, call_next=called.append) == 0
    assert count_samples([run])[run.pk].done == 10
    assert Response.objects.filter(sample__run=run).count() == 10


def test_every_response_says_where_it_came_from(part: RunPart) -> None:
    work_part(part_id=part.pk)
    response = Response.objects.select_related("sample__params__endpoint", "sent").earliest("pk")
    assert response.sample is not None
    assert response.sample.params.sampling == part.params.sampling
    assert response.sample.seed
    assert response.revision.startswith("sha256:")
    assert response.sent is not None
    assert response.sent.text == f"<|im_start|>user\n{response.prompt.text}<|im_end|>\n<|im_start|>assistant\n"
    assert response.finish_reason in ("stop", "length")
    assert response.n_tokens
    assert response.n_prompt_tokens
    assert response.logprob
    assert response.seconds
    assert response.seeded
    assert response.cost is None
    assert SentPrompt.objects.count() == 5, "one for the two responses to a prompt"


def test_the_same_seed_gives_the_same_texts_again(tiny_model: str) -> None:
    def texts() -> list[str]:
        project = make_project()
        make_prompt(project, text="Hello")
        run = make_run(make_endpoint(project, model=tiny_model, max_new_tokens=6), 3, seed=5)
        work_part(part_id=run.parts.get().pk)
        return list(Response.objects.filter(sample__run=run).order_by("sample__number").values_list("text", flat=True))

    assert texts() == texts()


def test_what_it_cost(part: RunPart) -> None:
    Endpoint.objects.update(prompt_price="2", response_price="10")
    part.params.endpoint.refresh_from_db()
    batch = batch_of(part)
    answer(batch, batch.take(1), reply(n_prompt_tokens=1000, n_tokens=100))
    assert float(Response.objects.get().cost or 0) == pytest.approx(0.003)


def test_the_prompt_of_the_endpoint_is_for_those_that_bring_none(tiny_model: str) -> None:
    project = make_project()
    make_prompt(project, system="Own.")
    make_prompt(project)
    part = make_run(make_endpoint(project, model=tiny_model, system="Be brief."), 1).parts.get()
    systems = [ask.messages[0]["content"] for ask in batch_of(part).take(9)]
    assert sorted(systems) == ["Be brief.", "Own."]


def test_images_go_along(part: RunPart) -> None:
    image = make_image(part.run.project.prompts.earliest("pk"))
    asks = batch_of(part).take(10)
    (shown,) = {image for ask in asks for image in ask.images}
    assert (shown.media_type, shown.sha256) == (image.media_type, image.sha256)
    assert shown.read() == image.file.read()


def test_prompts_of_a_size_go_together(tiny_model: str) -> None:
    project = make_project()
    for length in (50, 5, 500, 7):
        make_prompt(project, text="x" * length)
    part = make_run(make_endpoint(project, model=tiny_model), 2).parts.get()
    lengths = [len(ask.messages[-1]["content"]) for ask in batch_of(part).take(8)]
    assert lengths == [5, 5, 7, 7, 50, 50, 500, 500]


def test_two_workers_claim_different_samples(part: RunPart) -> None:
    first, second = batch_of(part), batch_of(part)
    assert [len(first.take(6)), len(second.take(6))] == [6, 4]
    taken = [{sample.pk for sample in batch.samples.values()} for batch in (first, second)]
    assert not taken[0] & taken[1]


def test_a_turn_begins_with_the_first_claim_and_ends(part: RunPart) -> None:
    """However long the model took to load."""
    batch = Batch(part, 0.05, lambda: None)
    batch.renewed -= 100
    assert len(batch.take(2)) == 2
    batch.until = time.monotonic()
    assert batch.take(2) == []


def test_a_trial_comes_before_the_next_samples(part: RunPart) -> None:
    batch = batch_of(part)
    assert len(batch.take(2)) == 2
    trial = Trial.objects.create(endpoint=part.params.endpoint, prompt="Hello", created_by=make_user())
    assert batch.take(2) == []
    assert work_part(part_id=part.pk) == 0
    answer_trial(trial_id=trial.pk)
    assert len(batch.take(2)) == 2


def test_who_lost_a_claim_stores_nothing(run: GenerationRun, part: RunPart) -> None:
    slow = batch_of(part)
    slow_asks = slow.take(10)
    Sample.objects.update(attempts=0)
    expire(slow)
    quick = batch_of(part)
    quick_asks = quick.take(4)
    answer(quick, quick_asks, *(reply(f"quick {n}") for n in range(4)))
    answer(slow, slow_asks, *(reply(f"slow {n}") for n in range(10)))
    counts = count_samples([run])[run.pk]
    assert (counts.done, counts.claimed) == (10, 0)
    assert Response.objects.count() == 10  # six by the slow worker, four by the quick one, none twice


def test_a_renewed_claim_is_kept_and_a_lost_one_noticed(part: RunPart, settings: Any) -> None:
    batch = batch_of(part)
    batch.take(3)
    batch.renewed -= 30
    batch.renew()
    assert Sample.objects.live().filter(claim=batch.token).count() == 3
    expire(batch)
    Sample.objects.update(attempts=0)
    batch_of(part).take(1)
    batch.renewed -= 30
    with pytest.raises(ClaimLost):
        batch.renew()


def test_a_sample_is_filled_once_by_the_database_too(part: RunPart) -> None:
    batch = batch_of(part)
    answer(batch, batch.take(1), reply())
    response = Response.objects.get()
    response.pk, response.digest = None, "another text"
    with pytest.raises(IntegrityError, match="sample_filled_once"), transaction.atomic():
        response.save(force_insert=True)


def test_an_endpoint_that_has_answered_stays_what_it_is(part: RunPart) -> None:
    batch = batch_of(part)
    answer(batch, batch.take(1), reply())
    for change in ({"model": "other"}, {"system": "Now be rude."}, {"revision": "v2"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Endpoint.objects.filter(pk=part.params.endpoint_id).update(**change)
    with pytest.raises(IntegrityError), transaction.atomic():
        type(part.params).objects.update(temperature=2)


def test_a_failure_is_kept_with_its_reason_and_said_in_the_readers_language(part: RunPart) -> None:
    batch = batch_of(part)
    answer(batch, batch.take(2), reply(), Failure(TOO_LONG))
    failed = Sample.objects.get(state=SampleState.FAILED)
    assert failed.said_problem == "The prompt has 9 tokens; with 2 more for the response it exceeds the model's 8."
    assert Sample.objects.get(state=SampleState.DONE).said_problem == ""


class Playing:
    """A provider that answers as it is told."""

    def __init__(self, *answers: Any) -> None:
        self.answers = list(answers)

    def generate(self, take: Take, sampling: Any, alive: Callable[[], None]) -> Iterator[tuple[Ask, Any]]:
        while asks := take(3):
            for ask in asks:
                answer = self.answers.pop(0) if self.answers else reply(f"{ask.seed}")
                if isinstance(answer, Exception):
                    raise answer
                yield ask, answer
                if isinstance(answer, Setback) and answer.for_all:
                    return


@pytest.fixture
def play(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    def plays(*answers: Any) -> None:
        provider = Playing(*answers)
        monkeypatch.setattr(work, "open_provider", lambda _source: provider)

    return plays


def test_an_unforeseen_error_is_tried_again_but_not_for_ever(
    run: GenerationRun, part: RunPart, play: Callable[..., None]
) -> None:
    """Whatever else was in the batch is drawn: what breaks the provider is found out and ends up alone."""
    poisoned = run.sample_set.order_by("size", "prompt", "number").first()
    assert poisoned is not None

    class Poisoned(Playing):
        def generate(self, take: Take, sampling: Any, alive: Callable[[], None]) -> Iterator[tuple[Ask, Any]]:
            while asks := take(20):
                if poisoned.seed in {ask.seed for ask in asks}:
                    raise RuntimeError("bad weights")
                yield from ((ask, reply(f"{ask.seed}")) for ask in asks)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(work, "open_provider", lambda _source: Poisoned())
        for _attempt in range(20):
            if not run.sample_set.pending().exists():
                break
            try:
                work_part(part_id=part.pk)
            except RuntimeError:
                continue
    assert run.sample_set.filter(state=SampleState.DONE).count() == 9
    failed = run.sample_set.get(state=SampleState.FAILED)
    assert failed.pk == poisoned.pk
    assert failed.said_problem == "An error that nobody foresaw: RuntimeError: bad weights"


def test_a_sample_that_kills_workers_is_given_up_alone(run: GenerationRun, part: RunPart) -> None:
    """Its neighbours are tried apart from it after the first death, so they are drawn."""
    poisoned = run.sample_set.order_by("size", "prompt", "number").first()
    assert poisoned is not None
    deaths = 0
    while run.sample_set.pending().exists():
        batch = batch_of(part)
        asks = batch.take(10)
        if poisoned.seed in {ask.seed for ask in asks}:
            deaths += 1
            expire(batch)
            continue
        answer(batch, asks, *(reply(f"{ask.seed}") for ask in asks))
    assert deaths == MOST_ATTEMPTS
    assert run.sample_set.filter(state=SampleState.DONE).count() == 9
    assert f"died on it {MOST_ATTEMPTS} times" in run.sample_set.get(state=SampleState.FAILED).said_problem


def test_a_worker_that_is_stopped_gives_back_what_it_had(run: GenerationRun, part: RunPart) -> None:
    claims.stopping.set()
    try:
        work_part(part_id=part.pk)
    finally:
        claims.stopping.clear()
    assert set(run.sample_set.values_list("state", "attempts")) == {(SampleState.WAITING, 0)}


def test_a_model_that_is_not_there_fails_the_part_with_the_reason(
    run: GenerationRun, part: RunPart, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unavailable(_source: Any) -> None:
        raise ModelUnavailable(Problem.NO_TEMPLATE, model="it")

    monkeypatch.setattr(work, "open_provider", unavailable)
    work_part(part_id=part.pk)
    assert states(run) == {SampleState.FAILED}
    endpoint = part.params.endpoint
    endpoint.refresh_from_db()
    assert (endpoint.state, endpoint.said_problem) == (
        EndpointState.FAILING,
        "The model it has no chat template, so it cannot be asked.",
    )


def test_an_endpoint_that_answers_is_reachable(part: RunPart) -> None:
    work_part(part_id=part.pk)
    assert Endpoint.objects.get(pk=part.params.endpoint_id).state == EndpointState.REACHABLE


def test_a_setback_is_waited_for_longer_each_time_and_not_for_ever(
    run: GenerationRun, part: RunPart, play: Callable[..., None]
) -> None:
    error = Setback(Trouble(Problem.SERVER_ERROR, {"host": "h", "status": 500}))
    play(error)
    run.sample_set.exclude(pk=run.sample_set.first().pk).delete()  # type: ignore[union-attr]
    pauses = []
    for _try in range(MOST_SETBACKS):
        play(error)
        before = timezone.now()
        work_part(part_id=part.pk)
        sample = run.sample_set.get()
        assert (sample.state, sample.attempts) == (SampleState.WAITING, 0)
        assert sample.not_before is not None
        pauses.append((sample.not_before - before).total_seconds())
        assert work_part(part_id=part.pk) == 0, "not before it is due"
        Sample.objects.update(not_before=timezone.now())
    assert all(0.5 * 2**n <= pause <= 1.5 * 2**n + 1 for n, pause in enumerate(pauses))
    play(error)
    work_part(part_id=part.pk)
    assert run.sample_set.get().said_problem == "h answered with an error (500)."


def test_a_server_that_has_enough_is_left_alone_as_long_as_it_wants(
    asked_server: RunPart, play: Callable[..., None]
) -> None:
    run, endpoint = asked_server.run, asked_server.params.endpoint
    play(reply(), Setback(Trouble(Problem.THROTTLED, {"host": "h"}), retry_after=120.0, for_all=True))
    work_part(part_id=asked_server.pk)
    endpoint.refresh_from_db()
    assert (endpoint.state, endpoint.rests) == (EndpointState.REACHABLE, 0), "it answered"
    assert endpoint.resting_until is not None
    assert 110 < (endpoint.resting_until - timezone.now()).total_seconds() <= 120
    assert count_samples([run])[run.pk].done == 1
    assert set(run.sample_set.pending().values_list("state", "attempts", "setbacks")) == {(SampleState.WAITING, 0, 0)}
    assert work_part(part_id=asked_server.pk) == 0
    assert not RunPart.objects.stranded(ASLEEP).exists()
    Endpoint.objects.update(resting_until=timezone.now())
    RunPart.objects.update(woken_at=timezone.now() - ASLEEP)
    assert RunPart.objects.stranded(ASLEEP).get() == asked_server
    play()
    work_part(part_id=asked_server.pk)
    assert states(run) == {SampleState.DONE}
    endpoint.refresh_from_db()
    assert endpoint.state == EndpointState.REACHABLE


def test_a_server_that_never_comes_back_ends_the_part(asked_server: RunPart, play: Callable[..., None]) -> None:
    for rest in range(MOST_RESTS + 1):
        assert states(asked_server.run) == {SampleState.WAITING}
        play(Setback(Trouble(Problem.NO_ANSWER, {"host": "h", "why": "refused"}), for_all=True))
        work_part(part_id=asked_server.pk)
        endpoint = Endpoint.objects.get(pk=asked_server.params.endpoint_id)
        assert endpoint.state == EndpointState.FAILING
        assert endpoint.rests == (rest + 1) % (MOST_RESTS + 1)
        Endpoint.objects.update(resting_until=None)
    assert states(asked_server.run) == {SampleState.FAILED}


def test_one_worker_at_a_time_asks_a_server(asked_server: RunPart) -> None:
    other = make_run(asked_server.params.endpoint, 3).parts.select_related("run", "params__endpoint").get()
    first, second = batch_of(asked_server), batch_of(other)
    assert len(first.take(1)) == 1
    assert second.take(1) == []
    first.give_back()
    assert len(second.take(1)) == 1


def test_runs_take_turns_at_a_server(asked_server: RunPart, play: Callable[..., None]) -> None:
    other = make_run(asked_server.params.endpoint, 3).parts.select_related("run", "params__endpoint").get()
    RunPart.objects.filter(pk=other.pk).update(woken_at=timezone.now() - timedelta(minutes=1))
    called: list[RunPart] = []
    play(Setback(Trouble(Problem.SERVER_ERROR, {"host": "h", "status": 500})))
    work_part(part_id=asked_server.pk, call_next=called.append)
    assert called == [other]
    work_part(part_id=other.pk, call_next=called.append)
    assert called == [other], "the first one's sample is not due yet, so nobody is called"


def test_whoever_finds_a_server_taken_calls_nobody(asked_server: RunPart, play: Callable[..., None]) -> None:
    """Or it would be called again at once, and again."""
    other = make_run(asked_server.params.endpoint, 3).parts.get()
    batch_of(asked_server).take(1)
    called: list[RunPart] = []
    play()
    assert work_part(part_id=other.pk, call_next=called.append) == 0
    assert called == []


def test_a_late_setback_does_not_put_the_part_to_sleep(asked_server: RunPart, play: Callable[..., None]) -> None:
    RunPart.objects.update(woken_at=timezone.now() - timedelta(minutes=1))
    batch = batch_of(asked_server)
    error = Setback(Trouble(Problem.SERVER_ERROR, {"host": "h", "status": 502}), retry_after=600)
    answer(batch, batch.take(1), error)
    assert RunPart.objects.stranded(ASLEEP).get() == asked_server, "the other sample is there to be drawn"


def test_a_server_that_takes_less_at_once_than_it_is_asked_gets_through(settings: Any) -> None:
    """What it accepted is kept while it refuses the rest, and it is not given up."""
    settings.MODEL_NETWORKS = [ip_network("127.0.0.1")]
    project = make_project()
    for _n in range(4):
        make_prompt(project)
    under_way = threading.Semaphore(3)

    def refuses_the_fourth(handler: Handler, document: dict[str, Any]) -> None:
        if under_way.acquire(blocking=False):
            time.sleep(0.05)
            handler.answer(document)
            under_way.release()
        else:
            status(429)(handler, document)

    with ChatServer(faults=[refuses_the_fourth], fault_rate=1.0) as server:
        endpoint = make_endpoint(project, provider="openai", model=server.model, base_url=server.url, concurrency=4)
        part = make_run(endpoint, 2).parts.get()
        for _round in range(MOST_RESTS):
            work_part(part_id=part.pk)
            Endpoint.objects.update(resting_until=None)
            if not part.sample_set().pending().exists():
                break
        assert set(part.sample_set().values_list("state", flat=True)) == {SampleState.DONE}
    endpoint.refresh_from_db()
    assert endpoint.state == EndpointState.REACHABLE


def test_a_server_that_was_given_up_gets_all_its_tries_again(asked_server: RunPart, play: Callable[..., None]) -> None:
    gone = Setback(Trouble(Problem.NO_ANSWER, {"host": "h", "why": "refused"}), for_all=True)
    Endpoint.objects.update(rests=MOST_RESTS)
    play(gone)
    work_part(part_id=asked_server.pk)
    assert states(asked_server.run) == {SampleState.FAILED}
    change_run(run=asked_server.run, change=Change.RETRY)
    play(gone)
    work_part(part_id=asked_server.pk)
    assert states(asked_server.run) == {SampleState.WAITING}


def test_a_claim_that_is_lost_in_part_is_given_back(run: GenerationRun, part: RunPart) -> None:
    """The prompt of one of the samples is gone, say; the others need not wait for the lease to end."""

    class Slow(Playing):
        def generate(self, take: Take, sampling: Any, alive: Callable[[], None]) -> Iterator[tuple[Ask, Any]]:
            yield from ()
            take(5)
            raise ClaimLost

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(work, "open_provider", lambda _source: Slow())
        work_part(part_id=part.pk)
    assert set(run.sample_set.values_list("state", "attempts")) == {(SampleState.WAITING, 0)}


def test_a_model_that_breaks_as_it_is_opened_ends_the_part(run: GenerationRun, part: RunPart, tiny_model: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(local, "kept", {})
        patch.setattr(local, "room_beside", lambda _network: {}["no such shape"])
        work_part(part_id=part.pk)
    assert states(run) == {SampleState.FAILED}
    assert "KeyError" in run.sample_set.earliest("pk").said_problem


def test_a_text_without_end_is_cut(part: RunPart) -> None:
    batch = batch_of(part)
    answer(batch, batch.take(1), reply("word " * 30_000))
    response = Response.objects.get()
    assert len(response.text) == 100_000
    assert "cut_off" in response.marks


def test_more_samples_fail_than_a_statement_has_parameters(run: GenerationRun, part: RunPart) -> None:
    prompt = run.project.prompts.earliest("pk")
    fields = {"run": run, "endpoint": part.params.endpoint, "params": part.params, "prompt": prompt, "seed": 1}
    Sample.objects.bulk_create(
        (Sample(**fields, number=n % 30_000, redraw=1 + n // 30_000) for n in range(70_000)), 2000
    )
    Endpoint.objects.filter(pk=part.params.endpoint_id).update(model="gone")
    assert work_part(part_id=part.pk) == 70_010


def test_a_redraw_that_is_ordered_as_the_run_is_cancelled_is_cancelled_too(run: GenerationRun) -> None:
    change_run(run=run, change=Change.CANCEL)
    run.sample_set.filter(number=1).update(state=SampleState.WAITING)
    end_cancelled()
    assert states(run) == {SampleState.CANCELLED}


def test_a_near_twin_is_marked_and_another_drawn_in_its_place(part: RunPart) -> None:
    """By edits, not letter by letter; twice at most."""
    text = "The quick brown fox jumps over the lazy dog, and then it sleeps until the evening comes."
    batch = batch_of(part)
    asks = batch.take(1)
    answer(batch, asks, reply(text))
    sample = Sample.objects.get(state=SampleState.DONE)
    others = Sample.objects.filter(prompt=sample.prompt_id, params=sample.params_id, number=1)
    Sample.objects.exclude(prompt=sample.prompt_id).delete()
    for redraw in range(3):
        assert sorted(others.values_list("redraw", flat=True)) == list(range(redraw + 1))
        answer(batch, batch.take(1), reply(text.replace("evening", "morning")))
    assert others.count() == 3
    assert len(set(others.values_list("seed", flat=True))) == 3
    marks = [response.marks for response in Response.objects.order_by("pk")]
    assert marks == [[], ["twin"], ["twin"], ["twin"]]


def test_a_greedy_twin_is_not_drawn_again(tiny_model: str) -> None:
    project = make_project()
    make_prompt(project)
    for name in ("one", "two"):
        part = make_run(make_endpoint(project, name=name, model=tiny_model, temperature=0), 1).parts.get()
        batch = batch_of(part)
        answer(batch, batch.take(1), reply("The very same text."))
    assert Sample.objects.count() == 2
    assert Response.objects.latest("pk").marks == ["twin"]


def test_marks_are_there_with_the_response(part: RunPart) -> None:
    batch = batch_of(part)
    answer(
        batch,
        batch.take(3),
        reply("I'm SmolLM, created by Hugging Face.", finish_reason="length"),
        reply(""),
        reply("I'm sorry, but I can't help with that."),
    )
    marks = [set(response.marks) for response in Response.objects.order_by("pk")]
    assert marks == [{"identity", "cut_off"}, {"empty"}, {"refusing"}]


def test_a_paused_run_rests_and_goes_on_where_it_was(run: GenerationRun, part: RunPart) -> None:
    batch = batch_of(part)
    asks = batch.take(4)
    answer(batch, asks[:1], reply())
    change_run(run=run, change=Change.PAUSE)
    batch.looked -= 10
    with pytest.raises(Stopping):
        batch.renew()
    batch.give_back()
    assert work_part(part_id=part.pk) == 0
    assert not RunPart.objects.stranded(timedelta(0)).exists()
    change_run(run=run, change=Change.RESUME)
    assert work_part(part_id=part.pk) == 9
    assert states(run) == {SampleState.DONE}


def test_a_cancelled_run_keeps_what_it_has_and_takes_no_more(run: GenerationRun, part: RunPart) -> None:
    batch = batch_of(part)
    asks = batch.take(4)
    answer(batch, asks[:1], reply())
    change_run(run=run, change=Change.CANCEL)
    batch.looked -= 10
    with pytest.raises(Stopping):
        batch.renew()
    answer(batch, asks[1:2], reply("too late"))
    assert Response.objects.count() == 1
    assert states(run) == {SampleState.DONE, SampleState.CANCELLED}
    change_run(run=run, change=Change.RETRY)
    assert work_part(part_id=part.pk) == 9


def test_what_failed_is_tried_again(run: GenerationRun, part: RunPart) -> None:
    batch = batch_of(part)
    answer(batch, batch.take(2), reply(), Failure(TOO_LONG))
    batch.give_back()
    change_run(run=run, change=Change.RETRY)
    sample = run.sample_set.exclude(state=SampleState.DONE).earliest("pk")
    assert (sample.state, sample.problem, sample.attempts) == (SampleState.WAITING, "", 0)


def test_the_sweeper_finds_what_was_stranded_and_only_that(run: GenerationRun, part: RunPart) -> None:
    def stranded() -> list[RunPart]:
        return list(RunPart.objects.stranded(ASLEEP))

    assert stranded() == []  # a worker was called just now
    RunPart.objects.update(woken_at=timezone.now() - timedelta(minutes=1))
    assert stranded() == [part]
    batch = batch_of(part)
    batch.take(3)
    assert stranded() == []  # somebody is at it
    expire(batch)
    assert stranded() == [part]
    run.sample_set.update(state=SampleState.DONE, claim=None, leased_until=None)
    assert stranded() == []
