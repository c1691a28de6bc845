"""Whose responses meet in a task, drawn by how much their comparisons narrow the scores."""

import random
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations

from labeling.projects.models import Project


@dataclass(frozen=True)
class Weights:
    """Of pairs of endpoints, by their ids, the lower first. What is not known yet may narrow the scores like nothing
    else, so it weighs as much as the greatest that is."""

    known: dict[tuple[int, int], float]

    def of(self, one: int, other: int) -> float:
        return self.known.get((min(one, other), max(one, other)), self.greatest)

    @cached_property
    def greatest(self) -> float:
        return max(self.known.values(), default=1.0)


def weights_of(project: Project) -> Weights:
    rows = project.pair_weights.values_list("first", "second", "weight")
    return Weights({(first, second): weight for first, second, weight in rows})


def draw_endpoints(draw: random.Random, endpoints: Iterable[int], n: int, weights: Weights) -> list[int]:
    """`n` of the endpoints, or all where there are fewer: a pair with probability by its weight, then one after the
    other by the weights of its pairs with those that are drawn already."""
    left = sorted(endpoints)
    pairs = list(combinations(left, 2))
    if n < 2 or not pairs:
        return draw.sample(left, min(n, len(left)))
    drawn = list(draw.choices(pairs, [weights.of(*pair) for pair in pairs])[0])
    while len(drawn) < n and (left := [endpoint for endpoint in left if endpoint not in drawn]):
        drawn += draw.choices(left, [sum(weights.of(endpoint, other) for other in drawn) for endpoint in left])
    return drawn
