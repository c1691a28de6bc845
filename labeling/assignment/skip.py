"""Pass a task on to others."""

from django.db import transaction

from labeling.assignment.models import Seat, Skip, SkipReason, Task
from labeling.people.models import User


@transaction.atomic
def skip(*, task: Task, user: User, reason: SkipReason, text: str = "") -> None:
    """Free this person's seat; they are never given the task again. What they had submitted of it stays."""
    Skip.objects.get_or_create(task=task, user=user, defaults={"reason": reason, "text": text})
    held = Seat.objects.to_fill().filter(task=task, holder=user)
    held.update(holder=None, claimed_at=None, leased_until=None)
