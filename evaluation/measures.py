"""What annotations say, as arrays: all that statistics know."""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from evaluation.stats.intervals import Rows, Values
from evaluation.stats.labels import Labels, Level
from evaluation.stats.preference import Comparisons
from labeling.projects.questions import Question

PAIR = 2


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
