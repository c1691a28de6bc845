"""Compute the scores of a project's endpoints, and store them."""

import time
from collections.abc import Iterator
from dataclasses import asdict
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evaluation.comparisons import read
from evaluation.measures import Measure, Said
from evaluation.reports import renewed
from evaluation.scores.flags import verdicts
from evaluation.scores.models import ScoreReport
from evaluation.scores.score import Figure, Wanted, compute, score, scored
from evaluation.slices import slices
from evaluation.stats.next_pair import next_pair
from evaluation.stats.paired import Paired, paired_margin, paired_means
from evaluation.stats.preference import Comparisons, win_rate_matrix
from evaluation.texts import Texts, read_texts
from labeling.assignment.weigh_pairs import weigh_pairs
from labeling.projects.models import Project

PARTS = ("use_case", "language", "constraint")
BY_PARTS = {"win_rate_adjusted", "likert", "instruction_following", "error_rate"}
"""Scores that are also told by parts."""

MOST_SIDE_BY_SIDE = 10
"""Endpoints of which every two are compared: those with the most labels."""


def report_scores(*, project: Project) -> ScoreReport:
    """Compute the project's scores from its labels as they are now, and put them in the place of the last ones.

    They say as well which endpoints should be compared next. How long it took is the computing here, and the database's
    arranging of tasks by that.
    """
    began = time.thread_time()
    said, texts = read(project, decided=True), read_texts(project)
    content = content_of(said, texts)
    weights = weigh(said)
    computed, began = time.thread_time() - began, time.monotonic()
    weigh_pairs(project=project, weights=weights)
    with renewed(
        ScoreReport,
        project,
        last_annotation=said.last_annotation,
        n_annotations=said.n_annotations,
        content=content,
        seconds=computed + time.monotonic() - began,
    ) as report:
        return report


def content_of(said: Said, texts: Texts) -> dict[str, Any]:
    """Everything that is stored. Endpoints are numbered; `endpoints` says which they are."""
    comparisons = compared(said)
    return {
        "endpoints": [list(one) for one in zip(said.endpoints, said.endpoint_names, strict=True)],
        "figures": [stored(figure) for figure in score(said, texts)],
        "by": {by: list(of_parts(said, texts, by)) for by in PARTS},
        "matrix": None if comparisons is None else matrix_of(comparisons),
        "lengths": [] if comparisons is None else list(at_equal_length(said, texts)),
        "distributions": [
            distribution(one, len(said.endpoints)) for one in said.measures if one.question.kind == "likert"
        ],
        "paired": list(side_by_side(said, comparisons)),
    }


def stored(figure: Figure) -> dict[str, Any]:
    return {"score": figure.score, "endpoint": figure.endpoint, **asdict(figure.found)}


def compared(said: Said) -> Comparisons | None:
    """What is scored where several questions compare responses: the first. None where no label does."""
    pairs = next((measure for measure in said.measures if measure.of_pairs), None)
    return None if pairs is None else pairs.comparisons(len(said.endpoints))


def of_parts(said: Said, texts: Texts, by: str) -> Iterator[dict[str, Any]]:
    """None where there is one part only."""
    for name, measure in scored(said):
        if name.partition(".")[0] not in BY_PARTS:
            continue
        parts = list(slices(said, measure, by))
        for part, some in parts if len(parts) > 1 else ():
            for endpoint, found in enumerate(compute(name, some, said, texts, Wanted())):
                if found.n:
                    yield {"part": part, **stored(Figure(name, endpoint, found))}


def matrix_of(comparisons: Comparisons) -> dict[str, Any]:
    return {name: as_lists(table) for name, table in vars(win_rate_matrix(comparisons)).items()}


def as_lists(table: NDArray[np.float64]) -> list[list[float | None]]:
    """With None for what there is not."""
    return [[None if np.isnan(value) else value for value in row] for row in table.tolist()]


def at_equal_length(said: Said, texts: Texts) -> Iterator[list[dict[str, Any]]]:
    """By baseline, each of the busiest endpoints: every endpoint's win rate against it at equal length."""
    pairs = next(measure for measure in said.measures if measure.of_pairs)
    busiest = busy(said)
    for baseline in range(len(said.endpoints)):
        found = (
            compute("length_controlled", pairs, said, texts, Wanted(baseline=baseline)) if baseline in busiest else []
        )
        yield [stored(Figure("length_controlled", endpoint, one)) for endpoint, one in enumerate(found)]


def distribution(scale: Measure, n_endpoints: int) -> dict[str, Any]:
    """How often each endpoint got each value of a scale."""
    endpoint, value, _prompt = scale.ratings()
    counts = np.zeros((n_endpoints, scale.domain.size), dtype=int)
    np.add.at(counts, (endpoint, np.searchsorted(scale.domain, value)), 1)
    return {"name": scale.name, "domain": scale.domain.tolist(), "counts": counts.tolist()}


def side_by_side(said: Said, comparisons: Comparisons | None) -> Iterator[dict[str, Any]]:
    """Of each two of the busiest endpoints, the differences on the prompts that both answered."""
    rated = {one.name: one for one in said.measures if one.question.kind == "likert"} | dict(verdicts(said))
    for first, second in combinations(sorted(busy(said)), 2):
        if comparisons is not None:
            yield paired("margin", first, second, paired_margin(comparisons, first, second))
        for name, measure in rated.items():
            yield paired(name, first, second, paired_means(*measure.ratings(), first, second))


def paired(name: str, first: int, second: int, found: Paired) -> dict[str, Any]:
    return {"score": name, "first": first, "second": second, **asdict(found)}


def busy(said: Said) -> set[int]:
    """The endpoints with the most labels, MOST_SIDE_BY_SIDE of them; without those that have none."""
    n = np.zeros(len(said.endpoints), dtype=int)
    for measure in said.measures[:1]:
        n += np.bincount(measure.endpoints[measure.unit].ravel(), minlength=n.size)
    return {number for number in np.argsort(-n, kind="stable")[:MOST_SIDE_BY_SIDE].tolist() if n[number]}


def weigh(said: Said) -> dict[tuple[int, int], float]:
    """By the ids of two endpoints, the lower first: with which probability they should be compared next."""
    comparisons = compared(said)
    n = len(said.endpoints)
    shares = next_pair(np.zeros((n, n)) if comparisons is None else comparisons.table())
    return dict(zip(combinations(said.endpoints, 2), shares.tolist(), strict=True))
