"""Foresee what more labels would bring: how narrow each figure gets, and which two endpoints are told apart."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any

import numpy as np
from scipy import sparse

from evaluation.measures import Measure, Said
from evaluation.reports import SEED
from evaluation.stats.agreement import agreement_without_ties
from evaluation.stats.bradley_terry import components, fit_bradley_terry, fit_many
from evaluation.stats.coefficients import krippendorff_alpha
from evaluation.stats.intervals import Contributions, Rows, Values, numbered, share
from evaluation.stats.labels import keep_labels
from evaluation.stats.power import Foreseen, Statistic, foresee
from evaluation.stats.preference import Comparisons, ratings_by_cluster
from evaluation.stats.results import DISCONNECTED, NOBODY_SHARED, NOT_FORESEEN, Undefined

MOST_ENDPOINTS = 40
"""Whose scores are foreseen: those with the most labels."""

MOST_TOLD_APART = 6
"""Of which every two are: those with the most labels."""

Stored = dict[str, Any]


@dataclass(frozen=True)
class Value:
    """A figure, of one endpoint by number or of none."""

    figure: str
    endpoint: int | None = None
    undefined: str | None = None


@dataclass(frozen=True)
class Source:
    """Values that come from the same totals, and which of them are compared, by their places."""

    contributions: Contributions
    values: list[Value]
    statistic: Statistic
    compared: list[tuple[int, int]] = field(default_factory=list)

    def statistic_and_differences(self, totals: Values) -> Values:
        found = self.statistic(totals)
        first, second = np.array(self.compared, dtype=np.intp).reshape(-1, 2).T
        return np.concatenate([found, found[:, first] - found[:, second]], axis=1)


def forecasts(said: Said, decided: Said) -> Stored:
    """Agreement from what was said, scores where a reviewer's decision counts; as they are stored."""
    found: Stored = {"figures": [], "pairs": []}
    for source in sources(said, decided):
        foreseen = foresee(source.contributions, source.statistic_and_differences, SEED)
        n = len(source.values)
        found["figures"] += map(of_width, source.values, foreseen[:n])
        for (first, second), one in zip(source.compared, foreseen[n:], strict=True):
            found["pairs"].append(of_power(source.values[first], source.values[second], one))
    return found


def of_width(value: Value, foreseen: Foreseen | None) -> Stored:
    return {
        "figure": value.figure,
        "endpoint": value.endpoint,
        "value": foreseen.present if foreseen else None,
        "half_widths": foreseen.half_widths().tolist() if foreseen else [],
        "undefined": None if foreseen else value.undefined or NOT_FORESEEN,
    }


def of_power(first: Value, second: Value, foreseen: Foreseen | None) -> Stored:
    """The difference of the first to the second, the higher one being first."""
    pair: Stored = {"figure": first.figure, "first": first.endpoint, "second": second.endpoint, "value": None}
    if foreseen is None:
        why = first.undefined or second.undefined or NOT_FORESEEN
        return pair | {"low": None, "high": None, "apart": None, "powers": [], "undefined": why}
    low, high = foreseen.ends[:, 0].tolist()
    value = foreseen.present
    if value < 0:
        pair["first"], pair["second"] = pair["second"], pair["first"]
        value, low, high = -value, -high, -low
    found = {"value": value, "low": low, "high": high, "apart": foreseen.apart}
    return pair | found | {"powers": foreseen.powers().tolist(), "undefined": None}


def sources(said: Said, decided: Said) -> Iterator[Source]:
    """The first of them that compares endpoints says which two are told apart."""
    if said.measures:
        yield of_agreement(said.measures[0])
    pairs = next((one for one in decided.measures if one.of_pairs and one.between_endpoints.size), None)
    if pairs is not None:
        yield of_comparisons(pairs.comparisons(len(decided.endpoints)))
    scales = [one for one in decided.measures if one.question.kind == "likert"]
    for number, scale in enumerate(scales):
        name = "likert" if len(scales) == 1 else f"likert.{scale.name}"
        yield of_ratings(name, scale, len(decided.endpoints), tell_apart=pairs is None and not number)


def of_agreement(measure: Measure) -> Source:
    """Of comparisons the agreement without ties, of anything else α."""
    labels = measure.labels()
    if measure.of_pairs:
        figure, prepared = "agreement_without_ties", agreement_without_ties
        labels = keep_labels(labels, labels.value != labels.tie)
    else:
        figure, prepared = "krippendorff_alpha", krippendorff_alpha
    found = prepared(labels, measure.level)
    value = Value(figure, undefined=None if (labels.raters > 1).any() else NOBODY_SHARED)
    return Source(found.contributions, [value], lambda totals: found.compute(totals)[:, None])


def of_comparisons(comparisons: Comparisons) -> Source:
    """Ratings of those that hang together, and everybody's win rate, from half wins.

    Two endpoints are compared by their ratings; by their win rates where there are but two, or nothing is rated.
    """
    every = busiest(np.concatenate([comparisons.left, comparisons.right]), MOST_ENDPOINTS)
    contributions = half_wins_by_cluster(comparisons, every)
    e = len(every)
    wins = np.asarray(contributions.sum(axis=0)).reshape(e, e)
    group = components(wins)
    members = np.flatnonzero(group == np.bincount(group).argmax())
    among = np.ix_(members, members)
    why, start = None, None
    try:
        start = fit_bradley_terry(wins[among])
    except Undefined as none:
        why = none.reason

    def scores(totals: Values) -> Values:
        table = totals.reshape(-1, e, e)
        ratings = np.full((len(table), e), np.nan)
        if start is not None:
            ratings[:, members] = fit_many(table[:, among[0], among[1]], start)
        won = table.sum(axis=2)
        return np.concatenate([ratings, share(won, won + table.sum(axis=1))], axis=1)

    rated = [
        Value("bradley_terry", number, why if place in members else DISCONNECTED) for place, number in enumerate(every)
    ]
    rates = [Value("win_rate_adjusted", number) for number in every]
    by_rating = start is not None and e > 2
    compared = members.tolist() if by_rating else range(e, 2 * e)
    return Source(contributions, [*rated, *rates], scores, list(combinations(compared[:MOST_TOLD_APART], 2)))


def half_wins_by_cluster(comparisons: Comparisons, endpoints: Sequence[int]) -> sparse.csr_array:
    """(clusters, k²): of each prompt, the row's wins over the column's, a tie being half a win for each.

    Among the k `endpoints`, which are numbered by their places.
    """
    k = len(endpoints)
    place = np.full(comparisons.n_endpoints, -1)
    place[list(endpoints)] = np.arange(k)
    left, right = place[comparisons.left], place[comparisons.right]
    kept = (left >= 0) & (right >= 0)
    left, right, half = left[kept], right[kept], comparisons.outcome[kept] / 2
    n_clusters, cluster = numbered(comparisons.cluster[kept])
    cells = np.concatenate([left * k + right, right * k + left])
    won = np.concatenate([0.5 + half, 0.5 - half])
    return sparse.coo_array((won, (np.tile(cluster, 2), cells)), (n_clusters, k * k)).tocsr()


def of_ratings(name: str, scale: Measure, n_endpoints: int, *, tell_apart: bool) -> Source:
    endpoint, value, cluster = scale.ratings()
    every = busiest(endpoint, MOST_ENDPOINTS)

    def means(totals: Values) -> Values:
        return share(totals[:, every], totals[:, [number + n_endpoints for number in every]])

    return Source(
        ratings_by_cluster(endpoint, value, cluster, n_endpoints),
        [Value(name, number) for number in every],
        means,
        list(combinations(range(min(len(every), MOST_TOLD_APART)), 2)) if tell_apart else [],
    )


def busiest(endpoint: Rows, most: int) -> list[int]:
    """The endpoints with the most labels, by number, where `endpoint` (n,) has one for each label."""
    n = np.bincount(endpoint)
    return [number for number in np.argsort(-n, kind="stable")[:most].tolist() if n[number]]
