"""What a lead should know of each annotator, and of all together."""

from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np

from evaluation.stats.anomaly import anomaly
from evaluation.stats.by_person import Figure, Rows, Values, mean_figures
from evaluation.stats.habits import Judged, Worked, intransitive, length_bias, position_bias, speed, usual_seconds
from evaluation.stats.intervals import RESAMPLES
from evaluation.stats.labels import Labels
from evaluation.stats.leave_one_out import Compared, agreement, compare, drift
from evaluation.stats.results import NO_GOLD


@dataclass(frozen=True)
class Known:
    """annotator, score (g,): how much of each task with a known answer was answered so, from 0 to 1."""

    annotator: Rows
    score: Values


@dataclass(frozen=True)
class AnnotatorFigures:
    """One person, or all together: what each figure is, its function in leave_one_out, habits or anomaly says."""

    agreement: Figure
    chance: float | None
    """The agreement that what this person says would have by chance."""
    drift: Figure
    position: Figure
    length: Figure
    length_apart: float | None
    """p of the slope being that of the others."""
    intransitive: Figure
    seconds: Figure
    quick: Figure
    anomaly: Figure
    gold: Figure


@dataclass(frozen=True)
class Annotators:
    """each (a,): the people, by number. together: their labels as if one person had given them."""

    each: list[AnnotatorFigures]
    together: AnnotatorFigures


def measure_annotators(
    labels: Labels,
    time: Values,
    judged: Judged,
    worked: Worked,
    known: Known,
    n_annotators: int,
    *,
    seed: int = 0,
    resamples: int = RESAMPLES,
) -> Annotators:
    """Everything about people numbered from 0 to a − 1; who gave no labels has figures that are undefined.

    labels: of one measure; time (n,): seconds from any moment to each label. judged: the same labels as outcomes of
    pairs, where they are such; none otherwise. worked, known: may be of all measures together.
    """
    usual = usual_seconds(worked)

    def measured(compared: Compared, judged: Judged, worked: Worked, known: Known, n: int) -> list[AnnotatorFigures]:
        agreed, chance = agreement(compared, n, labels.domain.size, seed, resamples)
        length, apart = length_bias(judged, n)
        gold_tasks = np.arange(known.score.size)
        return [
            AnnotatorFigures(*figures)
            for figures in zip(
                agreed,
                optional(chance),
                drift(compared, n),
                position_bias(judged, n),
                length,
                optional(apart),
                intransitive(judged, n, seed, resamples),
                *speed(worked, n, usual),
                anomaly(judged, n),
                mean_figures(known.score, known.annotator, gold_tasks, n, NO_GOLD, seed, resamples),
                strict=True,
            )
        ]

    compared = compare(labels, time)
    return Annotators(
        measured(compared, judged, worked, known, n_annotators),
        measured(as_one(compared), as_one(judged), as_one(worked), as_one(known), 1)[0],
    )


Kind = TypeVar("Kind", Compared, Judged, Worked, Known)


def as_one(rows: Kind) -> Kind:
    """As if one person had given them."""
    return replace(rows, annotator=np.zeros_like(rows.annotator))


def optional(values: Values) -> list[float | None]:
    """NaN as None."""
    return [None if np.isnan(value) else value for value in values.tolist()]
