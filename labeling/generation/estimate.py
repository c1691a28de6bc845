"""What a run would come to, before it is started."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from django.db.models import Avg, Count, QuerySet

from labeling.generation.models import Endpoint, Response, Sample, SampleState
from labeling.generation.start_run import Wanted, prompts_to_answer, refuse_impossible, sized
from labeling.projects.models import Project
from labeling.prompts.models import Prompt

CHARACTERS_PER_TOKEN = 3.5
"""Where nothing is known of an endpoint yet. Chinese has fewer, English more."""

FEW = 20
"""Responses that do not tell yet how long an endpoint's usually are: then they are as long as they may be."""

RECENT = 500
"""Responses from which an endpoint's usual length and speed are taken."""


@dataclass(frozen=True)
class Estimate:
    responses: float
    prompt_tokens: float
    response_tokens: float
    """As long as those before; where there are none, as long as they may be."""
    seconds: float | None
    """At the speed of those before; None where an endpoint has written none."""
    cost: Decimal | None
    """None where an endpoint has no prices."""

    def __add__(self, other: "Estimate") -> "Estimate":
        return Estimate(
            self.responses + other.responses,
            self.prompt_tokens + other.prompt_tokens,
            self.response_tokens + other.response_tokens,
            None if self.seconds is None or other.seconds is None else self.seconds + other.seconds,
            None if self.cost is None or other.cost is None else self.cost + other.cost,
        )


NOTHING = Estimate(0, 0, 0, 0.0, Decimal(0))


def estimate(
    *,
    project: Project,
    wanted: Sequence[Wanted],
    per_prompt: int | None = None,
    language: str = "",
    use_case: str = "",
) -> Estimate:
    """Of the responses that are not there yet. Endpoints are taken to work one after the other.

    Raises Refused for what could not be ordered either.
    """
    refuse_impossible(project, wanted, per_prompt)
    prompts = prompts_to_answer(project, language, use_case)
    sizes = sized(prompts).aggregate(n=Count("pk"), mean=Avg("size"))
    n_slots = sum(one.samples for one in wanted)
    lacking = [max(0, sizes["n"] * one.samples - n_there(one, prompts)) for one in wanted]
    share = 1.0
    if per_prompt is not None and sum(lacking):
        n_known = sizes["n"] * n_slots - sum(lacking)
        share = max(0.0, sizes["n"] * per_prompt - n_known) / sum(lacking)
    total = NOTHING
    for one, n in zip(wanted, lacking, strict=True):
        total += estimate_part(one, n * share, (sizes["mean"] or 0) / CHARACTERS_PER_TOKEN)
    return replace(
        total,
        responses=round(total.responses),
        prompt_tokens=round(total.prompt_tokens),
        response_tokens=round(total.response_tokens),
    )


def n_there(one: Wanted, prompts: QuerySet[Prompt]) -> int:
    """How many of the responses wanted are there or under way."""
    sampling = one.sampling or one.endpoint.sampling
    known = Sample.objects.filter(
        prompt__in=prompts,
        endpoint=one.endpoint,
        params__temperature=sampling.temperature,
        params__top_p=sampling.top_p,
        params__max_new_tokens=sampling.max_new_tokens,
        number__lt=one.samples,
        redraw=0,
    )
    return known.exclude(state__in=[SampleState.FAILED, SampleState.CANCELLED]).count()


def estimate_part(one: Wanted, n: float, prompt_tokens: float) -> Estimate:
    most = (one.sampling or one.endpoint.sampling).max_new_tokens
    tokens, rate = usual(one.endpoint)
    asked, drawn = n * prompt_tokens, n * min(tokens or most, most)
    return Estimate(n, asked, drawn, n / rate if rate else None, one.endpoint.cost(round(asked), round(drawn)))


def usual(endpoint: Endpoint) -> tuple[float | None, float | None]:
    """Tokens to a response, and responses a second, in the endpoint's last run."""
    drawn = Response.objects.filter(endpoint=endpoint, sample__isnull=False).order_by("-created_at")
    last = drawn.values_list("sample__run", flat=True).first()
    recent = drawn.filter(sample__run=last).values_list("n_tokens", "created_at")[:RECENT]
    lengths = [n for n, _at in recent if n]
    moments = [at for _n, at in recent]
    span = (moments[0] - moments[-1]).total_seconds() if moments else 0.0
    return (sum(lengths) / len(lengths) if len(lengths) >= FEW else None, len(moments) / span if span else None)
