"""The order in which a person sees the responses of a task."""

import random
from collections.abc import Sequence

from labeling.assignment.models import Task
from labeling.people.models import User


def shown_order(task: Task, user: User, response_ids: Sequence[int]) -> list[int]:
    """Drawn for this person and task, the same on every visit; what was shown is stored with the annotation."""
    return random.Random(f"{task.pk}:{user.pk}").sample(sorted(response_ids), len(response_ids))
