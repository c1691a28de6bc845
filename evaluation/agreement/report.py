"""Compute the agreement in a project, and store it."""

import time
from typing import Any

import numpy as np

from evaluation.agreement.measure import Figure, majority_of, numbers, statistics_for
from evaluation.agreement.models import AgreementReport
from evaluation.agreement.people import people
from evaluation.comparisons import read
from evaluation.measures import Measure, Said
from evaluation.reports import SEED, renewed
from evaluation.slices import slices
from evaluation.stats.agreement import between_annotators, confusion, estimate
from labeling.projects.models import Project

HEADLINES = ("krippendorff_alpha", "agreement_without_ties")
"""What is also told by parts and over time, where it applies."""

PARTS = ("use_case", "language", "week")

MOST_PEOPLE = 40
"""In the table of annotator by annotator: those with the most labels."""


def report_agreement(*, project: Project) -> AgreementReport:
    """Compute the project's figures from its labels as they are now, and put them in the place of the last ones."""
    began = time.thread_time()
    said = read(project)
    content = {"measures": [of_measure(said, one) for one in said.measures], "annotators": people(project, said)}
    with renewed(
        AgreementReport,
        project,
        last_annotation=said.last_annotation,
        n_annotations=said.n_annotations,
        content=content,
        seconds=time.thread_time() - began,
    ) as report:
        return report


def of_measure(said: Said, one: Measure) -> dict[str, Any]:
    """Everything of one question, as it is stored."""
    labels = one.labels()
    names = statistics_for(one, None)
    return {
        "name": one.name,
        "of_pairs": one.of_pairs,
        "level": one.level,
        "domain": one.domain.tolist(),
        "n_labels": labels.unit.size,
        "n_units": labels.item.size,
        "figures": [numbers(Figure(one, estimate(labels, name, one.level, SEED))) for name in names],
        "by": {by: of_parts(said, one, by, [name for name in names if name in HEADLINES]) for by in PARTS},
        "confusion": confusion(labels).tolist(),
        "majority": majority_of(one) if one.of_pairs else None,
        "between": between(said, one),
    }


def of_parts(said: Said, one: Measure, by: str, names: list[str]) -> list[dict[str, Any]]:
    """The headline statistics on each part; none where there is one part only."""
    parts = list(slices(said, one, by))
    if len(parts) < 2:
        return []
    return [
        numbers(Figure(one, estimate(some.labels(), name, one.level, SEED), part))
        for part, some in parts
        for name in names
    ]


def between(said: Said, one: Measure) -> list[list[int]]:
    """Of each two of the busiest annotators: their ids, in how many units they said the same, and of how many."""
    busiest = busy(one)
    return [
        [said.annotators[pair.first], said.annotators[pair.second], pair.equal, pair.n]
        for pair in between_annotators(one.labels())
        if pair.first in busiest and pair.second in busiest
    ]


def busy(one: Measure) -> set[int]:
    """The annotators with the most labels, MOST_PEOPLE of them."""
    n = np.bincount(one.annotator)
    return set(np.argsort(-n, kind="stable")[:MOST_PEOPLE].tolist())
