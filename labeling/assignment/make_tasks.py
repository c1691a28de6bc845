"""Turn responses into tasks with seats."""

import random
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

from django.db import transaction
from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from labeling.assignment.informative import Weights, draw_endpoints, weights_of
from labeling.assignment.models import MOST_OVERLAP, Seat, Task, TaskPlan, TaskResponse
from labeling.assignment.queue import arrange
from labeling.audit import record
from labeling.errors import Refused
from labeling.generation.models import Response, Sample
from labeling.generation.seeds import draw_seed
from labeling.people.models import User
from labeling.projects.models import Instrument, Project, TaskOrder
from labeling.prompts.digests import digest_of
from labeling.prompts.models import Prompt

BATCH = 500
MOST_PRIORITY = 1000


@transaction.atomic
def make_tasks(
    *,
    project: Project,
    responses: int,
    overlap: int,
    standing: bool = False,
    per_owner: int | None = None,
    for_evaluation: bool = False,
    leaves_out: Sequence[str] = (),
    seed: int | None = None,
    by: User | None = None,
) -> tuple[TaskPlan, int]:
    """One task of `responses` responses for every prompt that is ready and has none yet; the plan and their number.

    A `standing` plan goes on by itself as responses arrive, in place of the project's last standing one.
    Of the prompts of one owner, at most `per_owner` get a task, drawn at random. What is said of tasks `for_evaluation`
    is never training data. Responses with one of the marks that it `leaves_out` are shown to nobody.
    Raises Refused when no prompt is ready and the plan would not wait for any.
    """
    instrument = project.current_instrument()
    if instrument is None:
        raise Refused(_("The project asks no questions yet: choose them, or import judgments."))
    refuse_impossible(instrument, responses, overlap)
    if standing:
        TaskPlan.objects.filter(project=project, standing=True).update(standing=False)
    plan = TaskPlan.objects.create(
        project=project,
        responses=responses,
        overlap=overlap,
        seed=draw_seed() if seed is None else seed,
        standing=standing,
        per_owner=per_owner,
        for_evaluation=for_evaluation,
        leaves_out=list(leaves_out),
        created_by=by,
    )
    n_tasks = extend_plan(plan=plan)
    if not n_tasks and not standing:
        raise Refused(
            _("No prompt without a task has %(n)d different responses and all that were ordered.") % {"n": responses}
        )
    record("tasks.made", actor=by, project_id=project.pk, plan=plan.pk, tasks=n_tasks)
    return plan, n_tasks


def refuse_impossible(instrument: Instrument, responses: int, overlap: int) -> None:
    low, high = instrument.responses_range
    if not low <= responses <= high:
        raise Refused(
            _("With the questions of this project a task has %(range)s responses.")
            % {"range": low if low == high else f"{low}–{high}"}
        )
    refuse_impossible_overlap(overlap)


def refuse_impossible_overlap(overlap: int) -> None:
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
    weights = weights_of(project) if project.task_order == TaskOrder.INFORMATIVE else None
    chosen = sample_prompts(plan, instrument, ready_prompts(project, instrument, plan))
    for batch in batched(chosen, BATCH):
        prompts = list(project.prompts.filter(pk__in=batch).order_by("pk"))
        shown = responses_to(prompts, plan)
        drawn = [(prompt, draw_responses(plan, prompt, found, weights)) for prompt, found in shown]
        n_tasks += len(add_tasks(instrument=instrument, plan=plan, drawn=drawn, overlap=plan.overlap))
    return n_tasks


def sample_prompts(plan: TaskPlan, instrument: Instrument, ready: QuerySet[Prompt]) -> list[int]:
    """The ids of all ready prompts; or, with a cap, of those of each owner that a draw puts first."""
    candidates = list(ready.values_list("pk", "owner"))
    if plan.per_owner is None:
        return [pk for pk, _owner in candidates]
    taken = Counter(instrument.tasks.values_list("prompt__owner", flat=True))
    chosen = []
    for pk, owner in random.Random(plan.seed).sample(candidates, len(candidates)):
        if not owner or taken[owner] < plan.per_owner:
            taken[owner] += 1
            chosen.append(pk)
    return sorted(chosen)


def batched(ids: Sequence[int], size: int) -> Iterable[Sequence[int]]:
    return (ids[start : start + size] for start in range(0, len(ids), size))


def ready_prompts(project: Project, instrument: Instrument, plan: TaskPlan) -> QuerySet[Prompt]:
    """Prompts without a task that have enough different responses, and none on order any more."""
    here = OuterRef("pk")
    marked = Q(responses__marks__overlap=plan.leaves_out)
    return (
        project.prompts.usable()
        .filter(~Exists(Task.objects.filter(instrument=instrument, prompt=here)))
        .filter(~Exists(Sample.objects.pending().filter(prompt=here)))
        .annotate(n_texts=Count("responses__digest", distinct=True, filter=~marked))
        .filter(n_texts__gte=plan.responses)
        .order_by("pk")
    )


def responses_to(prompts: Sequence[Prompt], plan: TaskPlan) -> Iterable[tuple[Prompt, list[Response]]]:
    found: dict[int, list[Response]] = defaultdict(list)
    shown = Response.objects.exclude(marks__overlap=plan.leaves_out)
    for response in shown.filter(prompt__in=prompts).defer("text").order_by("pk"):
        found[response.prompt_id].append(response)
    return [(prompt, found[prompt.pk]) for prompt in prompts]


def draw_responses(
    plan: TaskPlan, prompt: Prompt, candidates: Sequence[Response], weights: Weights | None = None
) -> list[Response]:
    """K of the candidates, at random but spread over the endpoints, no two with the same text.

    Whose turn it is first is as likely for each endpoint, or by the `weights` of their pairs.
    """
    draw = random.Random(f"{plan.seed}:{prompt.pk}")
    shuffled = draw.sample(candidates, len(candidates))
    different = {response.digest: response for response in reversed(shuffled)}
    given = list(reversed(different.values()))
    endpoints = {response.endpoint_id for response in given}
    first = draw_endpoints(draw, endpoints, plan.responses, weights) if weights else []
    rounds: dict[int, int] = defaultdict(int)
    turns: list[tuple[int, int, Response]] = []
    for place, response in enumerate(given):
        endpoint = response.endpoint_id
        turns.append((rounds[endpoint], first.index(endpoint) if endpoint in first else len(first) + place, response))
        rounds[endpoint] += 1
    chosen = [response for _round, _place, response in sorted(turns, key=lambda turn: turn[:2])[: plan.responses]]
    return draw.sample(chosen, len(chosen))


def add_tasks(
    *,
    instrument: Instrument,
    plan: TaskPlan | None,
    drawn: Sequence[tuple[Prompt, Sequence[Response]]],
    overlap: int,
) -> list[Task]:
    """A task for each prompt and its responses, with `overlap` free seats. The caller holds the project's lock."""
    tasks = Task.objects.bulk_create(
        Task(
            project_id=instrument.project_id,
            instrument=instrument,
            prompt=prompt,
            plan=plan,
            priority=priority_of(prompt.metadata.get("priority")),
            digest=responses_digest(responses),
        )
        for prompt, responses in drawn
    )
    TaskResponse.objects.bulk_create(
        TaskResponse(task=task, response=response, position=position)
        for task, (_prompt, responses) in zip(tasks, drawn, strict=True)
        for position, response in enumerate(responses)
    )
    Seat.objects.bulk_create(
        Seat(
            project_id=instrument.project_id,
            task=task,
            place=task.pk,
            for_evaluation=plan is not None and plan.for_evaluation,
        )
        for task in tasks
        for _n in range(overlap)
    )
    if overlap:
        arrange(instrument.project, tasks)
    return tasks


def priority_of(given: object) -> int:
    """What a prompt's metadata give as its priority, if that is a whole number, higher being sooner; else 0."""
    if not isinstance(given, int) or isinstance(given, bool):
        return 0
    return max(-MOST_PRIORITY, min(MOST_PRIORITY, given))


def responses_digest(responses: Iterable[Response]) -> str:
    """Of the set of responses, whatever their order."""
    return digest_of(sorted(response.pk for response in responses))
