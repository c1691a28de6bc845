"""How far runs are, how fast, and what can be done with them."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Count, Sum
from django.utils import timezone

from labeling.generation.change_run import Change, possible_changes
from labeling.generation.models import (
    GenerationRun,
    Response,
    RunPart,
    RunState,
    Sample,
    SampleCounts,
    SampleState,
    count_samples,
)

LATELY = timedelta(minutes=1)
"""Of which the rate is taken."""

ENOUGH = timedelta(seconds=10)
"""Below this a rate is more luck than anything else."""


@dataclass(frozen=True)
class RunProgress:
    run: GenerationRun
    parts: Sequence[RunPart]
    counts: SampleCounts
    per_minute: float
    """Responses lately; 0 where too little was written to tell."""
    tokens_per_second: float
    problem: str
    """The first reason why something failed."""

    @property
    def seconds_left(self) -> float | None:
        if not self.per_minute or self.counts.are_over or self.run.state != RunState.ACTIVE:
            return None
        return self.counts.left / self.per_minute * 60

    @property
    def failing(self) -> list[str]:
        """What stands in the way of its endpoints now."""
        return [
            f"{part.params.endpoint}: {part.params.endpoint.said_problem}"
            for part in self.parts
            if part.params.endpoint.problem and not self.counts.are_over
        ]

    @property
    def taken_over(self) -> int:
        """Samples that failed here, and that a later run has drawn again."""
        return max(0, self.run.n_ordered - (self.counts.total - self.counts.redrawn))

    @property
    def waits_for_server(self) -> bool:
        """Whether nothing is under way because servers are left alone for a while."""
        return not self.counts.claimed and any(part.params.endpoint.is_resting for part in self.parts)

    @property
    def changes(self) -> list[Change]:
        states = {state for state in SampleState.values if getattr(self.counts, state)}
        return possible_changes(self.run.state, states)


def rate(n: int, tokens: int, span: timedelta) -> tuple[float, float]:
    """Responses a minute and tokens a second, once it has gone on for long enough."""
    seconds = span.total_seconds()
    return (60 * n / seconds, tokens / seconds) if span >= ENOUGH else (0.0, 0.0)


def progress_of(runs: Sequence[GenerationRun]) -> list[RunProgress]:
    """Four queries, however many runs there are."""
    parts = defaultdict(list)
    for part in RunPart.objects.filter(run__in=runs).select_related("params__endpoint").order_by("pk"):
        parts[part.run_id].append(part)
    counts = count_samples(runs)
    endpoints = {part.params.endpoint_id for of_run in parts.values() for part in of_run}
    lately = Response.objects.filter(
        endpoint__in=endpoints, sample__run__in=runs, created_at__gt=timezone.now() - LATELY
    ).values("sample__run")
    rates = {
        run: (n, (tokens or 0) / LATELY.total_seconds())
        for run, n, tokens in lately.annotate(n=Count("pk"), tokens=Sum("n_tokens")).values_list(
            "sample__run", "n", "tokens"
        )
    }
    failed = Sample.objects.filter(run__in=runs, state=SampleState.FAILED).order_by("run", "pk").distinct("run")
    problems = {sample.run_id: sample.said_problem for sample in failed.only("run", "problem", "problem_detail")}
    return [
        RunProgress(run, parts[run.pk], counts[run.pk], *rates.get(run.pk, (0, 0.0)), problems.get(run.pk, ""))
        for run in runs
    ]
