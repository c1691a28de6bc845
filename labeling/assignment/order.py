"""The order in which a person sees the responses of a task."""

import random
from collections.abc import Sequence

from labeling.assignment.models import Task
from labeling.people.models import User


def shown_order(task: Task, user: User, response_ids: Sequence[int]) -> list[int]:
    """Drawn for this person and task, the same on every visit; what was shown is stored with the annotation.

    The project's salt never leaves the server, so what a page knows does not tell which response is which.
    """
    return random.Random(f"{task.project.salt}:{task.pk}:{user.pk}").sample(sorted(response_ids), len(response_ids))
