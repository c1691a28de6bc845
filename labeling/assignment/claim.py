"""Give a person the next task."""

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from labeling.assignment.models import Seat
from labeling.people.models import User
from labeling.projects.models import Project

LEASE = timedelta(minutes=30)
"""How long a claimed seat is kept for somebody who does not submit."""


@transaction.atomic
def claim(*, project: Project, user: User) -> Seat | None:
    """The seat this person is to fill: the one they hold, or else the first free one. None when nothing is left.

    Claims of one person take turns, so two tabs get the same seat; claims of several go for different ones.
    """
    User.objects.select_for_update(no_key=True).get(pk=user.pk)
    seat = held_seat(project, user) or free_seat(project, user)
    if seat is None:
        return None
    now = timezone.now()
    if seat.holder_id != user.pk:
        seat.holder = user
        seat.claimed_at = now
    seat.leased_until = now + LEASE
    seat.save(update_fields=["holder", "claimed_at", "leased_until"])
    return seat


def held_seat(project: Project, user: User) -> Seat | None:
    """Theirs even after the lease ran out, until somebody else takes it."""
    held = Seat.objects.to_fill().filter(project=project, holder=user)
    return held.select_for_update(no_key=True).order_by("pk").first()


def free_seat(project: Project, user: User) -> Seat | None:
    """Prefers a seat nobody is at this moment claiming; if all are being claimed, waits to see what is left."""
    free = Seat.objects.open_for(user).filter(project=project).order_by("task", "pk")
    seat = free.select_for_update(no_key=True, skip_locked=True, of=("self",)).first()
    while seat is None and free.exists():
        seat = free.select_for_update(no_key=True, of=("self",)).first()
    return seat
