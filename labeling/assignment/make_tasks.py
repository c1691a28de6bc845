"""Turn responses into tasks with seats."""

import random
from collections import defaultdict
from collections.abc import Iterable, Sequence

from django.db import transaction
from django.db.models import Count, Exists, OuterRef, QuerySet
from django.utils.translation import gettext as _

from labeling.assignment.models import (
    FEWEST_COMPARED,
    MOST_COMPARED,
    MOST_OVERLAP,
    Seat,
    Task,
    TaskPlan,
    TaskResponse,
)
from labeling.audit import record
from labeling.errors import Refused
from labeling.generation.models import Response, Sample
from labeling.generation.start_run import draw_seed
from labeling.people.models import User
from labeling.projects.models import Instrument, Project
from labeling.prompts.models import Prompt
from labeling.prompts.rows import digest_of

BATCH = 500


@transaction.atomic
def make_tasks(
    *,
    project: Project,
    responses: int,
    overlap: int,
    standing: bool = False,
    seed: int | None = None,
    by: User | None = None,
) -> tuple[TaskPlan, int]:
    """One task of `responses` responses for every prompt that is ready and has none yet; the plan and their number.

    A `standing` plan goes on by itself as responses arrive, in place of the project's last standing one.
    Raises Refused when no prompt is ready and the plan would not wait for any.
    """
    refuse_impossible(responses, overlap)
    if project.current_instrument() is None:
        raise Refused(_("The project asks no questions yet: import judgments first."))
    if standing:
        TaskPlan.objects.filter(project=project, standing=True).update(standing=False)
    plan = TaskPlan.objects.create(
        project=project,
        responses=responses,
        overlap=overlap,
        seed=draw_seed() if seed is None else seed,
        standing=standing,
        created_by=by,
    )
    n_tasks = extend_plan(plan=plan)
    if not n_tasks and not standing:
        raise Refused(
            _("No prompt without a task has %(n)d different responses and all that were ordered.") % {"n": responses}
        )
    record("tasks.made", actor=by, project_id=project.pk, plan=plan.pk, tasks=n_tasks)
    return plan, n_tasks


def refuse_impossible(responses: int, overlap: int) -> None:
    if not FEWEST_COMPARED <= responses <= MOST_COMPARED:
        raise Refused(_("A task has %(low)d to %(high)d responses.") % {"low": FEWEST_COMPARED, "high": MOST_COMPARED})
    if not 1 <= overlap <= MOST_OVERLAP:
        raise Refused(_("The overlap is 1 to %(n)d annotators.") % {"n": MOST_OVERLAP})


@transaction.atomic
def extend_plan(*, plan: TaskPlan) -> int:
    """Make the tasks that the plan can make now; their number."""
    project = Project.objects.select_for_update(no_key=True).get(pk=plan.project_id)
    instrument = project.current_instrument()
    if instrument is None:
        return 0
    n_tasks = 0
    while prompts := list(ready_prompts(project, instrument, plan.responses)[:BATCH]):
        drawn = [draw_responses(plan, prompt, found) for prompt, found in responses_to(prompts)]
        n_tasks += len(add_tasks(instrument=instrument, plan=plan, drawn=drawn, overlap=plan.overlap))
    return n_tasks


def ready_prompts(project: Project, instrument: Instrument, responses: int) -> QuerySet[Prompt]:
    """Prompts without a task that have enough different responses, and none on order any more."""
    here = OuterRef("pk")
    return (
        project.prompts.filter(~Exists(Task.objects.filter(instrument=instrument, prompt=here)))
        .filter(~Exists(Sample.objects.pending().filter(prompt=here)))
        .annotate(n_texts=Count("responses__digest", distinct=True))
        .filter(n_texts__gte=responses)
        .order_by("pk")
    )


def responses_to(prompts: Sequence[Prompt]) -> Iterable[tuple[Prompt, list[Response]]]:
    found: dict[int, list[Response]] = defaultdict(list)
    for response in Response.objects.filter(prompt__in=prompts).defer("text").order_by("pk"):
        found[response.prompt_id].append(response)
    return [(prompt, found[prompt.pk]) for prompt in prompts]


def draw_responses(plan: TaskPlan, prompt: Prompt, candidates: Sequence[Response]) -> list[Response]:
    """K of the candidates, at random but spread over the endpoints, no two with the same text."""
    draw = random.Random(f"{plan.seed}:{prompt.pk}")
    shuffled = draw.sample(candidates, len(candidates))
    different = {response.digest: response for response in reversed(shuffled)}
    rounds: dict[int, int] = defaultdict(int)
    turns: list[tuple[int, int, Response]] = []
    for place, response in enumerate(reversed(different.values())):
        turns.append((rounds[response.endpoint_id], place, response))
        rounds[response.endpoint_id] += 1
    chosen = [response for _round, _place, response in sorted(turns, key=lambda turn: turn[:2])[: plan.responses]]
    return draw.sample(chosen, len(chosen))


def add_tasks(
    *,
    instrument: Instrument,
    plan: TaskPlan | None,
    drawn: Sequence[Sequence[Response]],
    overlap: int,
) -> list[Task]:
    """A task for each list of responses to a prompt, with `overlap` free seats. The caller holds the project's lock."""
    tasks = Task.objects.bulk_create(
        Task(
            project_id=instrument.project_id,
            instrument=instrument,
            prompt_id=responses[0].prompt_id,
            plan=plan,
            digest=responses_digest(responses),
        )
        for responses in drawn
    )
    TaskResponse.objects.bulk_create(
        TaskResponse(task=task, response=response, position=position)
        for task, responses in zip(tasks, drawn, strict=True)
        for position, response in enumerate(responses)
    )
    Seat.objects.bulk_create(
        Seat(project_id=instrument.project_id, task=task) for task in tasks for _n in range(overlap)
    )
    return tasks


def responses_digest(responses: Iterable[Response]) -> str:
    """Of the set of responses, whatever their order."""
    return digest_of(sorted(response.pk for response in responses))
