"""How many labels does it save to ask next what narrows the Bradley–Terry ratings most?

Models of known strength are compared by people who see each with logistic noise, and call a tie what is close to them.
Which models meet in a task is drawn as the product draws it (labeling/assignment/informative.py): with the weights of
evaluation/stats/next_pair.py, renewed after every batch of labels, or with all weights the same. Both start from the
same seeds, and are measured with the product's own intervals, a label being a prompt.

    .venv/bin/python -m benchmarks.active_pairs
"""

import argparse
import os
import random
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from multiprocessing import Pool

os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"

import django

django.setup()

import numpy as np  # noqa: E402
from numpy.typing import NDArray  # noqa: E402

from benchmarks.table import Row, show  # noqa: E402
from evaluation.stats.next_pair import next_pair  # noqa: E402
from evaluation.stats.preference import Comparisons, bradley_terry  # noqa: E402
from labeling.assignment.informative import Weights, draw_endpoints  # noqa: E402

BATCH = 20
"""Labels between two sets of weights."""
RESAMPLES = 200
CLOSE = 40.0
"""Responses that somebody sees less than so many points apart are a tie: 6 % of those of equals."""
MULTIPLES = [0.85, 1.0, 1.2, 1.5, 2.0, 3.0]
"""Of the labels of the active draw: where the uniform one is measured, to see when it gets as far."""


@dataclass(frozen=True)
class Case:
    name: str
    ratings: NDArray[np.float64]
    """The models', in points."""
    k: int
    """Responses to a task."""
    labels: int
    before: int = 0
    """Labels drawn uniformly between all but the last model, before it comes."""


@dataclass(frozen=True)
class Measured:
    mean: float
    """Width of the 95 % intervals of the ratings, in points."""
    widest: float
    in_order: float
    """Of the pairs of models, how many stand in their true order, in per cent."""


SOME_CLOSE = np.array([-400, -300, -150, 0, 100, 250, 270, 285, 300, 305], dtype=float)
CASES = [
    Case("10 models within 200 points, pairs", np.linspace(-100, 100, 10), 2, 600),
    Case("10 models over 800 points, pairs", np.linspace(-400, 400, 10), 2, 600),
    Case("10 models, half of them close, pairs", SOME_CLOSE, 2, 600),
    Case("10 models, half of them close, four ranked", SOME_CLOSE, 4, 150),
    Case("20 models over 1,000 points, pairs", np.linspace(-500, 500, 20), 2, 1600),
    Case("20 models over 1,000 points, four ranked", np.linspace(-500, 500, 20), 4, 400),
    Case("a tenth model after 600 labels, pairs", SOME_CLOSE, 2, 200, before=600),
    Case("a tenth model after 150 labels, four ranked", SOME_CLOSE, 4, 50, before=150),
]


class Project:
    """What was said so far."""

    def __init__(self, case: Case, seed: int) -> None:
        self.case = case
        self.draw = random.Random(seed)
        self.noise = np.random.default_rng(seed)
        self.rows: list[tuple[int, int, int, int]] = []
        self.n_labels = 0

    def label(self, endpoints: int, weights: Weights) -> None:
        drawn = draw_endpoints(self.draw, range(endpoints), self.case.k, weights)
        seen = self.case.ratings[drawn] + 400 / np.log(10) * self.noise.gumbel(size=len(drawn))
        for one, other in combinations(range(len(drawn)), 2):
            apart = seen[one] - seen[other]
            outcome = 0 if abs(apart) < CLOSE else int(np.sign(apart))
            self.rows.append((drawn[one], drawn[other], outcome, self.n_labels))
        self.n_labels += 1

    def said(self) -> Comparisons:
        left, right, outcome, label = np.array(self.rows, dtype=np.intp).T
        return Comparisons(left, right, outcome.astype(np.int8), label, len(self.case.ratings))

    def measured(self) -> Measured:
        scores = bradley_terry(self.said(), resamples=RESAMPLES)
        value, low, high = np.array([(one.value, one.low, one.high) for one in scores], dtype=float).T
        pairs = np.triu_indices(len(value), 1)
        true = np.subtract.outer(self.case.ratings, self.case.ratings)[pairs]
        found = np.subtract.outer(value, value)[pairs]
        widths = high - low
        return Measured(float(widths.mean()), float(widths.max()), 100 * float((true * found > 0).mean()))


def begun(case: Case, seed: int) -> Project:
    project = Project(case, seed)
    for _label in range(case.before):
        project.label(len(case.ratings) - 1, Weights({}))
    return project


def active(case: Case, seed: int) -> Measured:
    project = begun(case, seed)
    n = len(case.ratings)
    pairs = list(combinations(range(n), 2))
    weights = Weights({})
    for number in range(case.labels):
        if project.rows and number % BATCH == 0:
            weights = Weights(dict(zip(pairs, next_pair(project.said().table()).tolist(), strict=True)))
        project.label(n, weights)
    return project.measured()


def uniform(case: Case, seed: int) -> list[Measured]:
    """At each of MULTIPLES."""
    project = begun(case, seed)
    found = []
    for multiple in MULTIPLES:
        while project.n_labels < case.before + multiple * case.labels:
            project.label(len(case.ratings), Weights({}))
        found.append(project.measured())
    return found


def both(given: tuple[Case, int]) -> tuple[Measured, list[Measured]]:
    return active(*given), uniform(*given)


def measure(seeds: int) -> Iterator[Row]:
    with Pool() as pool:
        for case in CASES:
            runs = pool.map(both, [(case, seed) for seed in range(seeds)], chunksize=1)
            yield from rows_of(case, [ours for ours, _theirs in runs], [theirs for _ours, theirs in runs])


def rows_of(case: Case, ours: list[Measured], theirs: list[list[Measured]]) -> Iterator[Row]:
    alike = MULTIPLES.index(1.0)
    for metric, (name, unit) in METRICS.items():
        value = float(np.mean([getattr(one, metric) for one in ours]))
        course = np.array([[getattr(one, metric) for one in run] for run in theirs]).mean(axis=0)
        yield Row(case.name, name, value, unit, "uniform", value / course[alike])
        if unit == "points":
            multiple = float(np.exp(np.interp(-np.log(value), -np.log(course), np.log(MULTIPLES))))
            yield Row(
                case.name, "labels that uniform draws need for it", multiple * case.labels, "", "active", multiple
            )


METRICS = {
    "mean": ("mean 95 % interval", "points"),
    "widest": ("widest 95 % interval", "points"),
    "in_order": ("pairs of models in their order", "%"),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    show(measure(options.seeds), as_json=options.json)


if __name__ == "__main__":
    main()
