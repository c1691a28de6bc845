"""Foresee what more labels of a project would bring, and store it."""

import time
from typing import Any

import numpy as np

from evaluation.comparisons import read
from evaluation.enough.forecast import forecasts
from evaluation.enough.models import EnoughReport
from evaluation.measures import Given, Said
from evaluation.reports import renewed
from labeling.projects.models import Project

DAYS = 7
"""The pace is that of so many days up to the last label."""


def report_enough(*, project: Project) -> EnoughReport:
    """Foresee it from the project's labels as they are now, in the place of what was foreseen last."""
    began = time.thread_time()
    said, decided = read(project), read(project, decided=True)
    content = content_of(said, decided)
    with renewed(
        EnoughReport,
        project,
        last_annotation=decided.last_annotation,
        n_annotations=decided.n_annotations,
        content=content,
        seconds=time.thread_time() - began,
    ) as report:
        return report


def content_of(said: Said, decided: Said) -> dict[str, Any]:
    """Everything that is stored. Endpoints are numbered; `endpoints` says which they are.

    A label is an annotation. However few of them a figure rests on, all are counted, since all are work.
    """
    return {
        "labels": said.n_annotations,
        "endpoints": [list(one) for one in zip(decided.endpoints, decided.endpoint_names, strict=True)],
        **pace(said.given),
        **forecasts(said, decided),
    }


def pace(given: Given) -> dict[str, float | None]:
    """Mean seconds a label, and labels a day in the last days; of labels given here. None where there are none."""
    active = given.active[np.isfinite(given.active)]
    day = given.day[~given.is_imported]
    days = min(DAYS, int(np.ptp(day)) + 1) if day.size else 0
    return {
        "seconds": float(active.mean()) if active.size else None,
        "per_day": float(np.count_nonzero(day > day.max() - days) / days) if day.size else None,
    }
