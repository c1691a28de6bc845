"""How fast are the figures, beside the library that computes the same and beside the least that numpy must do?

Arrays in, figures out: reading the labels is measured in benchmarks/pages.py. Whatever is compared takes turns; what is
given are medians. Memory is what numpy allocates beyond the arrays that are handed in, at its highest.

    .venv/bin/python -m benchmarks.agreement
"""

import argparse
import time
import tracemalloc
from collections.abc import Callable, Mapping
from statistics import median

import evalica
import krippendorff
import numpy as np
from numpy.typing import NDArray

from benchmarks.table import Row, show
from evaluation.stats.agreement import estimate
from evaluation.stats.bradley_terry import fit_bradley_terry
from evaluation.stats.labels import Labels
from evaluation.stats.preference import Comparisons, bradley_terry, tables

MEGABYTE = 2**20
FEW = 10
"""Resamples of what would take too long for a thousand, which is then so many times as long."""

Case = Mapping[str, Callable[[], object]]


def labels_of(n_units: int, per_prompt: int, seed: int) -> Labels:
    """Three people's outcomes of pairs, which they agree on somewhat."""
    generator = np.random.default_rng(seed)
    truth = np.repeat(generator.integers(0, 3, n_units), 3)
    value = np.where(generator.random(truth.size) < 0.5, truth, generator.integers(0, 3, truth.size))
    unit = np.repeat(np.arange(n_units), 3)
    item = np.arange(n_units)
    annotator = np.tile(np.arange(3), n_units)
    pair = np.zeros((n_units, 2), dtype=np.int64)
    return Labels(unit, annotator, value, np.array([-1.0, 0.0, 1.0]), item, item // per_prompt, pair)


def fresh(labels: Labels) -> Labels:
    """Without what it remembers of its counts."""
    return Labels(**{name: getattr(labels, name) for name in Labels.__dataclass_fields__})


def bare_alpha(labels: Labels) -> float:
    """Nominal α in as few passes as there can be, for full tables only."""
    u = labels.item.size
    counts = np.bincount(labels.value * u + labels.unit, minlength=3 * u).reshape(3, u).astype(np.float64)
    together = counts @ counts.T / 2
    np.fill_diagonal(together, together.diagonal() - counts.sum(axis=1) / 2)
    marginal = together.sum(axis=1)
    n = marginal.sum()
    differ = n - together.trace()
    return float(1 - (n - 1) * differ / (n**2 - (marginal**2).sum()))


def dense(labels: Labels) -> NDArray[np.float64]:
    """Annotators by units, as the library takes reliability data."""
    table = np.full((3, labels.item.size), np.nan)
    table[labels.annotator, labels.unit] = labels.value
    return table


def alpha(n_units: int) -> Case:
    labels = labels_of(n_units, 1, 0)
    return {
        "ours": lambda: estimate(fresh(labels), "krippendorff_alpha", "nominal", resamples=0).value,
        "krippendorff from counts": lambda: krippendorff.alpha(
            value_counts=fresh(labels).counts, level_of_measurement="nominal"
        ),
        "krippendorff": lambda: krippendorff.alpha(reliability_data=dense(labels), level_of_measurement="nominal"),
        "numpy": lambda: bare_alpha(labels),
    }


def alpha_interval(n_tasks: int, per_task: int, resamples: int) -> Case:
    labels = labels_of(n_tasks * per_task, per_task, 1)

    def by_rows() -> None:
        """What a bootstrap around the library would do, a few times."""
        generator = np.random.default_rng(0)
        counts = labels.counts.reshape(n_tasks, per_task, 3)
        for _resample in range(FEW):
            chosen = counts[generator.integers(n_tasks, size=n_tasks)].reshape(-1, 3)
            krippendorff.alpha(value_counts=chosen, level_of_measurement="nominal")

    return {
        "ours": lambda: estimate(fresh(labels), "krippendorff_alpha", "nominal", resamples=resamples),
        f"krippendorff, {FEW} only": by_rows,
    }


def comparisons_of(n: int, n_endpoints: int, per_prompt: int) -> Comparisons:
    generator = np.random.default_rng(2)
    strength = generator.normal(0, 0.7, n_endpoints)
    left = generator.integers(0, n_endpoints, n)
    right = (left + generator.integers(1, n_endpoints, n)) % n_endpoints
    wins = generator.random(n) < 1 / (1 + np.exp(strength[right] - strength[left]))
    outcome = np.where(generator.random(n) < 0.15, 0, np.where(wins, 1, -1)).astype(np.int8)
    return Comparisons(left, right, outcome, np.arange(n) // per_prompt, n_endpoints)


def evalica_fit(given: Comparisons) -> object:
    winner = {1: evalica.Winner.X, 0: evalica.Winner.Draw, -1: evalica.Winner.Y}
    winners = [winner[outcome] for outcome in given.outcome.tolist()]
    return evalica.bradley_terry(given.left.tolist(), given.right.tolist(), winners)


def ratings(n: int, n_endpoints: int) -> Case:
    given = comparisons_of(n, n_endpoints, 1)
    totals = np.asarray(given.by_cluster().sum(axis=0))[None]

    def from_counts() -> None:
        won, tied = tables(totals, n_endpoints)
        fit_bradley_terry((won + tied / 2)[0])

    return {
        "ours, from the counts": from_counts,
        "ours, counting as well": lambda: fit_bradley_terry(given.table()),
        "evalica, lists as well": lambda: evalica_fit(given),
        "numpy, counting alone": lambda: np.bincount(given.left * n_endpoints + given.right, given.outcome + 1.0),
    }


def ratings_interval(n: int, n_endpoints: int, per_prompt: int, resamples: int) -> Case:
    given = comparisons_of(n, n_endpoints, per_prompt)
    return {"ours": lambda: bradley_terry(given, resamples=resamples)}


def measure(name: str, case: Case, rounds: int) -> list[Row]:
    took: dict[str, list[float]] = {way: [] for way in case}
    for _round in range(rounds):
        for way, run in case.items():
            began = time.perf_counter()
            run()
            took[way].append(time.perf_counter() - began)
    ours = median(took[next(iter(case))])
    rows = []
    for way, run in case.items():
        tracemalloc.start()
        run()
        _now, highest = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        ratio = None if median(took[way]) == ours else ours / median(took[way])
        rows.append(
            Row(f"{name}: {way}", "time", 1000 * median(took[way]), "ms", "ours to this" if ratio else "", ratio)
        )
        rows.append(Row(f"{name}: {way}", "memory", highest / MEGABYTE, "MB"))
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--units", type=int, default=1_000_000)
    parser.add_argument("--tasks", type=int, default=100_000)
    parser.add_argument("--comparisons", type=int, default=1_000_000)
    parser.add_argument("--endpoints", type=int, default=50)
    parser.add_argument("--resamples", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    n, e, draws = asked.comparisons, asked.endpoints, asked.resamples
    rows = measure(f"α, {asked.units:,} units × 3", alpha(asked.units), asked.rounds)
    for per_task in (1, 6):
        name = f"α, {asked.tasks:,} tasks of {per_task}, {draws:,} draws"
        rows += measure(name, alpha_interval(asked.tasks, per_task, draws), asked.rounds)
    rows += measure(f"Bradley–Terry, {n:,} of {e}", ratings(n, e), asked.rounds)
    for per_prompt in (1, 10):
        name = f"Bradley–Terry, {n:,} of {e}, {per_prompt} to a prompt, {draws:,} fits"
        rows += measure(name, ratings_interval(n, e, per_prompt, draws), asked.rounds)
    show(rows, as_json=asked.json)


if __name__ == "__main__":
    main()
