"""The one bridge from annotations to arrays: all that statistics know.

Two others count answers for ends of their own: datasets/consensus.py, which response is preferred, and
labeling/collection/disagreement.py, on how many pairs a task has no majority.
"""

from dataclasses import dataclass, field
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evaluation.stats.agreement import Labels, Level
from evaluation.stats.preference import Comparisons
from labeling.assignment.models import TaskResponse
from labeling.collection.kinds import KINDS
from labeling.collection.kinds.base import outcome
from labeling.collection.models import Annotation, AnnotationQuerySet
from labeling.projects.models import Project
from labeling.projects.questions import Question

OUTCOMES = np.array([-1.0, 0.0, 1.0])
"""Of a pair of responses: the second is better, neither is, the first is."""
TIE = 1


class Numbering(dict[int, int]):
    """Numbers ids from 0 in the order of their first use."""

    def __missing__(self, key: int) -> int:
        self[key] = len(self)
        return self[key]


@dataclass
class Measure:
    """One thing people were asked: labels of units, by annotators.

    A unit is a pair of a task's responses, in the order of their positions, or a single response.
    """

    name: str
    """The question's name, or question.flag."""
    question: Question
    of_pairs: bool
    units: dict[tuple[int, ...], int] = field(default_factory=dict)
    unit: list[int] = field(default_factory=list)  # by label, as are the next two
    annotator: list[int] = field(default_factory=list)
    value: list[int] = field(default_factory=list)
    task: list[int] = field(default_factory=list)  # by unit, as are the next two
    prompt: list[int] = field(default_factory=list)
    endpoints: list[tuple[int, ...]] = field(default_factory=list)

    def add(
        self,
        *,
        task: int,
        prompt: int,
        responses: tuple[int, ...],
        endpoints: tuple[int, ...],
        annotator: int,
        value: int,
    ) -> None:
        key = (task, *responses)
        number = self.units.setdefault(key, len(self.units))
        if number == len(self.task):
            self.task.append(task)
            self.prompt.append(prompt)
            self.endpoints.append(endpoints)
        self.unit.append(number)
        self.annotator.append(annotator)
        self.value.append(value)

    @property
    def level(self) -> Level:
        """The level it is measured at unless one asks otherwise."""
        return "ordinal" if self.question.kind == "likert" else "nominal"

    def answers_to(self, asked: str) -> bool:
        """Whether somebody who asks for `asked` means this: by full name, by question, or by flag."""
        return asked in (self.name, self.question.name, self.name.removeprefix(f"{self.question.name}."))

    def labels(self) -> Labels:
        value = np.array(self.value, dtype=np.float64)
        domain = OUTCOMES if self.of_pairs else np.unique(value)
        return Labels(
            unit=np.array(self.unit, dtype=np.intp),
            annotator=np.array(self.annotator, dtype=np.intp),
            value=np.searchsorted(domain, value).astype(np.intp),
            domain=domain,
            item=np.array(self.task, dtype=np.intp),
            cluster=np.array(self.prompt, dtype=np.intp),
            tie=TIE if self.of_pairs else None,
        )

    def comparisons(self, n_endpoints: int) -> Comparisons:
        """Of a measure of pairs: the outcomes between different endpoints."""
        endpoints, prompts = self._by_label(2)
        left, right = endpoints.T
        differ = left != right
        outcome = np.array(self.value, dtype=np.int8)
        return Comparisons(left[differ], right[differ], outcome[differ], prompts[differ], n_endpoints)

    def ratings(self) -> tuple[NDArray[np.intp], NDArray[np.float64], NDArray[np.intp]]:
        """Of a measure of single responses: endpoint, value and prompt of each label."""
        endpoints, prompts = self._by_label(1)
        return endpoints[:, 0], np.array(self.value, dtype=np.float64), prompts

    def _by_label(self, width: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        unit = np.array(self.unit, dtype=np.intp)
        endpoints = np.array(self.endpoints, dtype=np.intp).reshape(-1, width)
        return endpoints[unit], np.array(self.prompt, dtype=np.intp)[unit]


@dataclass(frozen=True)
class Said:
    """What annotations of a project say."""

    measures: list[Measure]
    annotators: list[int]
    """The user whom each number in `annotator` stands for."""
    endpoints: list[int]
    """The endpoint whom each number in `endpoints` stands for."""
    n_annotations: int
    last_annotation: int
    """The id of the newest annotation read, 0 when there is none."""

    def named(self, asked: str | None) -> list[Measure]:
        return [measure for measure in self.measures if asked is None or measure.answers_to(asked)]


def read(project: Project, *, decided: bool = False) -> Said:
    """All current answers in the seats that count, as they are now.

    If `decided`, those of tasks that a reviewer has decided give way to the decision.
    """
    return read_annotations(project, Annotation.objects.final() if decided else Annotation.objects.counted())


def read_annotations(project: Project, annotations: AnnotationQuerySet) -> Said:
    """Those of the project."""
    reader = Reader(project)
    rows = (
        annotations.filter(seat__project=project)
        .order_by("pk")
        .values_list("pk", "seat__task_id", "seat__task__prompt_id", "seat__holder_id", "order", "answers")
    )
    n_annotations = last = 0
    for pk, task, prompt, annotator, order, answers in rows.iterator(chunk_size=2000):
        reader.take(task, prompt, reader.annotators[annotator], order, answers)
        n_annotations, last = n_annotations + 1, pk
    return Said(reader.in_order(), list(reader.annotators), list(reader.endpoints), n_annotations, last)


class Reader:
    """Sorts answers into measures."""

    def __init__(self, project: Project) -> None:
        self.questions: dict[str, Question] = {
            question.name: question
            for instrument in project.instruments.order_by("version")
            for question in instrument.questions
        }
        self.annotators = Numbering()
        self.endpoints = Numbering()
        for endpoint in project.endpoints.order_by("pk").values_list("pk", flat=True):
            self.endpoints[endpoint]
        self.candidates: dict[int, dict[int, tuple[int, int]]] = {}  # by task and response: position, endpoint
        rows = TaskResponse.objects.filter(task__project=project)
        for task, response, position, endpoint in rows.values_list(
            "task_id", "response_id", "position", "response__endpoint_id"
        ).iterator(chunk_size=5000):
            self.candidates.setdefault(task, {})[response] = (position, self.endpoints[endpoint])
        self.measures: dict[str, Measure] = {}

    def take(self, task: int, prompt: int, annotator: int, order: list[int], answers: dict[str, Any]) -> None:
        candidates = self.candidates[task]
        places = sorted(range(len(order)), key=lambda place: candidates[order[place]][0])

        def add(measure: Measure, chosen: tuple[int, ...], value: int) -> None:
            responses = tuple(order[place] for place in chosen)
            endpoints = tuple(candidates[response][1] for response in responses)
            measure.add(
                task=task, prompt=prompt, responses=responses, endpoints=endpoints, annotator=annotator, value=value
            )

        for name, answer in answers.items():
            question = self.questions[name]
            kind = KINDS[question.kind]
            if kind.compares:
                ranks = kind.ranks(answer)
                measure = self._measure(name, question, of_pairs=True)
                for left, right in combinations(places, 2):
                    add(measure, (left, right), outcome(ranks[left], ranks[right]))
            for part, values in kind.ratings(answer).items():
                measure = self._measure(f"{name}.{part}" if part else name, question, of_pairs=False)
                for place in places:
                    if (value := values[place]) is not None:
                        add(measure, (place,), value)

    def _measure(self, name: str, question: Question, of_pairs: bool) -> Measure:
        return self.measures.setdefault(name, Measure(name, question, of_pairs))

    def in_order(self) -> list[Measure]:
        """Comparisons first, then as the instrument has them."""
        place = {name: number for number, name in enumerate(self.questions)}
        return sorted(
            self.measures.values(),
            key=lambda measure: (not measure.of_pairs, place[measure.question.name], measure.name),
        )
