"""Pass a task on to others."""

from django.db import transaction
from django.utils.translation import gettext as _

from labeling.assignment.models import Seat, SeatKind, Skip, SkipReason, Task
from labeling.errors import Refused
from labeling.people.models import User


@transaction.atomic
def skip(*, task: Task, user: User, reason: SkipReason, text: str = "") -> None:
    """Free this person's seat; they are never given the task again.

    Raises Refused in an exam, and for what they have submitted.
    """
    own = Seat.objects.filter(task=task, holder=user).exclude(kind=SeatKind.DECISION)
    if own.filter(kind=SeatKind.EXAM).exists():
        raise Refused(_("A task of the exam cannot be skipped."))
    if own.filter(submitted_at__isnull=False).exists():
        raise Refused(_("You have submitted this task: change it, or leave it as it is."))
    held = own.to_fill()
    Skip.objects.get_or_create(task=task, user=user, defaults={"reason": reason, "text": text})
    held.filter(kind=SeatKind.GOLD).delete()
    held.update(holder=None, claimed_at=None, leased_until=None)
