import time
from argparse import ArgumentParser
from collections.abc import Callable, Iterable
from typing import Any

from celery import current_app
from kombu.connection import Connection
from kombu.exceptions import OperationalError

from labeling.console import ConcordCommand, Result, add_project, progress, project_at
from labeling.errors import Refused
from labeling.generation.estimate import estimate
from labeling.generation.models import Endpoint, GenerationRun, RunState, SampleCounts, SampleState, count_samples
from labeling.generation.run_progress import progress_of
from labeling.generation.sampling import Sampling
from labeling.generation.start_run import Wanted, endpoint_named, start_run
from labeling.generation.wake import queue_of
from labeling.generation.work import work_part
from labeling.prompts.use_cases import UseCase

ANSWER_WITHIN = (0.5, 4.0)
"""Seconds that workers have to say what they listen to: asked quickly first, then with patience."""

LOOK = 0.5
"""Seconds between looks at a run that workers are busy with."""


class Command(ConcordCommand):
    help = "Bring every prompt up to K responses from each endpoint, or a mix of them, and wait until they are there."

    def arguments(self, parser: ArgumentParser) -> None:
        add_project(parser)
        parser.add_argument(
            "--endpoint", required=True, action="append", metavar="NAME", help="which endpoint to ask; again for others"
        )
        parser.add_argument("--samples", type=int, required=True, metavar="K", help="responses to a prompt from each")
        parser.add_argument(
            "--temperature",
            type=float,
            action="append",
            metavar="T",
            help="instead of the endpoint's own; again for others",
        )
        parser.add_argument("--per-prompt", type=int, metavar="N", help="draw N of all these for each prompt")
        parser.add_argument("--language", default="", help="only prompts in this language, such as en")
        parser.add_argument(
            "--use-case", default="", choices=["", *UseCase.values], help="only prompts of this use case"
        )
        parser.add_argument("--seed", type=int, help="draw as a run with this seed did")
        parser.add_argument("--estimate", action="store_true", help="say what it would come to, and draw nothing")

    def work(self, **options: Any) -> Result:
        project = project_at(options["project"])
        endpoints = [endpoint_named(project, name) for name in options["endpoint"]]
        asked: dict[str, Any] = {
            "project": project,
            "wanted": [one for endpoint in endpoints for one in wanted(endpoint, options)],
            **{name: options[name] for name in ("per_prompt", "language", "use_case")},
        }
        names = ", ".join(options["endpoint"])
        if options["estimate"]:
            found = estimate(**asked)
            cost = None if found.cost is None else float(found.cost)
            return {"project": project.slug, "endpoint": names, **vars(found), "cost": cost}
        run = start_run(**asked, seed=options["seed"])
        is_alone = not workers_listen({queue_of(endpoint) for endpoint in endpoints})
        counts = follow(run, in_this_process=is_alone, complain=self.stderr.write)
        if counts.failed:
            first = run.sample_set.filter(state=SampleState.FAILED).earliest("pk").said_problem
            raise Refused(f"{counts.failed} of the responses failed, {counts.done} are written. The first: {first}")
        return {"project": project.slug, "endpoint": names, "run": run.pk, "responses": counts.done, "seed": run.seed}

    def tell(self, result: Result) -> str:
        if "run" in result:
            return f"{result['responses']} responses by {result['endpoint']} written in {result['project']}."
        time_taken = "not known yet" if result["seconds"] is None else f"{result['seconds']:.0f} s"
        cost = "no prices given" if result["cost"] is None else f"{result['cost']:.2f}"
        return (
            f"{result['responses']} responses, {result['prompt_tokens']} + {result['response_tokens']} tokens; "
            f"time: {time_taken}; cost: {cost}."
        )


def wanted(endpoint: Endpoint, options: dict[str, Any]) -> list[Wanted]:
    """One for each temperature."""
    own = endpoint.sampling
    return [
        Wanted(endpoint, options["samples"], Sampling(temperature, own.top_p, own.max_new_tokens))
        for temperature in options["temperature"] or [own.temperature]
    ]


def workers_listen(queues: Iterable[str]) -> bool:
    """Whether workers that take these jobs are up; a busy one may be slow to answer."""
    try:
        with current_app.connection_for_read() as connection:
            connection.ensure_connection(max_retries=1, timeout=2)
            return any(set(queues) <= heard(connection, timeout) for timeout in ANSWER_WITHIN)
    except OperationalError:
        return False


def heard(connection: Connection, timeout: float) -> set[str]:
    """The queues that workers say they listen to."""
    queues = current_app.control.inspect(timeout=timeout, connection=connection).active_queues() or {}
    return {queue["name"] for listened in queues.values() for queue in listened}


def follow(run: GenerationRun, *, in_this_process: bool, complain: Callable[[str], object]) -> SampleCounts:
    """Wait for the run to end, doing the work here where no worker will, and complain of what stands in its way.

    Raises Refused where somebody paused or cancelled it.
    """
    parts = list(run.parts.values_list("pk", flat=True))
    said: list[str] = []
    with progress(total=run.sample_set.count(), unit="response") as advance:
        seen = 0
        while True:
            worked = sum(work_part(part_id=part) for part in parts) if in_this_process else 0
            counts = count_samples([run])[run.pk]
            advance(counts.done + counts.failed - seen)
            seen = counts.done + counts.failed
            if counts.are_over:
                return counts
            (found,) = progress_of([run])
            if found.failing != said:
                said = found.failing
                complain("; ".join(said))
            run.refresh_from_db(fields=["state"])
            if run.state != RunState.ACTIVE:
                raise Refused(f"Run {run.pk} was {run.state}: {counts.done} responses are written.")
            if not worked:
                time.sleep(LOOK)
