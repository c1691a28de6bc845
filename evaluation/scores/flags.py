"""What flags of responses say together: whether the instruction was followed, and whether there is an error at all."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from evaluation.measures import Measure, Said
from evaluation.stats.intervals import Rows, Values

FAILS = "fails_instruction"
"""The flag that says so (Ouyang et al. 2022, table 3)."""

NO_FAULT = {"satisfies_constraint", "expresses_opinion", "moral_judgment"}
"""Flags that say what a response is like. Every other flag says that something is wrong with it."""


def flag_of(measure: Measure) -> str:
    """The flag that a measure of a question of flags is about."""
    return measure.name.removeprefix(f"{measure.question.name}.")


def verdicts(said: Said) -> Iterator[tuple[str, Measure]]:
    """Scores that are made of flags, each as a measure of responses whose mean over labels it is.

    `instruction_following`: 1 where a label does not say that the response fails the instruction.
    `instruction_following_weighted`: the same, times the rating by the same person as a share of the scale's highest;
    not where ratings go below 0, which are no shares of it.
    `error_rate`: 1 where a label raises any flag that is a fault.
    """
    flags = [measure for measure in said.measures if measure.question.kind == "flags"]
    failing = next((measure for measure in flags if flag_of(measure) == FAILS), None)
    if failing is not None:
        follows = replace(failing, value=1 - failing.value)
        yield "instruction_following", follows
        scale = next((measure for measure in said.measures if measure.question.kind == "likert"), None)
        if scale is not None and scale.domain[0] >= 0:
            yield "instruction_following_weighted", weighted(follows, scale)
    faults = [measure for measure in flags if flag_of(measure) not in NO_FAULT]
    if faults:
        yield "error_rate", any_of(faults)


def weighted(follows: Measure, scale: Measure) -> Measure:
    """Labels of responses that the same annotation rated, times the rating as a share of the highest."""
    top = max(int(one.responses.max(initial=0)) for one in (follows, scale)) + 1
    ours, theirs = (one.annotation * top + one.responses[one.unit, 0] for one in (follows, scale))
    by_key = np.argsort(theirs)
    place = np.minimum(np.searchsorted(theirs[by_key], ours), theirs.size - 1)
    rated = by_key[place]
    both = np.flatnonzero(theirs[rated] == ours)
    value = follows.value[both] * scale.value[rated[both]] / scale.domain[-1]
    return labels_of(follows, both, value)


def any_of(measures: Sequence[Measure]) -> Measure:
    """One label for each annotation and response that any of the measures has: 1 where any of them says 1."""
    top = max(int(one.responses.max(initial=0)) for one in measures) + 1
    keys = np.concatenate([one.annotation * top + one.responses[one.unit, 0] for one in measures])
    _distinct, first, label = np.unique(keys, return_index=True, return_inverse=True)
    value = np.zeros(first.size)
    np.maximum.at(value, label, np.concatenate([one.value for one in measures]))
    start = np.cumsum([0, *(one.task.size for one in measures)])
    every = replace(
        measures[0],
        unit=np.concatenate([one.unit + begin for one, begin in zip(measures, start, strict=False)]),
        annotation=np.concatenate([one.annotation for one in measures]),
        task=np.concatenate([one.task for one in measures]),
        responses=np.concatenate([one.responses for one in measures]),
        endpoints=np.concatenate([one.endpoints for one in measures]),
    )
    return labels_of(every, first, value)


def labels_of(measure: Measure, chosen: Rows, value: Values) -> Measure:
    """Some labels of the measure, with other values; units stay as they are."""
    first_shown = np.zeros(chosen.size, dtype=bool)
    return replace(
        measure,
        unit=measure.unit[chosen],
        annotation=measure.annotation[chosen],
        value=value,
        first_shown=first_shown,
    )
