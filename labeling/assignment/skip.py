"""Pass a task on to others."""

from django.db import transaction
from django.utils.translation import gettext as _

from labeling.assignment.models import Seat, SeatKind, Skip, SkipReason, Task
from labeling.errors import Refused
from labeling.people.models import User


@transaction.atomic
def skip(*, task: Task, user: User, reason: SkipReason, text: str = "") -> None:
    """Free this person's seat; they are never given the task again. What they had submitted of it stays.

    Raises Refused in an exam.
    """
    held = Seat.objects.to_fill().filter(task=task, holder=user)
    if held.filter(kind=SeatKind.EXAM).exists():
        raise Refused(_("A task of the exam cannot be skipped."))
    Skip.objects.get_or_create(task=task, user=user, defaults={"reason": reason, "text": text})
    held.filter(kind=SeatKind.GOLD).delete()
    held.update(holder=None, claimed_at=None, leased_until=None)
