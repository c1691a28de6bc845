"""Real Celery workers on the real broker, some of them killed in the middle of their work."""

import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from django.conf import settings
from django.db.models import QuerySet

from labeling.generation.jobs import sweep
from labeling.generation.models import (
    GenerationRun,
    Response,
    RunPart,
    Sample,
    SampleCounts,
    SampleState,
    count_samples,
)
from labeling.projects.models import Project
from tests.conftest import process_environment
from tests.factories import make_endpoint, make_project, make_prompt, make_run
from tests.waiting import wait_until

Worker = Callable[..., subprocess.Popen[bytes]]


def order(model: str, prompts: int, samples: int = 2, **sampling: object) -> GenerationRun:
    project = make_project()
    for _n in range(prompts):
        make_prompt(project)
    return make_run(make_endpoint(project, model=model, **sampling), samples)


def counts(run: GenerationRun) -> SampleCounts:
    return count_samples([run])[run.pk]


def test_a_killed_worker_loses_nothing_and_doubles_nothing(start_worker: Worker, tiny_model: str) -> None:
    """kill -9 in mid-batch, twice on the same samples; the sweeper calls the next worker when the lease is over."""
    run = order(tiny_model, prompts=10, max_new_tokens=300, temperature=1.0)

    def sweep_again() -> None:
        RunPart.objects.update(woken_at="2000-01-01T00:00Z")
        sweep()

    for death in (1, 2):
        worker = start_worker(CONCORD_GENERATION_LEASE="2")
        held = run.sample_set.filter(state=SampleState.CLAIMED, attempts=death)

        def is_under_way(held: QuerySet[Sample] = held) -> bool:
            sweep_again()
            return held.exists()

        wait_until(is_under_way, "a batch is under way")
        worker.kill()
        worker.wait()
        assert held.exists(), "the worker was killed while it held samples"
    start_worker(CONCORD_GENERATION_LEASE="2")

    def swept() -> bool:
        sweep_again()
        return counts(run).are_over

    wait_until(swept, "the run ends after the deaths")
    assert counts(run) == SampleCounts(done=20)
    assert Response.objects.count() == 20
    assert set(Counter(Response.objects.values_list("sample", flat=True)).values()) == {1}


def test_a_stopped_worker_gives_its_samples_back_at_once(start_worker: Worker, tiny_model: str) -> None:
    run = order(tiny_model, prompts=8, max_new_tokens=450)
    worker = start_worker()
    wait_until(lambda: counts(run).claimed, "a batch is under way")
    worker.send_signal(signal.SIGTERM)
    worker.wait(20)
    assert counts(run).claimed == 0
    assert not run.sample_set.filter(attempts__gt=1).exists()


def test_two_workers_share_a_run(start_worker: Worker, tiny_model: str, tmp_path: Path) -> None:
    start_worker()
    start_worker()
    wait_until(lambda: (tmp_path / "worker.log").read_text().count("ready") == 2, "both are up")
    run = order(tiny_model, prompts=40, samples=16, max_new_tokens=120)  # one may have loaded the model long before
    most_at_once = 0

    def is_over() -> bool:
        nonlocal most_at_once
        claims = run.sample_set.filter(state=SampleState.CLAIMED).values("claim").distinct().count()
        most_at_once = max(most_at_once, claims)
        return counts(run).are_over

    wait_until(is_over, "the run ends")
    assert counts(run) == SampleCounts(done=640)
    assert most_at_once == 2, "each held samples while the other did"


def generate(project: Project, samples: int, **environment: str) -> subprocess.CompletedProcess[str]:
    """The command, as somebody would give it."""
    command = [sys.executable, "manage.py", "generate", "--project", project.slug, "--samples", str(samples)]
    return subprocess.run(
        [*command, "--endpoint", project.endpoints.get().name],
        env={**os.environ, **process_environment(), **environment},
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
        check=False,
    )


def make_askable_project(model: str) -> Project:
    project = make_project()
    make_prompt(project)
    make_endpoint(project, model=model, max_new_tokens=8)
    return project


@pytest.mark.django_db(transaction=True)
def test_without_a_broker_the_command_does_the_work_itself(tiny_model: str) -> None:
    done = generate(make_askable_project(tiny_model), samples=2, CELERY_BROKER_URL="redis://127.0.0.1:1/0")
    assert done.returncode == 0, done.stderr
    assert "the sweeper will call again" in done.stderr
    assert Response.objects.count() == 2


BROKERS = {
    "redis": os.environ.get("CONCORD_TEST_REDIS_URL", "redis://127.0.0.1:6379/7"),
    "rabbitmq": os.environ.get("CONCORD_TEST_AMQP_URL", "amqp://guest:guest@127.0.0.1:5672//"),
}


@pytest.mark.parametrize("broker", BROKERS)
def test_other_brokers_serve_as_well(broker: str, start_worker: Worker, tiny_model: str, tmp_path: Path) -> None:
    """A run ordered by command through somebody's own broker, and worked off by a worker on it.

    The command has no model at hand, so whatever is written the worker wrote.
    """
    import kombu

    url = BROKERS[broker]
    try:
        kombu.Connection(url, connect_timeout=2).ensure_connection(max_retries=0, timeout=2)
    except Exception as absent:
        pytest.skip(f"no broker at {url}: {absent}")
    project = make_askable_project(tiny_model)
    start_worker(CELERY_BROKER_URL=url)
    wait_until(lambda: "ready" in (tmp_path / "worker.log").read_text(), "the worker is up")
    without_models = str(tmp_path / "var")
    ordered = generate(project, samples=12, CELERY_BROKER_URL=url, CONCORD_VAR=without_models)
    assert ordered.returncode == 0, ordered.stderr
    assert Response.objects.count() == 12, "more than one batch"
