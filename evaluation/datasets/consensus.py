"""What the annotators of a project say together, task by task, as a stream."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

from django.db.models import Exists, OuterRef

from labeling.assignment.models import Task, TaskResponse
from labeling.collection.kinds.base import LETTERS
from labeling.collection.models import Annotation, AnnotationQuerySet
from labeling.collection.votes import OrderedAnswers, count_votes
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
    texts = texts_of(tasks)
    said: dict[int, list[OrderedAnswers]] = defaultdict(list)
    labels = training_labels().filter(seat__task__in=tasks).order_by("pk")
    for task_id, order, answers in labels.values_list("seat__task_id", "order", "answers"):
        said[task_id].append((order, answers))
    for task in tasks:
        text = texts[task.pk]
        for (left, right), counted in count_votes(task.instrument.questions, list(text), said[task.pk]).items():
            outcome = plurality(counted)
            better, worse = (right, left) if outcome < 0 else (left, right)
            yield PairOutcome(task.prompt, text[better], text[worse], is_tie=outcome == 0)
        for edited, new_text in edits_of(task, said[task.pk]):
            yield PairOutcome(task.prompt, new_text, text[edited], is_edit=True)


def texts_of(tasks: list[Task]) -> dict[int, dict[int, str]]:
    """By task: the texts of its responses by id, in the order of their positions."""
    found: dict[int, dict[int, str]] = defaultdict(dict)
    candidates = TaskResponse.objects.filter(task__in=tasks).order_by("position")
    for task, response, text in candidates.values_list("task_id", "response_id", "response__text"):
        found[task][response] = text
    return found


def edits_of(task: Task, said: Iterable[OrderedAnswers]) -> Iterator[tuple[int, str]]:
    """The id of each edited response with its new text."""
    asked = [question.name for question in task.instrument.questions if question.kind == "refinement"]
    for order, answers in said:
        for name in asked:
            if name in answers:
                yield order[LETTERS.index(answers[name]["of"])], answers[name]["text"]


def plurality(votes: Counter[int]) -> int:
    """The outcome with more votes than any other; 0 when there is none."""
    (outcome, most), *others = votes.most_common()
    return 0 if others and others[0][1] == most else outcome
