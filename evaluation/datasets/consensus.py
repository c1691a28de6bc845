"""What the annotators of a project say together, task by task, as a stream."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations, islice

from django.db.models import Exists, OuterRef

from labeling.assignment.models import Task, TaskResponse
from labeling.collection.kinds import KINDS
from labeling.collection.models import Annotation
from labeling.generation.models import Response
from labeling.projects.models import Project
from labeling.prompts.models import Prompt

BATCH = 200
"""Tasks held in memory at a time."""


@dataclass(frozen=True)
class PairOutcome:
    """Two responses of a task, and what most of its annotators say of them."""

    prompt: Prompt
    better: Response
    worse: Response
    is_tie: bool
    """Neither is preferred by more annotators than say otherwise; then better and worse mean nothing."""


def pair_outcomes(project: Project) -> Iterator[PairOutcome]:
    """Every pair of responses that somebody compared, tasks in the order of their ids."""
    labeled = Exists(Annotation.objects.counted().filter(seat__task=OuterRef("pk")))
    tasks = project.tasks.filter(labeled).order_by("pk").select_related("prompt", "instrument")
    stream = tasks.iterator(chunk_size=BATCH)
    while batch := list(islice(stream, BATCH)):
        responses = candidates_of(batch)
        votes = count_votes(batch, responses)
        for task in batch:
            for (left, right), counted in votes[task.pk].items():
                outcome = plurality(counted)
                better, worse = (right, left) if outcome < 0 else (left, right)
                yield PairOutcome(task.prompt, better, worse, outcome == 0)


def candidates_of(tasks: list[Task]) -> dict[int, dict[int, Response]]:
    """By task: its responses by id, in the order of their positions."""
    found: dict[int, dict[int, Response]] = defaultdict(dict)
    for candidate in TaskResponse.objects.filter(task__in=tasks).select_related("response").order_by("position"):
        found[candidate.task_id][candidate.response_id] = candidate.response
    return found


Votes = dict[tuple[Response, Response], Counter[int]]
"""How often the first of two responses was said to be better (1), the second (-1), or neither (0)."""


def count_votes(tasks: list[Task], responses: dict[int, dict[int, Response]]) -> dict[int, Votes]:
    """Votes by task, each annotator's on the first question that compares responses and that they answered."""
    asked = {task.pk: [one for one in task.instrument.questions if KINDS[one.kind].compares] for task in tasks}
    votes: dict[int, Votes] = defaultdict(lambda: defaultdict(Counter))
    annotations = Annotation.objects.counted().filter(seat__task__in=tasks).order_by("pk")
    for task_id, order, answers in annotations.values_list("seat__task_id", "order", "answers"):
        question = next((one for one in asked[task_id] if one.name in answers), None)
        if question is not None:
            rank = dict(zip(order, KINDS[question.kind].ranks(answers[question.name]), strict=True))
            for left, right in combinations(responses[task_id].values(), 2):
                outcome = (rank[left.pk] < rank[right.pk]) - (rank[left.pk] > rank[right.pk])
                votes[task_id][left, right][outcome] += 1
    return votes


def plurality(votes: Counter[int]) -> int:
    """The outcome with more votes than any other; 0 when there is none."""
    (outcome, most), *others = votes.most_common()
    return 0 if others and others[0][1] == most else outcome
