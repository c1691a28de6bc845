"""Order responses from one or several endpoints."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, NoReturn

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import QuerySet
from django.db.models.functions import Cast, Length
from django.utils.translation import gettext as _

from labeling.audit import record
from labeling.errors import Refused
from labeling.generation.models import (
    MOST_SAMPLES,
    Endpoint,
    GenerationRun,
    Provider,
    RunPart,
    Sample,
    SamplingParams,
)
from labeling.generation.order_samples import BATCH, order_samples
from labeling.generation.sampling import Sampling
from labeling.generation.seeds import draw_seed
from labeling.generation.wake import wake
from labeling.people.models import User
from labeling.projects.models import Project
from labeling.prompts.models import Prompt

MOST_ORDERED = 1_000_000
"""Responses in one run."""


@dataclass(frozen=True)
class Wanted:
    """What is asked of one endpoint."""

    endpoint: Endpoint
    samples: int
    """For each prompt, or to draw from."""
    sampling: Sampling | None = None
    """None: the endpoint's own."""


@transaction.atomic
def start_run(
    *,
    project: Project,
    wanted: Sequence[Wanted],
    per_prompt: int | None = None,
    language: str = "",
    use_case: str = "",
    seed: int | None = None,
    by: User | None = None,
) -> GenerationRun:
    """Bring every prompt up to the samples `wanted`, or to `per_prompt` of them drawn at random; and call workers.

    What is there already is not drawn again; what failed or was cancelled is. Raises Refused when nothing can or need
    be done.
    """
    refuse_impossible(project, wanted, per_prompt)
    Project.objects.select_for_update(no_key=True).get(pk=project.pk)
    prompts = prompts_to_answer(project, language, use_case)
    if not prompts.exists():
        refuse_nothing(project)
    n_wanted = prompts.count() * (per_prompt or sum(one.samples for one in wanted))
    if n_wanted > MOST_ORDERED:
        raise Refused(_("Order %(n)d responses at most at once; these are %(m)d.") % {"n": MOST_ORDERED, "m": n_wanted})
    run = GenerationRun.objects.create(
        project=project,
        per_prompt=per_prompt,
        language=language,
        use_case=use_case,
        seed=draw_seed() if seed is None else seed,
        created_by=by,
    )
    parts = [RunPart.objects.create(run=run, params=params_of(one), samples=one.samples) for one in wanted]
    n_samples = sum(order_samples(run, parts, batch) for batch in batches(sized(prompts)))
    if not n_samples:
        refuse_all_there(parts)
    run.n_ordered = n_samples
    run.save(update_fields=["n_ordered"])
    asked = {str(part.params): part.samples for part in parts}
    record("run.started", actor=by, project_id=project.pk, run=run.pk, asked=asked, rows=n_samples)
    for part in parts:
        wake(part)
    return run


def refuse_impossible(project: Project, wanted: Sequence[Wanted], per_prompt: int | None) -> None:
    if not wanted:
        raise Refused(_("Choose an endpoint."))
    for one in wanted:
        endpoint, sampling = one.endpoint, one.sampling or one.endpoint.sampling
        if endpoint.project_id != project.pk:
            raise Refused(_("Choose an endpoint of this project."))
        if endpoint.provider == Provider.FILE:
            raise Refused(
                _("The responses of %(endpoint)s were imported; it cannot be asked for more.") % {"endpoint": endpoint}
            )
        if not 1 <= one.samples <= MOST_SAMPLES:
            raise Refused(_("Ask for 1 to %(n)d samples.") % {"n": MOST_SAMPLES})
        if one.samples > 1 and sampling.temperature == 0:
            raise Refused(
                _("%(endpoint)s is greedy (temperature 0) and gives one text only: ask for 1 sample.")
                % {"endpoint": endpoint}
            )
        refuse_out_of_range(one)
    if len({(one.endpoint.pk, one.sampling or one.endpoint.sampling) for one in wanted}) < len(wanted):
        raise Refused(_("The same endpoint is asked twice with the same sampling values."))
    n_slots = sum(one.samples for one in wanted)
    if per_prompt is not None and not 1 <= per_prompt <= n_slots:
        raise Refused(_("From %(n)d samples, 1 to %(n)d can be drawn for each prompt.") % {"n": n_slots})


def refuse_nothing(project: Project) -> NoReturn:
    if project.prompts.usable().exists():
        raise Refused(_("No prompt has this language and use case."))
    if project.prompts.exists():
        raise Refused(_("The prompts are held for personal data, or still to be looked into: none may be used yet."))
    raise Refused(_("There are no prompts to answer yet: import some first."))


def refuse_all_there(parts: Sequence[RunPart]) -> NoReturn:
    n_pending = Sample.objects.pending().filter(params__in=[part.params for part in parts]).count()
    if n_pending:
        raise Refused(
            _("All of these responses are ordered already; %(n)d are still to be written.") % {"n": n_pending}
        )
    raise Refused(_("Every prompt has all of these responses already."))


def prompts_to_answer(project: Project, language: str = "", use_case: str = "") -> QuerySet[Prompt]:
    chosen = {"language": language, "use_case": use_case}
    return project.prompts.usable().filter(**{field: value for field, value in chosen.items() if value})


def sized(prompts: QuerySet[Prompt]) -> QuerySet[Prompt]:
    """With the characters of the whole conversation as `size`."""
    earlier = Length(Cast("history", models.TextField()))
    return prompts.annotate(size=Length("text") + Length("system") + earlier).only("digest", "project").order_by("pk")


def batches(prompts: QuerySet[Prompt]) -> Iterator[list[Prompt]]:
    found = prompts.iterator(BATCH)
    while batch := list(islice(found, BATCH)):
        yield batch


def values_of(one: Wanted) -> dict[str, Any]:
    sampling = one.sampling or one.endpoint.sampling
    return {
        "endpoint": one.endpoint,
        "temperature": sampling.temperature,
        "top_p": sampling.top_p,
        "max_new_tokens": sampling.max_new_tokens,
    }


def refuse_out_of_range(one: Wanted) -> None:
    try:
        SamplingParams(**values_of(one)).full_clean(validate_unique=False, exclude=["endpoint"])
    except ValidationError as invalid:
        raise Refused(" ".join(invalid.messages)) from invalid


def params_of(one: Wanted) -> SamplingParams:
    params, _made = SamplingParams.objects.get_or_create(**values_of(one))
    return params


def endpoint_named(project: Project, name: str) -> Endpoint:
    """Raises Refused."""
    endpoint = project.endpoints.filter(name=name).first()
    if endpoint is None:
        known = ", ".join(project.endpoints.values_list("name", flat=True)) or "none"
        raise Refused(f"{project.slug} has no endpoint “{name}”. It has: {known}. add_endpoint makes one.")
    return endpoint
