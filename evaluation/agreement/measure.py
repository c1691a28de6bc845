"""Measure how much the annotators of a project agree."""

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, replace
from typing import Any

from evaluation.measures import Measure, Said
from evaluation.reports import SEED
from evaluation.slices import slices
from evaluation.stats.agreement import STATISTICS, Agreement, estimate
from evaluation.stats.agreement import measure as measure_labels
from evaluation.stats.labels import Level, majority


@dataclass(frozen=True)
class Figure:
    """A statistic of one measure, or of a part of it."""

    measure: Measure
    agreement: Agreement
    part: str | None = None
    """Which, where figures are by use case, language, kind of constraint, endpoint or week."""


def measure(
    said: Said,
    *,
    question: str | None = None,
    statistic: str | None = None,
    level: Level | None = None,
    by: str | None = None,
    seed: int = SEED,
) -> Iterator[Figure]:
    """The agreement on every question, or on those asked for, by every statistic that applies, or by the one named.

    Where one asks by parts, a question's parts follow the whole, without each two annotators.
    """
    for one in said.named(question):
        for name in statistics_for(one, statistic):
            for figure in measure_labels(one.labels(), name, level or one.level, seed=seed):
                yield Figure(one, figure)
            for part, some in slices(said, one, by) if by else ():
                yield Figure(one, estimate(some.labels(), name, level or one.level, seed=seed), part)


def statistics_for(measured: Measure, asked: str | None) -> Iterable[str]:
    if asked is not None:
        return [asked]
    labels = measured.labels()
    return [name for name, one in STATISTICS.items() if one.applies_to(labels)]


def majorities(said: Said) -> dict[str, dict[str, int]]:
    """Of each question that compares responses: for how many pairs most annotators prefer the first, the second, or
    neither, and for how many no outcome has the most votes."""
    return {one.name: majority_of(one) for one in said.measures if one.of_pairs}


def majority_of(pairs: Measure) -> dict[str, int]:
    votes, none = majority(pairs.labels())
    won = dict(zip(pairs.domain.tolist(), votes.tolist(), strict=True))
    return {"first": won[1], "second": won[-1], "tie": won.get(0, 0), "none": none}


def numbers(figure: Figure) -> dict[str, Any]:
    """The figure without the people it is about."""
    return {
        "question": figure.measure.name,
        "part": figure.part,
        **asdict(replace(figure.agreement, annotators=None)),
    }
