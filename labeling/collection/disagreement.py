"""Where annotators of a task part ways, and one more of them is wanted."""

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence

from django.db import connection

from labeling.assignment.models import Gold, Task
from labeling.assignment.queue import add_seats, arrange
from labeling.collection.models import Annotation
from labeling.collection.votes import OrderedAnswers, count_votes
from labeling.projects.models import TaskOrder
from labeling.projects.questions import Question


def disagreement(questions: Iterable[Question], said: Sequence[OrderedAnswers]) -> float:
    """Share, 0 to 1, of the pairs of responses for which no outcome has more than half of the annotators."""
    votes = count_votes(questions, said[0][0], said) if said else {}
    split = [counted for counted in votes.values() if max(counted.values()) * 2 <= counted.total()]
    return len(split) / len(votes) if votes else 0.0


CURRENT_ANSWERS = """
SELECT said."order", said.answers FROM labeling_annotation AS said JOIN labeling_seat AS seat ON seat.id = said.seat_id
WHERE seat.task_id = %s AND seat.kind = 'counted' AND said.is_current
"""


NOTE = "UPDATE labeling_task SET disagreement = %(found)s WHERE id = %(task)s AND disagreement <> %(found)s"


def heed_disagreement(task: Task) -> None:
    """After an annotation, in its transaction: note how much people disagree on the task, and act as the project wants.

    The caller holds the lock of the task. While people disagree and every seat is filled, one more is added, up to the
    project's limit; but none at gold, of which the answer is known.
    """
    with connection.cursor() as cursor:
        cursor.execute(CURRENT_ANSWERS, [task.pk])
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
        is_filled = seats.count() < project.most_overlap and not seats.to_fill().exists()
        if is_filled and not Gold.objects.filter(task=task).exists():
            add_seats(task, 1)


def measure_disagreement(tasks: Collection[Task], questions: Sequence[Question]) -> None:
    """Note how much people disagree on tasks that were labeled elsewhere."""
    said: dict[int, list[OrderedAnswers]] = defaultdict(list)
    labels = Annotation.objects.counted().filter(seat__task__in=tasks)
    for task_id, order, answers in labels.values_list("seat__task_id", "order", "answers"):
        said[task_id].append((order, answers))
    changed = []
    for task in tasks:
        found = disagreement(questions, said[task.pk])
        if found != task.disagreement:
            task.disagreement = found
            changed.append(task)
    Task.objects.bulk_update(changed, ["disagreement"])
