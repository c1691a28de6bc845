import time
from argparse import ArgumentParser
from typing import Any

from celery import current_app
from kombu.connection import Connection
from kombu.exceptions import OperationalError

from labeling.console import ConcordCommand, Result, add_project, progress, project_at
from labeling.errors import Refused
from labeling.generation.models import Endpoint, GenerationRun, SampleCounts, count_samples
from labeling.generation.start_run import start_run
from labeling.generation.work import work_batch
from labeling.projects.models import Project

ANSWER_WITHIN = (0.5, 4.0)
"""Seconds that workers have to say what they listen to: asked quickly first, then with patience."""

LOOK = 0.5
"""Seconds between looks at a run that workers are busy with."""


class Command(ConcordCommand):
    help = "Bring every prompt up to K responses from an endpoint, and wait until they are there."

    def arguments(self, parser: ArgumentParser) -> None:
        add_project(parser)
        parser.add_argument("--endpoint", required=True, metavar="NAME", help="which endpoint to ask")
        parser.add_argument("--samples", type=int, required=True, metavar="K", help="responses to a prompt")
        parser.add_argument("--language", default="", help="only prompts in this language, such as en")
        parser.add_argument("--seed", type=int, help="draw as a run with this seed did")

    def work(self, **options: Any) -> Result:
        project = project_at(options["project"])
        endpoint = endpoint_named(project, options["endpoint"])
        run = start_run(
            endpoint=endpoint, samples=options["samples"], language=options["language"], seed=options["seed"]
        )
        counts = follow(run, in_this_process=not workers_listen())
        if counts.failed:
            first = run.sample_set.exclude(error="").order_by("pk").values_list("error", flat=True).first()
            raise Refused(f"{counts.failed} of the responses failed, {counts.done} are written. The first: {first}")
        return {
            "project": project.slug,
            "endpoint": endpoint.name,
            "run": run.pk,
            "responses": counts.done,
            "seed": run.seed,
        }

    def tell(self, result: Result) -> str:
        return f"{result['responses']} responses by {result['endpoint']} written in {result['project']}."


def endpoint_named(project: Project, name: str) -> Endpoint:
    endpoint = project.endpoints.filter(name=name).first()
    if endpoint is None:
        known = ", ".join(project.endpoints.values_list("name", flat=True)) or "none"
        raise Refused(f"{project.slug} has no endpoint “{name}”. It has: {known}. add_endpoint makes one.")
    return endpoint


def workers_listen() -> bool:
    """Whether a worker that takes generation jobs is up; a busy one may be slow to answer."""
    try:
        with current_app.connection_for_read() as connection:
            connection.ensure_connection(max_retries=1, timeout=2)
            return any(generator_answers(connection, timeout) for timeout in ANSWER_WITHIN)
    except OperationalError:
        return False


def generator_answers(connection: Connection, timeout: float) -> bool:
    queues = current_app.control.inspect(timeout=timeout, connection=connection).active_queues() or {}
    return any(queue["name"] == "generation" for listened in queues.values() for queue in listened)


def follow(run: GenerationRun, *, in_this_process: bool) -> SampleCounts:
    """Wait for the run to end, doing the work here where no worker will."""
    with progress(total=run.sample_set.count(), unit="response") as advance:
        seen = 0
        while True:
            worked = work_batch(run_id=run.pk) if in_this_process else 0
            counts = count_samples([run])[run.pk]
            advance(counts.done + counts.failed - seen)
            seen = counts.done + counts.failed
            if counts.are_over:
                return counts
            if not worked:
                time.sleep(LOOK)
