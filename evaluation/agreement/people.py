"""What a project's labels show of each annotator."""

from dataclasses import asdict, replace
from typing import Any

import numpy as np

from evaluation.measures import Measure, Said
from evaluation.reports import SEED
from evaluation.stats.annotators import AnnotatorFigures, Known, measure_annotators
from evaluation.stats.by_person import Figure
from evaluation.stats.flags import flags_of
from evaluation.stats.habits import Judged, Worked
from evaluation.stats.results import ONLY_IMPORTED
from evaluation.texts import COLUMNS, Texts, read_texts
from labeling.assignment.models import SeatKind
from labeling.collection.models import GoldResult
from labeling.projects.models import Project

LENGTH = COLUMNS.index("length")


def people(project: Project, said: Said) -> dict[str, Any]:
    """Everybody who labeled, and all together; by the first question that compares responses, else by the first."""
    if not said.measures:
        return {"each": [], "together": None}
    measure = said.measures[0]
    found = measure_annotators(
        measure.labels(),
        said.given.at[measure.annotation],
        judged(measure, read_texts(project)) if measure.of_pairs else nothing_judged(),
        worked(said),
        known(project, said),
        len(said.annotators),
        seed=SEED,
    )
    here = np.bincount(said.given.annotator[~said.given.is_imported], minlength=len(said.annotators)) > 0
    known_by = [one if was_here else without_circumstances(one) for one, was_here in zip(found.each, here, strict=True)]
    flags = flags_of(known_by, project.gold_threshold)
    n_labels = np.bincount(said.given.annotator, minlength=len(said.annotators)).tolist()
    each = [
        {"user": user, "n_labels": n, "flags": list(raised), **asdict(figures)}
        for user, n, raised, figures in zip(said.annotators, n_labels, flags, known_by, strict=True)
    ]
    together = found.together if here.any() else without_circumstances(found.together)
    return {"each": each, "together": asdict(together)}


def without_circumstances(one: AnnotatorFigures) -> AnnotatorFigures:
    """Of people whose labels a file brought."""
    unknown = Figure(None, None, None, 0, undefined=ONLY_IMPORTED)
    return replace(one, drift=unknown, position=unknown)


def judged(measure: Measure, texts: Texts) -> Judged:
    """Labels of pairs with what may have swayed them."""
    unit = measure.unit
    left, right = measure.responses[unit].T
    length = texts.of(measure.responses)[:, :, LENGTH] + 1  # of an empty text as well
    return Judged(
        annotator=measure.annotator,
        item=measure.task[unit],
        cluster=measure.cluster,
        left=left,
        right=right,
        left_endpoint=measure.endpoints[unit, 0],
        right_endpoint=measure.endpoints[unit, 1],
        outcome=measure.value.astype(np.int8),
        left_first=measure.first_shown,
        length_difference=np.log2(length[:, 0] / length[:, 1])[unit],
    )


def nothing_judged() -> Judged:
    none = np.empty(0, dtype=np.intp)
    return Judged(
        annotator=none,
        item=none,
        cluster=none,
        left=none,
        right=none,
        left_endpoint=none,
        right_endpoint=none,
        outcome=none.astype(np.int8),
        left_first=none.astype(bool),
        length_difference=none.astype(np.float64),
    )


def worked(said: Said) -> Worked:
    timed = np.isfinite(said.given.active)
    return Worked(said.given.annotator[timed], said.given.active[timed])


def known(project: Project, said: Said) -> Known:
    """How they did at tasks with a known answer, among their work and in the exam."""
    number = {user: place for place, user in enumerate(said.annotators)}
    results = GoldResult.objects.filter(
        annotation__is_current=True, annotation__seat__project=project, score__isnull=False
    ).exclude(annotation__seat__kind=SeatKind.DECISION)
    rows = [
        (number[user], score)
        for user, score in results.values_list("annotation__seat__holder", "score")
        if user in number
    ]
    annotator, score = zip(*rows, strict=True) if rows else ((), ())
    return Known(np.array(annotator, dtype=np.intp), np.array(score, dtype=np.float64))
