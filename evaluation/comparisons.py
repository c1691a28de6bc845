"""The one bridge from annotations to arrays: all that statistics know.

Two others count answers for ends of their own: datasets/consensus.py, which response is preferred, and
labeling/collection/disagreement.py, on how many pairs a task has no majority.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from itertools import chain, combinations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from django.db.models import F, Func, JSONField, Value
from django.db.models.functions import Extract, TruncDate
from numpy.typing import NDArray

from evaluation.columns import columns
from evaluation.stats.intervals import Rows, Values, numbered
from evaluation.stats.labels import Labels, Level
from evaluation.stats.preference import Comparisons
from labeling.assignment.models import Task, TaskResponse
from labeling.collection.kinds import KINDS
from labeling.collection.models import Annotation, AnnotationQuerySet
from labeling.projects.models import Project
from labeling.projects.questions import MOST_RESPONSES, Question

PAIR = 2
UNSAID = np.nan


@dataclass(frozen=True)
class Scope:
    """Which annotations are meant: those of some people, by user name, and of some time; all where nothing is said."""

    annotators: frozenset[str] = frozenset()
    since: datetime | None = None
    until: datetime | None = None

    def of(self, annotations: AnnotationQuerySet) -> AnnotationQuerySet:
        if self.annotators:
            annotations = annotations.filter(seat__holder__username__in=self.annotators)
        if self.since is not None:
            annotations = annotations.filter(submitted_at__gte=self.since)
        if self.until is not None:
            annotations = annotations.filter(submitted_at__lt=self.until)
        return annotations


EVERYTHING = Scope()


@dataclass(frozen=True)
class Given:
    """n annotations, in the order of their ids. task, annotator (n,): by number. at (n,): when it was submitted, in
    seconds since 1970; day (n,): in days, by the site's calendar. active (n,): seconds somebody was at it, NaN where
    that is not known. is_imported (n,)."""

    task: Rows
    annotator: Rows
    at: Values
    day: Rows
    active: Values
    is_imported: NDArray[np.bool_]


@dataclass(frozen=True)
class Tasks:
    """t tasks. pk (t,); prompt (t,): by number; use_case, language (t,): "" where not known; constraints (t,): the
    kinds of checkable constraints, each between spaces."""

    pk: Rows
    prompt: Rows
    use_case: NDArray[np.str_]
    language: NDArray[np.str_]
    constraints: NDArray[np.str_]


@dataclass(frozen=True)
class Measure:
    """One thing people were asked: n labels of u units, by annotators.

    A unit is a pair of a task's responses, in the order of their positions, or a single response. Units are numbered
    from 0, and so are labels, which stand in the order of their annotations.
    """

    name: str
    """The question's name, or question.flag."""
    question: Question
    domain: Values
    """The possible values (c,), ascending."""
    unit: Rows
    annotation: Rows
    """(n,): which of Said.given."""
    value: Values
    """(n,): of a pair 1 where the first is better, 0 where neither is, −1 where the second is."""
    first_shown: NDArray[np.bool_]
    """(n,): of a pair, whether its first response stood before its second."""
    task: Rows
    """(u,): which of Said.tasks."""
    responses: Rows
    """(u, 2) or (u, 1): their ids, as are those of the endpoints."""
    endpoints: Rows
    """(u, 2) or (u, 1): by number."""
    given: Given
    tasks: Tasks

    @property
    def of_pairs(self) -> bool:
        return bool(self.responses.shape[1] == PAIR)

    @property
    def level(self) -> Level:
        """The level it is measured at unless one asks otherwise."""
        return "ordinal" if self.question.kind == "likert" else "nominal"

    @property
    def of_rankings(self) -> bool:
        return self.question.kind == "ranking"

    def answers_to(self, asked: str) -> bool:
        """Whether somebody who asks for `asked` means this: by full name, by question, or by flag."""
        return asked in (self.name, self.question.name, self.name.removeprefix(f"{self.question.name}."))

    @property
    def annotator(self) -> Rows:
        return self.given.annotator[self.annotation]

    @property
    def cluster(self) -> Rows:
        """(n,): the prompt of each label."""
        return self.tasks.prompt[self.task[self.unit]]

    def labels(self) -> Labels:
        return Labels(
            unit=self.unit,
            annotator=self.annotator,
            value=np.searchsorted(self.domain, self.value),
            domain=self.domain,
            item=self.task,
            cluster=self.tasks.prompt[self.task],
            pair=self.responses if self.of_pairs else None,
        )

    def comparisons(self, n_endpoints: int) -> Comparisons:
        """Of a measure of pairs: the outcomes between different endpoints."""
        kept = self.between_endpoints
        left, right = self.endpoints[self.unit[kept]].T
        return Comparisons(left, right, self.value[kept].astype(np.int8), self.cluster[kept], n_endpoints)

    @cached_property
    def between_endpoints(self) -> Rows:
        """Of a measure of pairs: the labels that tell different endpoints apart."""
        left, right = self.endpoints[self.unit].T
        return np.flatnonzero(left != right)

    def ratings(self) -> tuple[Rows, Values, Rows]:
        """Of a measure of single responses: endpoint, value and prompt of each label."""
        return self.endpoints[self.unit, 0], self.value, self.cluster

    def of_units(self, kept: NDArray[np.bool_]) -> "Measure":
        """Only the units where `kept` (u,), numbered anew."""
        number = np.cumsum(kept) - 1
        labels = kept[self.unit]
        return replace(
            self,
            unit=number[self.unit[labels]],
            annotation=self.annotation[labels],
            value=self.value[labels],
            first_shown=self.first_shown[labels],
            task=self.task[kept],
            responses=self.responses[kept],
            endpoints=self.endpoints[kept],
        )


@dataclass(frozen=True)
class Said:
    """What annotations of a project say."""

    measures: list[Measure]
    annotators: list[int]
    """The user whom each number of an annotator stands for."""
    endpoints: list[int]
    """The endpoint that each number of an endpoint stands for."""
    endpoint_names: list[str]
    given: Given
    tasks: Tasks
    n_annotations: int
    last_annotation: int
    """The id of the newest annotation read, 0 when there is none."""

    def named(self, asked: str | None) -> list[Measure]:
        return [measure for measure in self.measures if asked is None or measure.answers_to(asked)]


def read(project: Project, *, decided: bool = False, scope: Scope = EVERYTHING) -> Said:
    """All current answers in the seats that count, as they are now, within the scope.

    If `decided`, those of tasks that a reviewer has decided give way to the decision.
    """
    return read_annotations(project, scope.of(Annotation.objects.final() if decided else Annotation.objects.counted()))


def read_annotations(project: Project, annotations: AnnotationQuerySet) -> Said:
    """Those of the project."""
    questions = {
        question.name: question
        for instrument in project.instruments.order_by("version")
        for question in instrument.questions
        if is_measured(question)
    }
    asked = {f"a{number}": answer_to(name) for number, name in enumerate(questions)}
    chosen = annotations.filter(seat__project=project).annotate(
        at=Extract("submitted_at", "epoch"), day=TruncDate("submitted_at"), **asked
    )
    fields = ["pk", "seat__task", "seat__holder", "order", "at", "day", "active_ms", "origin", *asked]
    rows = columns(chosen.order_by("pk"), *fields)
    endpoints = dict(project.endpoints.order_by("pk").values_list("pk", "name"))
    candidates, tasks = read_tasks(project, list(endpoints))
    task = np.searchsorted(tasks.pk, whole(rows["seat__task"]))
    annotators, annotator = first_seen(whole(rows["seat__holder"]))
    given = Given(
        task=task,
        annotator=annotator,
        at=real(rows["at"]),
        day=days(rows["day"]),
        active=real(rows["active_ms"]) / 1000,
        is_imported=np.asarray(pc.equal(rows["origin"].cast(pa.string()), "file").to_numpy()),
    )
    seating = Seating.of(rows["order"], task, candidates)
    measures = [
        measure
        for number, question in enumerate(questions.values())
        for measure in measures_of(question, rows[f"a{number}"], seating, given, tasks)
    ]
    pks = whole(rows["pk"])
    return Said(
        sorted(measures, key=lambda measure: not measure.of_pairs),
        annotators.tolist(),
        list(endpoints),
        list(endpoints.values()),
        given,
        tasks,
        n_annotations=pks.size,
        last_annotation=int(pks[-1]) if pks.size else 0,
    )


def answer_to(name: str) -> Func:
    """Django's own lookup takes a name that reads as a number, as 1_7 does, for the place in a list."""
    return Func(F("answers"), Value(name), function="jsonb_extract_path", output_field=JSONField())


def is_measured(question: Question) -> bool:
    """Whether its answers say something of responses, or of one beside another."""
    kind = KINDS[question.kind]
    measured: bool = kind.compares or (kind.about == "response" and not kind.is_written)
    return measured


def read_tasks(project: Project, endpoints: Sequence[int]) -> tuple["Candidates", Tasks]:
    """The project's tasks, in the order of their ids, and the responses that each has."""
    about = ["prompt__use_case", "prompt__language", "prompt__constraints"]
    found = columns(Task.objects.filter(project=project).order_by("pk"), "pk", "prompt", *about)
    pk = whole(found["pk"])
    tasks = Tasks(
        pk=pk,
        prompt=numbered(whole(found["prompt"]))[1],
        use_case=words(found["prompt__use_case"]),
        language=words(found["prompt__language"]),
        constraints=looked_up(found["prompt__constraints"], kinds_of_constraints),
    )
    candidates = TaskResponse.objects.filter(task__project=project).order_by("task", "position")
    rows = columns(candidates, "task", "response", "response__endpoint")
    of_task = np.searchsorted(pk, whole(rows["task"]))
    endpoint = np.searchsorted(np.array(endpoints, dtype=np.int64), whole(rows["response__endpoint"]))
    counts = np.bincount(of_task, minlength=pk.size)
    return Candidates(whole(rows["response"]), endpoint, np.cumsum(counts) - counts, counts), tasks


def kinds_of_constraints(stored: str) -> str:
    """Of a prompt's constraints as in IFEval: `length_constraints:number_words` is of the kind `length_constraints`."""
    kinds = {str(constraint["id"]).partition(":")[0] for constraint in json.loads(stored)}
    return f" {' '.join(sorted(kinds))} " if kinds else ""


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


def encoded(answers: pa.ChunkedArray) -> tuple[list[str], Rows]:
    """The different answers, and which each annotation gave: for none the last, which `table_of` leaves empty."""
    found = answers.cast(pa.string()).combine_chunks().dictionary_encode()
    distinct = found.dictionary.to_pylist()
    return distinct, found.indices.fill_null(len(distinct)).to_numpy().astype(np.intp)


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


def first_seen(names: Rows) -> tuple[NDArray[np.int64], Rows]:
    """The different names, in the order of their first use, and which of them each is."""
    distinct, first, inverse = np.unique(names, return_index=True, return_inverse=True)
    by_use = np.argsort(first)
    return distinct[by_use], np.argsort(by_use)[inverse]


def looked_up(column: pa.ChunkedArray, meaning: Callable[[str], str]) -> NDArray[np.str_]:
    distinct, code = encoded(column)
    return np.array([*(meaning(one) for one in distinct), ""])[code]


def words(column: pa.ChunkedArray) -> NDArray[np.str_]:
    return looked_up(column, str)


def whole(column: pa.ChunkedArray) -> NDArray[np.int64]:
    return np.asarray(column.cast(pa.int64()).to_numpy())


def real(column: pa.ChunkedArray) -> Values:
    return np.asarray(column.cast(pa.float64()).to_numpy())


def days(column: pa.ChunkedArray) -> NDArray[np.int64]:
    """Since 1970."""
    return np.asarray(column.cast(pa.date32()).cast(pa.int32()).cast(pa.int64()).to_numpy())
