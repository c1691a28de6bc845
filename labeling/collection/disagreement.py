"""Where annotators of a task part ways, and one more of them is wanted."""

import json
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from itertools import combinations

from django.db import connection

from labeling.assignment.models import Task
from labeling.assignment.queue import add_seats, arrange
from labeling.collection.answers import Answers
from labeling.collection.kinds import KINDS
from labeling.collection.models import Annotation
from labeling.projects.models import TaskOrder
from labeling.projects.questions import Question


def disagreement(questions: Iterable[Question], said: Iterable[tuple[Sequence[int], Answers]]) -> float:
    """Share, 0 to 1, of the pairs of responses for which no outcome has more than half of the annotators.

    Each annotator counts with the first question that compares responses and that they answered; `said` gives the
    response ids in the order of each one's answers.
    """
    comparing = [question for question in questions if KINDS[question.kind].compares]
    votes: dict[tuple[int, int], Counter[int]] = {}
    for order, answers in said:
        question = next((one for one in comparing if one.name in answers), None)
        if question is None:
            continue
        rank = dict(zip(order, KINDS[question.kind].ranks(answers[question.name]), strict=True))
        for left, right in combinations(sorted(rank), 2):
            outcome = (rank[left] < rank[right]) - (rank[left] > rank[right])
            votes.setdefault((left, right), Counter())[outcome] += 1
    if not votes:
        return 0.0
    split = [counted for counted in votes.values() if max(counted.values()) * 2 <= counted.total()]
    return len(split) / len(votes)


SAID = """
SELECT said."order", said.answers FROM labeling_annotation AS said JOIN labeling_seat AS seat ON seat.id = said.seat_id
WHERE seat.task_id = %s AND seat.kind = 'counted' AND said.is_current
"""


NOTE = "UPDATE labeling_task SET disagreement = %(found)s WHERE id = %(task)s AND disagreement <> %(found)s"


def heed_disagreement(task: Task) -> None:
    """After an annotation, in its transaction: note how much people disagree on the task, and act as the project wants.

    The caller holds the lock of the task. While people disagree and every seat is filled, one more is added, up to the
    project's limit.
    """
    with connection.cursor() as cursor:
        cursor.execute(SAID, [task.pk])
        said = [(order, json.loads(answers)) for order, answers in cursor.fetchall()]
    if len(said) < 2:
        return
    found, project = disagreement(task.instrument.questions, said), task.project
    with connection.cursor() as cursor:
        cursor.execute(NOTE, {"task": task.pk, "found": found})
        is_changed = cursor.rowcount > 0
    if is_changed and project.task_order == TaskOrder.DISAGREED:
        arrange(project, [task])
    if found and project.most_overlap is not None:
        seats = task.seats.counted()
        if seats.count() < project.most_overlap and not seats.to_fill().exists():
            add_seats(task, 1)


def measure_disagreement(tasks: Collection[Task], questions: Sequence[Question]) -> None:
    """Note how much people disagree on tasks that were labeled elsewhere."""
    said: dict[int, list[tuple[Sequence[int], Answers]]] = defaultdict(list)
    labels = Annotation.objects.counted().filter(seat__task__in=tasks)
    for task_id, order, answers in labels.values_list("seat__task_id", "order", "answers"):
        said[task_id].append((order, answers))
    for task in tasks:
        task.disagreement = disagreement(questions, said[task.pk])
    Task.objects.bulk_update(tasks, ["disagreement"])
