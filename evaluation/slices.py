"""Parts of what was labeled, to be looked at by themselves."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from evaluation.measures import Measure, Said

BY = ["use_case", "language", "constraint", "endpoint", "week"]

DAYS_OF_WEEK, MONDAY = 7, 3
"""1970-01-01, day 0, was a Thursday: three days after a Monday."""


def slices(said: Said, measure: Measure, by: str) -> Iterator[tuple[str, Measure]]:
    """The measure on each part of its units, by the part's name, in the order of names.

    By use case, language or kind of constraint of the prompt ("" where none is known); by endpoint, a pair being in the
    parts of both; by week, that of the last label of the task, named by its Monday.
    """
    for name, kept in parts(said, measure, by):
        yield name, measure.of_units(kept)


def parts(said: Said, measure: Measure, by: str) -> Iterator[tuple[str, NDArray[np.bool_]]]:
    """Which units (u,) are in each part."""
    if by == "endpoint":
        by_name = sorted(enumerate(said.endpoint_names), key=lambda numbered: numbered[1])
        columns = [(name, (measure.endpoints == number).any(axis=1)) for number, name in by_name]
    elif by == "constraint":
        stored = said.tasks.constraints[measure.task]
        kinds = sorted({kind for one in np.unique(stored).tolist() for kind in one.split()})
        columns = [("", stored == ""), *((kind, np.char.find(stored, f" {kind} ") >= 0) for kind in kinds)]
    else:
        names = week_of(said, measure) if by == "week" else getattr(said.tasks, by)[measure.task]
        columns = [(name, names == name) for name in np.unique(names).tolist()]
    return ((name, kept) for name, kept in columns if kept.any())


def week_of(said: Said, measure: Measure) -> NDArray[np.str_]:
    """(u,): the Monday of the week in which each unit's task got its last label."""
    last = np.zeros(said.tasks.pk.size, dtype=np.int64)
    np.maximum.at(last, said.given.task, said.given.day)
    monday = last - (last + MONDAY) % DAYS_OF_WEEK
    return np.datetime_as_string(monday.astype("datetime64[D]"))[measure.task]
