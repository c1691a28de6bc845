"""Give a person the next task."""

from collections.abc import Collection
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from labeling.assignment.models import Seat
from labeling.people.models import User
from labeling.projects.models import Project, TaskOrder

LEASE = timedelta(minutes=30)
"""How long a seat is kept for somebody who neither answers nor submits; every draft saved renews it."""

URGENT = {TaskOrder.PRIORITY, TaskOrder.DISAGREED}

GRACE = timedelta(minutes=2)
"""How long it is kept for somebody who closed the page."""


@transaction.atomic
def claim(*, project: Project, user: User) -> Seat | None:
    """The seat this person is to fill: the one they hold, or else the first free one. None when nothing is left.

    Claims of one person take turns, so two tabs get the same seat; claims of several go for different ones.
    """
    User.objects.select_for_update(no_key=True).get(pk=user.pk)
    return take(held_seat(project, user) or free_seat(project, user), user)


@transaction.atomic
def claim_ahead(*, project: Project, user: User, beside: Collection[int]) -> Seat | None:
    """A seat to fill after those at the tasks `beside`, so that it can be on the page before it is asked for."""
    return take(held_seat(project, user, beside) or free_seat(project, user), user)


@transaction.atomic
def claim_another(*, project: Project, user: User, after: Seat) -> Seat | None:
    """The same for a page that knows of every seat this person holds, the last of which is `after`.

    Whoever works through the queue has been at all that comes before, so there is no need to look there first; but
    for the orders in which something may have become urgent.
    """
    begin = None if project.task_order in URGENT else after.place
    seat = free_seat(project, user, begin)
    return take(seat if seat or begin is None else free_seat(project, user), user)


def take(seat: Seat | None, user: User) -> Seat | None:
    if seat is None:
        return None
    now = timezone.now()
    if seat.holder_id != user.pk:
        seat.holder = user
        seat.claimed_at = now
    seat.leased_until = now + LEASE
    seat.save(update_fields=["holder", "claimed_at", "leased_until"])
    return seat


def held_seat(project: Project, user: User, beside: Collection[int] = ()) -> Seat | None:
    """Theirs even after the lease ran out, until somebody else takes it."""
    held = Seat.objects.to_fill().filter(project=project, holder=user).exclude(task__in=beside)
    return held.select_for_update(no_key=True).order_by("claimed_at", "pk").first()


def free_seat(project: Project, user: User, begin: float | None = None) -> Seat | None:
    """Prefers a seat nobody is at this moment claiming; if all are being claimed, waits to see what is left.

    Looks at places from `begin` only, where it is given.
    """
    free = Seat.objects.open_for(user).filter(project=project).order_by("place", "pk")
    if begin is not None:
        free = free.filter(place__gte=begin)
    free = free.select_related("task__instrument", "task__prompt")
    seat = free.select_for_update(no_key=True, skip_locked=True, of=("self",)).first()
    while seat is None and free.exists():
        seat = free.select_for_update(no_key=True, of=("self",)).first()
    return seat


def renew(*, task_id: int, user: User) -> bool:
    """Keep the seat of somebody who is at it; False when it is not theirs (any more)."""
    held = Seat.objects.to_fill().filter(task=task_id, holder=user)
    return bool(held.update(leased_until=timezone.now() + LEASE))


def leave(*, project: Project, user: User) -> None:
    """This person closed the page: their seats go to others unless they are back within the grace."""
    until = timezone.now() + GRACE
    Seat.objects.held_by(user).filter(project=project, leased_until__gt=until).update(leased_until=until)


def free_abandoned() -> int:
    """Seats that nobody came back to in an hour are nobody's again; their number."""
    abandoned = Seat.objects.abandoned(timezone.now() - timedelta(hours=1))
    return abandoned.update(holder=None, claimed_at=None, leased_until=None)
