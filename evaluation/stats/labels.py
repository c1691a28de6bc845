"""Labels of units by annotators, as arrays.

A *unit* is what gets one label from each annotator: a pair of responses for comparisons, a response for ratings.
An *item* is a task; units of one item, and items of one prompt, are not independent, so intervals resample prompts.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

Level = Literal["nominal", "ordinal", "interval", "ratio"]
LEVELS: tuple[Level, ...] = get_args(Level)
Rows = NDArray[np.intp]
Counts = NDArray[np.int64]


@dataclass(frozen=True)
class Labels:
    """Labels as arrays over n labels; u units are numbered from 0. Nobody labels a unit twice.

    unit (n,), annotator (n,): whose label of what. value (n,): an index into `domain`.
    domain (c,): the possible values in ascending order, as numbers.
    item (u,), cluster (u,): each unit's task and prompt.
    pair (u, 2): where units are pairs of responses, which two of the item's, by any numbers; else None. Then the values
    say that the second is better, that neither is, and that the first is.
    """

    unit: Rows
    annotator: Rows
    value: Rows
    domain: NDArray[np.float64]
    item: Rows
    cluster: Rows
    pair: NDArray[np.int64] | None = None

    @cached_property
    def counts(self) -> Counts:
        """(u, c): how many annotators gave each unit each value."""
        flat = np.bincount(self.value * self.item.size + self.unit, minlength=self.item.size * self.domain.size)
        return flat.reshape(self.domain.size, self.item.size).T  # columns are read more often than rows

    @cached_property
    def raters(self) -> Counts:
        """(u,): how many annotators labeled each unit."""
        return np.bincount(self.unit, minlength=self.item.size)

    @property
    def tie(self) -> int | None:
        """Which value says that neither response is better; None where none does."""
        found = np.flatnonzero(self.domain == 0)
        return int(found[0]) if self.pair is not None and found.size else None


def keep_labels(labels: Labels, kept: NDArray[np.bool_]) -> Labels:
    """Only those labels (n,); the units stay as they are."""
    return replace(labels, unit=labels.unit[kept], annotator=labels.annotator[kept], value=labels.value[kept])


def keep_annotators(labels: Labels, annotators: Collection[int]) -> Labels:
    """Only what these annotators said."""
    return keep_labels(labels, np.isin(labels.annotator, list(annotators)))


def keep_units(labels: Labels, kept: NDArray[np.bool_]) -> Labels:
    """Only the units where `kept` (u,) is true, numbered anew."""
    number = np.cumsum(kept) - 1
    chosen = keep_labels(labels, kept[labels.unit])
    return replace(
        chosen,
        unit=number[chosen.unit],
        item=labels.item[kept],
        cluster=labels.cluster[kept],
        pair=None if labels.pair is None else labels.pair[kept],
    )


def label_pairs(labels: Labels) -> Iterator[tuple[Rows, Rows]]:
    """Every two labels of one unit, once, as two arrays of label numbers; several arrays, one after the other."""
    by_unit = np.argsort(labels.unit, kind="stable")
    unit = labels.unit[by_unit]
    for distance in range(1, int(labels.raters.max(initial=0))):
        same = unit[distance:] == unit[:-distance]
        yield by_unit[:-distance][same], by_unit[distance:][same]


def majority(labels: Labels) -> tuple[Counts, int]:
    """The consensus label by majority: how many units have each value (c,) as the one given most, and how many none.

    A unit whose commonest values are equally common has no majority. Units without labels do not count.
    """
    counts = labels.counts[labels.raters > 0]
    if not counts.size:
        return np.zeros(labels.domain.size, dtype=np.int64), 0
    most = counts.max(axis=1, keepdims=True)
    clear = (counts == most).sum(axis=1) == 1
    return np.bincount(counts[clear].argmax(axis=1), minlength=labels.domain.size), int((~clear).sum())
