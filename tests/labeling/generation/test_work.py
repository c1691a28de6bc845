"""Claiming, losing and filling samples, on the tiny model."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from labeling.generation import work
from labeling.generation.models import GenerationRun, Response, Sample, SampleState, count_samples
from labeling.generation.providers import Failure, ModelUnavailable, Reply
from labeling.generation.start_run import start_run
from labeling.generation.work import MOST_ATTEMPTS, Batch, work_batch
from tests.factories import make_endpoint, make_project, make_prompt

pytestmark = pytest.mark.django_db(transaction=True)

A_REPLY = Reply("text", "stop", 3, 2, -1.5)


@pytest.fixture
def run(tiny_model: str) -> GenerationRun:
    project = make_project()
    for _n in range(5):
        make_prompt(project)
    return start_run(endpoint=make_endpoint(project, model=tiny_model, max_new_tokens=6), samples=2)


def test_a_run_is_worked_off_in_batches(run: GenerationRun) -> None:
    called: list[int] = []
    sizes = []
    while size := work_batch(run_id=run.pk, on_claimed=lambda: called.append(1)):
        sizes.append(size)
    assert sizes == [8, 2]
    assert len(called) == 2
    assert count_samples([run])[run.pk].done == 10
    assert Response.objects.filter(sample__run=run).count() == 10
    response = Response.objects.select_related("sample").first()
    assert response is not None
    assert response.n_tokens
    assert response.logprob


def test_two_workers_claim_different_samples(run: GenerationRun) -> None:
    first, second = Batch(run, 6), Batch(run, 6)
    taken = [{sample.pk for sample in batch.samples} for batch in (first, second)]
    assert [len(pks) for pks in taken] == [6, 4]
    assert not taken[0] & taken[1]


def expire(batch: Batch) -> None:
    Sample.objects.filter(claim=batch.token).update(leased_until=timezone.now() - timedelta(seconds=1))


def test_who_lost_a_claim_stores_nothing(run: GenerationRun) -> None:
    slow = Batch(run, 10)
    expire(slow)
    quick = Batch(run, 4)
    quick.store([A_REPLY] * 4)
    slow.store([A_REPLY] * 10)
    counts = count_samples([run])[run.pk]
    assert (counts.done, counts.claimed) == (10, 0)
    assert Response.objects.count() == 10  # six by the slow worker, four by the quick one, none twice


def test_a_renewed_claim_is_kept_and_a_lost_one_noticed(run: GenerationRun, settings: Any) -> None:
    settings.GENERATION_LEASE = 0.0
    batch = Batch(run, 3)
    batch.lease = timedelta(seconds=30)
    batch.renewed -= 30
    batch.renew()
    assert not Sample.objects.filter(claim=batch.token).claimable().exists()
    expire(batch)
    Batch(run, 1)
    batch.renewed -= 30
    with pytest.raises(work.ClaimLost):
        batch.renew()


def test_a_sample_is_filled_once_by_the_database_too(run: GenerationRun) -> None:
    batch = Batch(run, 1)
    batch.store([A_REPLY])
    with pytest.raises(IntegrityError), transaction.atomic():
        Response.objects.bulk_create([work.response_to(batch.samples[0], A_REPLY)])


def test_a_failure_is_kept_with_its_reason(run: GenerationRun) -> None:
    batch = Batch(run, 2)
    batch.store([A_REPLY, Failure("too long")])
    states = {sample.pk: (sample.state, sample.error) for sample in run.sample_set.all()}
    assert states[batch.samples[0].pk] == (SampleState.DONE, "")
    assert states[batch.samples[1].pk] == (SampleState.FAILED, "too long")


class Broken:
    """A provider whose model breaks."""

    batch_size = 10

    def __init__(self, error: BaseException) -> None:
        self.error = error

    def generate(self, asks: Any, sampling: Any, alive: Callable[[], None]) -> list[Any]:
        raise self.error


def test_an_unforeseen_error_is_tried_again_but_not_for_ever(
    run: GenerationRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(work, "open_provider", lambda *_where: Broken(RuntimeError("bad weights")))
    for _attempt in range(MOST_ATTEMPTS):
        with pytest.raises(RuntimeError):
            work_batch(run_id=run.pk)
    assert work_batch(run_id=run.pk) == 0
    assert set(run.sample_set.values_list("state", "error")) == {(SampleState.FAILED, "RuntimeError: bad weights")}


def test_samples_that_kill_workers_are_given_up(run: GenerationRun) -> None:
    for _death in range(MOST_ATTEMPTS):
        expire(Batch(run, 10))
    assert Batch(run, 10).samples == []
    assert set(run.sample_set.values_list("state", flat=True)) == {SampleState.FAILED}
    assert "died on it 3 times" in run.sample_set.values_list("error", flat=True)[0]


def test_a_worker_that_is_stopped_gives_back_what_it_had(run: GenerationRun) -> None:
    work.stopping.set()
    try:
        assert work_batch(run_id=run.pk) == 0
    finally:
        work.stopping.clear()
    assert set(run.sample_set.values_list("state", "attempts")) == {(SampleState.WAITING, 0)}


def test_a_model_that_is_not_there_fails_the_run_with_the_reason(
    run: GenerationRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unavailable(*_where: str) -> None:
        raise ModelUnavailable("no such model")

    monkeypatch.setattr(work, "open_provider", unavailable)
    work_batch(run_id=run.pk)
    assert set(run.sample_set.values_list("state", "error")) == {(SampleState.FAILED, "no such model")}


def test_the_sweeper_finds_what_was_stranded_and_only_that(run: GenerationRun) -> None:
    asleep = timedelta(seconds=15)

    def stranded() -> list[GenerationRun]:
        return list(GenerationRun.objects.stranded(asleep))

    assert stranded() == []  # a worker was called just now
    GenerationRun.objects.update(woken_at=timezone.now() - timedelta(minutes=1))
    assert stranded() == [run]
    batch = Batch(run, 3)
    assert stranded() == []  # somebody is at it
    expire(batch)
    assert stranded() == [run]
    run.sample_set.update(state=SampleState.DONE, claim=None, leased_until=None)
    assert stranded() == []
