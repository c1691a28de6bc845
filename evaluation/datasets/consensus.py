"""What the annotators of a project say together, task by task, as a stream."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import combinations, islice
from typing import Any

from django.db.models import Exists, OuterRef

from labeling.assignment.models import Task, TaskResponse
from labeling.collection.kinds import KINDS
from labeling.collection.kinds.base import LETTERS
from labeling.collection.models import Annotation, AnnotationQuerySet
from labeling.generation.models import Response
from labeling.projects.models import Project
from labeling.prompts.models import Prompt

BATCH = 200
"""Tasks held in memory at a time."""


@dataclass(frozen=True)
class PairOutcome:
    """Two answers to a prompt, and what is held of them."""

    prompt: Prompt
    better: str
    worse: str
    is_tie: bool = False
    """Neither is preferred by more annotators than say otherwise; then better and worse mean nothing."""

    is_edit: bool = False
    """The better one is a response that an annotator edited, the worse one is what it was."""


def pair_outcomes(project: Project) -> Iterator[PairOutcome]:
    """Every pair of responses that somebody compared, and every edited one, tasks in the order of their ids.

    Without what is for evaluations only; where a reviewer decided, the decision counts alone.
    """
    labeled = Exists(training_labels().filter(seat__task=OuterRef("pk")))
    tasks = project.tasks.filter(labeled).order_by("pk").select_related("prompt", "instrument")
    stream = tasks.iterator(chunk_size=BATCH)
    while batch := list(islice(stream, BATCH)):
        yield from outcomes_of(batch)


def training_labels() -> AnnotationQuerySet:
    return Annotation.objects.final().for_training()


def outcomes_of(tasks: list[Task]) -> Iterator[PairOutcome]:
    responses = candidates_of(tasks)
    said: dict[int, list[Said]] = defaultdict(list)
    labels = training_labels().filter(seat__task__in=tasks).order_by("pk")
    for task_id, order, answers in labels.values_list("seat__task_id", "order", "answers"):
        said[task_id].append((order, answers))
    for task in tasks:
        for (left, right), counted in count_votes(task, responses[task.pk], said[task.pk]).items():
            outcome = plurality(counted)
            better, worse = (right, left) if outcome < 0 else (left, right)
            yield PairOutcome(task.prompt, better.text, worse.text, is_tie=outcome == 0)
        for original, edited in edits_of(task, responses[task.pk], said[task.pk]):
            yield PairOutcome(task.prompt, edited, original.text, is_edit=True)


def candidates_of(tasks: list[Task]) -> dict[int, dict[int, Response]]:
    """By task: its responses by id, in the order of their positions."""
    found: dict[int, dict[int, Response]] = defaultdict(dict)
    for candidate in TaskResponse.objects.filter(task__in=tasks).select_related("response").order_by("position"):
        found[candidate.task_id][candidate.response_id] = candidate.response
    return found


Said = tuple[list[int], dict[str, Any]]
"""What one annotator said: response ids as they were shown, and the answers."""

Votes = dict[tuple[Response, Response], Counter[int]]
"""How often the first of two responses was said to be better (1), the second (-1), or neither (0)."""


def count_votes(task: Task, responses: dict[int, Response], said: Iterable[Said]) -> Votes:
    """Each annotator's on the first question that compares responses and that they answered."""
    asked = [question for question in task.instrument.questions if KINDS[question.kind].compares]
    votes: Votes = defaultdict(Counter)
    for order, answers in said:
        question = next((one for one in asked if one.name in answers), None)
        if question is not None:
            rank = dict(zip(order, KINDS[question.kind].ranks(answers[question.name]), strict=True))
            for left, right in combinations(responses.values(), 2):
                votes[left, right][(rank[left.pk] < rank[right.pk]) - (rank[left.pk] > rank[right.pk])] += 1
    return votes


def edits_of(task: Task, responses: dict[int, Response], said: Iterable[Said]) -> Iterator[tuple[Response, str]]:
    """Each edited response with its new text."""
    asked = [question.name for question in task.instrument.questions if question.kind == "refinement"]
    for order, answers in said:
        for name in asked:
            if name in answers:
                yield responses[order[LETTERS.index(answers[name]["of"])]], answers[name]["text"]


def plurality(votes: Counter[int]) -> int:
    """The outcome with more votes than any other; 0 when there is none."""
    (outcome, most), *others = votes.most_common()
    return 0 if others and others[0][1] == most else outcome
