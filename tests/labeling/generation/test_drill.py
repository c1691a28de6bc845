"""Two hundred runs against servers that fail, by workers that are killed: all end, and nothing is there twice."""

import random
import subprocess
from collections.abc import Callable
from functools import partial
from typing import Any

from django.db.models import Count

from labeling.generation.jobs import sweep
from labeling.generation.models import Endpoint, GenerationRun, Response, RunPart, Sample, SampleState
from labeling.generation.store import MOST_REDRAWS
from tests.chat_server import PASSING_FAULTS, ChatServer
from tests.factories import make_endpoint, make_project, make_prompt, make_run
from tests.waiting import wait_until

PROJECTS, ENDPOINTS, PROMPTS, SAMPLES = 20, 10, 3, 2
KILLS = 20
WORKERS = 3

Worker = subprocess.Popen[bytes]


def order_runs(url: str) -> None:
    for _project in range(PROJECTS):
        project = make_project()
        for _prompt in range(PROMPTS):
            make_prompt(project)
        for _endpoint in range(ENDPOINTS):
            make_run(make_endpoint(project, provider="openai", model="parrot", base_url=url, concurrency=4), SAMPLES)


def sweep_now() -> None:
    RunPart.objects.update(woken_at="2000-01-01T00:00Z")
    sweep()


def test_two_hundred_runs_and_twenty_deaths(start_worker: Callable[..., Worker]) -> None:
    draw = random.Random(5)
    n_ordered = PROJECTS * ENDPOINTS * PROMPTS * SAMPLES

    def start() -> Worker:
        return start_worker(CONCORD_GENERATION_LEASE="2", CONCORD_MODEL_NETWORKS="127.0.0.1")

    with ChatServer(faults=PASSING_FAULTS, fault_rate=0.1, fault_seed=5, latency=0.02) as server:
        order_runs(server.url)
        assert GenerationRun.objects.count() == PROJECTS * ENDPOINTS == 200
        workers = [start() for _n in range(WORKERS)]
        for death in range(KILLS):
            enough = n_ordered * (death + 1) / (KILLS + 2)
            wait_until(partial(are_there_and_more_coming, enough), lambda: f"responses to kill at: {told()}", pause=0.5)
            killed = workers.pop(draw.randrange(WORKERS))
            killed.kill()
            killed.wait()
            workers.append(start())

        def is_over() -> bool:
            sweep_now()
            return not Sample.objects.pending().exists()

        wait_until(is_over, lambda: f"all runs end: {told()}", patience=180, pause=0.5)
    assert set(Sample.objects.values_list("state", flat=True)) == {SampleState.DONE}
    assert Sample.objects.filter(redraw=0).count() == n_ordered
    assert Response.objects.count() == Sample.objects.count() <= n_ordered * (1 + MOST_REDRAWS)
    twice = Response.objects.values("sample").annotate(n=Count("pk")).filter(n__gt=1)
    assert not twice.exists()
    assert not Endpoint.objects.filter(rests__gt=0).exists()


def are_there_and_more_coming(n: float) -> bool:
    sweep_now()
    return Response.objects.count() >= n and Sample.objects.live().exists()


def told() -> dict[str, Any]:
    states = Sample.objects.values_list("state").annotate(n=Count("pk")).order_by()
    problems = Endpoint.objects.exclude(problem="").values_list("problem").annotate(n=Count("pk")).order_by()
    return {"samples": dict(states), "endpoints": dict(problems)}
