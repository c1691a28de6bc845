"""Measure how much the annotators of a project agree."""

import time
from collections.abc import Iterable
from typing import Any

from evaluation.agreement.models import AgreementFigure, AgreementReport
from evaluation.comparisons import Measure, Said, read
from evaluation.reports import SEED, renewed
from evaluation.stats.agreement import STATISTICS, Agreement
from evaluation.stats.agreement import measure as measure_labels
from evaluation.stats.labels import Level, majority
from labeling.projects.models import Project

Figure = tuple[Measure, Agreement]


def measure(
    said: Said,
    *,
    question: str | None = None,
    statistic: str | None = None,
    level: Level | None = None,
    seed: int = SEED,
) -> list[Figure]:
    """The agreement on every question, or on those asked for, by every statistic that applies, or by the one named."""
    return [
        (one, figure)
        for one in said.named(question)
        for name in statistics_for(one, statistic)
        for figure in measure_labels(one.labels(), name, level or one.level, seed=seed)
    ]


def statistics_for(measured: Measure, asked: str | None) -> Iterable[str]:
    if asked is not None:
        return [asked]
    return [name for name, one in STATISTICS.items() if one.applies_to(measured.labels())]


def majorities(said: Said) -> dict[str, dict[str, int]]:
    """Of each question that compares responses: for how many pairs most annotators prefer the first, the second, or
    neither, and for how many no outcome has the most votes."""
    counted = {}
    for one in said.measures:
        if one.of_pairs:
            votes, none = majority(one.labels())
            won = dict(zip(one.domain.tolist(), votes.tolist(), strict=True))
            counted[one.name] = {"first": won[1], "second": won[-1], "tie": won.get(0, 0), "none": none}
    return counted


def report_agreement(*, project: Project) -> AgreementReport:
    """Compute the project's figures from its labels as they are now, and put them in the place of the last ones."""
    began = time.thread_time()
    said = read(project)
    figures = measure(said)
    with renewed(
        AgreementReport,
        project,
        last_annotation=said.last_annotation,
        n_annotations=said.n_annotations,
        majority=majorities(said),
        seconds=time.thread_time() - began,
    ) as report:
        AgreementFigure.objects.bulk_create(
            stored_figure(report, place, said, figure) for place, figure in enumerate(figures)
        )
    return report


def stored_figure(report: AgreementReport, place: int, said: Said, figure: Figure) -> AgreementFigure:
    measured, agreement = figure
    first, second = (
        (said.annotators[number] for number in agreement.annotators) if agreement.annotators else (None, None)
    )
    return AgreementFigure(report=report, place=place, first_id=first, second_id=second, **numbers(measured, agreement))


def numbers(measured: Measure, agreement: Agreement) -> dict[str, Any]:
    """The figure without the people it is about."""
    return {
        "question": measured.name,
        "statistic": agreement.statistic,
        "level": agreement.level,
        "value": agreement.value,
        "low": agreement.low,
        "high": agreement.high,
        "n_items": agreement.n_items,
        "n_annotators": agreement.n_annotators,
        "n_pairs": agreement.n_pairs,
        "undefined": agreement.undefined,
    }
