"""From answers, as annotators gave them, to measures: each different answer is decoded once."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, combinations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from evaluation.columns import encoded
from evaluation.measures import PAIR, Given, Measure, Tasks
from evaluation.stats.intervals import Rows, Values, numbered
from labeling.collection.kinds import KINDS
from labeling.projects.questions import MOST_RESPONSES, Question

UNSAID = np.nan


@dataclass(frozen=True)
class Candidates:
    """The responses of all tasks, one task's after another's, each by position. response, endpoint (m,): their ids and
    their endpoints' numbers. start, n (t,): where those of a task begin, and how many it has."""

    response: Rows
    endpoint: Rows
    start: Rows
    n: Rows


@dataclass(frozen=True)
class Seating:
    """How n annotators saw the responses of their tasks. place (n, p): where the one at each position was shown, −1 for
    none. row (n, p): which candidate it is."""

    candidates: Candidates
    place: Rows
    row: Rows

    @classmethod
    def of(cls, order: pa.ChunkedArray, task: Rows, candidates: Candidates) -> "Seating":
        shown = padded(order)
        position = np.arange(MOST_RESPONSES)
        there = position < candidates.n[task][:, None]
        row = np.where(there, candidates.start[task][:, None] + position, 0)
        response = candidates.response[row] if candidates.response.size else row
        place = np.full(shown.shape, -1)
        for column in position:
            same = shown == response[:, column, None]
            place[:, column] = np.where(there[:, column] & same.any(axis=1), same.argmax(axis=1), -1)
        return cls(candidates, place, row)


def padded(order: pa.ChunkedArray) -> Rows:
    """PostgreSQL's arrays of ids, as text, as rows (n, MOST_RESPONSES) filled up with −1."""
    text = pc.utf8_trim(order.cast(pa.string()), "{}")
    ids = pc.split_pattern(text.filter(pc.not_equal(text, "")), ",").combine_chunks()
    n = np.zeros(len(text), dtype=np.intp)
    n[np.asarray(pc.not_equal(text, "").to_numpy(), dtype=bool)] = pc.list_value_length(ids).to_numpy()
    rows = np.full((n.size, MOST_RESPONSES), -1)
    rows[np.arange(MOST_RESPONSES) < n[:, None]] = pc.list_flatten(ids).cast(pa.int64()).to_numpy()
    return rows


def measures_of(
    question: Question, answers: pa.ChunkedArray, seating: Seating, given: Given, tasks: Tasks
) -> Iterator[Measure]:
    """What answers to one question come to: how they compare responses, or how they rate each."""
    kind = KINDS[question.kind]
    distinct, code = encoded(answers)
    said = [json.loads(answer) for answer in distinct]
    if kind.compares and said:
        yield from pairs(question, table_of([kind.ranks(answer) for answer in said])[code], seating, given, tasks)
    parts: dict[str, list[Sequence[int | None]]] = {}
    for number, answer in enumerate(said):
        for part, values in kind.ratings(answer).items():
            if part not in parts:
                parts[part] = [[]] * len(said)
            parts[part][number] = values
    for part, rows in parts.items():
        name = f"{question.name}.{part}" if part else question.name
        yield from ratings(name, question, table_of(rows)[code], seating, given, tasks)


def table_of(rows: Sequence[Sequence[int | None]]) -> Values:
    """(a + 1, MOST_RESPONSES): what a answers say in the order shown, NaN for nothing; then an empty row."""
    table = np.full((len(rows) + 1, MOST_RESPONSES), UNSAID)
    n = np.array([*map(len, rows), 0])
    table[np.arange(MOST_RESPONSES) < n[:, None]] = np.array(list(chain.from_iterable(rows)), dtype=np.float64)
    return table


def by_position(shown: Values, seating: Seating) -> Values:
    """(n, MOST_RESPONSES): what was said of the response at each position, from what was said in the order shown."""
    return np.where(seating.place < 0, UNSAID, np.take_along_axis(shown, seating.place, axis=1))


def pairs(question: Question, shown: Values, seating: Seating, given: Given, tasks: Tasks) -> Iterator[Measure]:
    ranks = by_position(shown, seating)
    left, right = np.array(list(combinations(range(MOST_RESPONSES), PAIR))).T
    outcome = np.sign(ranks[:, right] - ranks[:, left])
    annotation, pair = np.nonzero(np.isfinite(outcome))
    if annotation.size:
        value = outcome[annotation, pair]
        sides = np.stack([left[pair], right[pair]], axis=1)
        may_tie = KINDS[question.kind].may_tie(question) or not value.all()
        domain = np.array([-1.0, 0.0, 1.0] if may_tie else [-1.0, 1.0])
        place = seating.place
        first = place[annotation, sides[:, 0]] < place[annotation, sides[:, 1]]
        yield measure(question.name, question, domain, annotation, value, first, sides, seating, given, tasks)


def ratings(
    name: str, question: Question, shown: Values, seating: Seating, given: Given, tasks: Tasks
) -> Iterator[Measure]:
    rated = by_position(shown, seating)
    annotation, position = np.nonzero(np.isfinite(rated))
    if annotation.size:
        value = rated[annotation, position]
        options = question.options
        possible = range(options["low"], options["high"] + 1) if "low" in options else (0, 1)
        domain = np.union1d(np.array(possible, dtype=np.float64), value)
        first = np.zeros(value.size, dtype=bool)
        yield measure(name, question, domain, annotation, value, first, position[:, None], seating, given, tasks)


def measure(
    name: str,
    question: Question,
    domain: Values,
    annotation: Rows,
    value: Values,
    first_shown: NDArray[np.bool_],
    sides: Rows,
    seating: Seating,
    given: Given,
    tasks: Tasks,
) -> Measure:
    """Labels of `sides` (n, 1 or 2), positions in the tasks of annotations."""
    key = given.task[annotation]
    for column in sides.T:
        key = key * MOST_RESPONSES + column
    n_units, unit = numbered(key)
    example = np.empty(n_units, dtype=np.intp)
    example[unit] = np.arange(unit.size)
    rows = seating.row[annotation[example][:, None], sides[example]]
    return Measure(
        name=name,
        question=question,
        domain=domain,
        unit=unit,
        annotation=annotation,
        value=value,
        first_shown=first_shown,
        task=given.task[annotation[example]],
        responses=seating.candidates.response[rows],
        endpoints=seating.candidates.endpoint[rows],
        given=given,
        tasks=tasks,
    )
