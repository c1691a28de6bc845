"""Score the endpoints of a project by what people said of their responses."""

import time
from collections.abc import Callable, Iterator
from dataclasses import asdict
from itertools import combinations

import numpy as np
from django.utils.translation import gettext as _

from evaluation.comparisons import Measure, Said, read
from evaluation.reports import SEED, renewed
from evaluation.scores.models import ScoreFigure, ScoreReport
from evaluation.stats.next_pair import next_pair
from evaluation.stats.preference import Comparisons, Score, bradley_terry, mean_ratings, win_rates
from labeling.assignment.weigh_pairs import weigh_pairs
from labeling.errors import Refused
from labeling.projects.models import Project

OfComparisons = Callable[[Comparisons, int | None, int], list[Score]]

OF_COMPARISONS: dict[str, OfComparisons] = {
    "win_rate": lambda given, baseline, seed: win_rates(given, baseline=baseline, seed=seed),
    "win_rate_adjusted": lambda given, baseline, seed: win_rates(given, baseline=baseline, half_ties=True, seed=seed),
    "bradley_terry": lambda given, _baseline, seed: bradley_terry(given, seed=seed),
}
SCORES = [*OF_COMPARISONS, "likert"]

Figure = tuple[str, int, Score]
"""The score's name, the endpoint's number in Said, the score."""


def score(said: Said, *, only: str | None = None, baseline: int | None = None, seed: int = SEED) -> list[Figure]:
    """Every score of every endpoint, or one kind of score. `baseline` is an endpoint's id, for the win rates.

    Where several questions compare responses, the scores are of the first. Raises Refused for a baseline that the
    project does not have.
    """
    if baseline is not None and baseline not in said.endpoints:
        raise Refused(_("The baseline is not an endpoint of this project."))
    number = None if baseline is None else said.endpoints.index(baseline)
    return [
        (name, endpoint, one)
        for name, scores in scored(said, only, number, seed)
        for endpoint, one in enumerate(scores)
    ]


def scored(said: Said, only: str | None, baseline: int | None, seed: int) -> Iterator[tuple[str, list[Score]]]:
    comparisons = compared(said)
    if comparisons is not None:
        for name, compute in OF_COMPARISONS.items():
            if only in (None, name):
                yield name, compute(comparisons, baseline, seed)
    if only in (None, "likert"):
        scales = [measure for measure in said.measures if measure.question.kind == "likert"]
        for scale in scales:
            endpoint, value, prompt = scale.ratings()
            yield likert_name(scale, scales), mean_ratings(endpoint, value, prompt, len(said.endpoints), seed=seed)


def compared(said: Said) -> Comparisons | None:
    """What is scored where several questions compare responses: the first. None where no label does."""
    pairs = next((measure for measure in said.measures if measure.of_pairs), None)
    return None if pairs is None else pairs.comparisons(len(said.endpoints))


def likert_name(scale: Measure, scales: list[Measure]) -> str:
    """`likert` where there is one scale, `likert.helpfulness` where there are several."""
    return "likert" if len(scales) == 1 else f"likert.{scale.name}"


def report_scores(*, project: Project) -> ScoreReport:
    """Compute the project's scores from its labels as they are now, and put them in the place of the last ones.

    They say as well which endpoints should be compared next. How long it took is the computing here, and the database's
    arranging of tasks by that.
    """
    began = time.thread_time()
    said = read(project, decided=True)
    figures = score(said)
    weights = weigh(said)
    computed, began = time.thread_time() - began, time.monotonic()
    weigh_pairs(project=project, weights=weights)
    with renewed(
        ScoreReport,
        project,
        last_annotation=said.last_annotation,
        n_annotations=said.n_annotations,
        seconds=computed + time.monotonic() - began,
    ) as report:
        ScoreFigure.objects.bulk_create(
            ScoreFigure(report=report, endpoint_id=said.endpoints[endpoint], score=name, **asdict(one))
            for name, endpoint, one in figures
        )
    return report


def weigh(said: Said) -> dict[tuple[int, int], float]:
    """By the ids of two endpoints, the lower first: with which probability they should be compared next."""
    comparisons = compared(said)
    n = len(said.endpoints)
    shares = next_pair(np.zeros((n, n)) if comparisons is None else comparisons.table())
    return dict(zip(combinations(said.endpoints, 2), shares.tolist(), strict=True))
