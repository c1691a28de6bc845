"""Give a person the next task."""

from collections.abc import Collection
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from labeling.assignment.gold import draw_gold, exam_seat
from labeling.assignment.models import LEASE, OWN, Seat
from labeling.assignment.quota import has_enough
from labeling.people.models import User
from labeling.projects.models import Exam, Membership, Project, Status, TaskOrder

URGENT = {TaskOrder.PRIORITY, TaskOrder.DISAGREED}

GRACE = timedelta(minutes=2)
"""How long a seat is kept for somebody who closed the page."""


@transaction.atomic
def claim(*, project: Project, user: User) -> Seat | None:
    """The seat this person is to fill: one a reviewer gave back, the one they hold, or else the first free one.

    None when nothing is left for them, or they may not work. Claims of one person take turns, so two tabs get the same
    seat; claims of several go for different ones.
    """
    member = lock_member(project, user)
    if returned := returned_seat(project, user):
        return returned
    if member is not None and member.status != Status.ACTIVE:
        return None
    if member is not None and member.has_exam_before(project):
        return exam_seat(project, user) if member.exam == Exam.OPEN else None
    return take(held_seat(project, user) or new_seat(project, user, member), user)


@transaction.atomic
def claim_ahead(*, project: Project, user: User, beside: Collection[int]) -> Seat | None:
    """A seat to fill after those at the tasks `beside`, so that it can be on the page before it is asked for."""
    member = lock_member(project, user)
    if not goes_on(project, user, member):
        return None
    return take(held_seat(project, user, beside) or new_seat(project, user, member, beside=beside), user)


@transaction.atomic
def claim_another(*, project: Project, user: User, after: Seat) -> Seat | None:
    """The same for a page that knows of every seat this person holds, the last of which is `after`.

    Whoever works through the queue has been at all that comes before, so there is no need to look there first; but
    for the orders in which something may have become urgent.
    """
    member = lock_member(project, user)
    if not goes_on(project, user, member):
        return None
    begin = None if project.task_order in URGENT else after.place
    seat = new_seat(project, user, member, begin=begin)
    return take(seat if seat or begin is None else new_seat(project, user, member), user)


def lock_member(project: Project, user: User) -> Membership | None:
    """None for the site admin where he is no member."""
    member = Membership.objects.select_for_update(no_key=True).filter(project=project, user=user).first()
    if member is None:
        User.objects.select_for_update(no_key=True).get(pk=user.pk)
    return member


def goes_on(project: Project, user: User, member: Membership | None) -> bool:
    """Whether work goes on as usual: nothing came back, and nothing stands in the way."""
    may_work = member is None or (member.status == Status.ACTIVE and not member.has_exam_before(project))
    return may_work and returned_seat(project, user) is None


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


def returned_seat(project: Project, user: User) -> Seat | None:
    returned = Seat.objects.returned_to(user).filter(project=project).order_by("returned_at", "pk")
    return returned.select_related("task__instrument", "task__prompt").first()


def held_seats(project: Project, user: User) -> QuerySet[Seat]:
    """Theirs even after the lease ran out, until somebody else takes it; the next one first."""
    return Seat.objects.to_fill().filter(project=project, holder=user).order_by("claimed_at", "pk")


def held_seat(project: Project, user: User, beside: Collection[int] = ()) -> Seat | None:
    return held_seats(project, user).exclude(task__in=beside).select_for_update(no_key=True).first()


def current_seat(project: Project, user: User) -> Seat | None:
    """Where this person is, to look at: nothing is claimed."""
    held = held_seats(project, user).select_related("task__instrument", "task__prompt")
    return returned_seat(project, user) or held.first()


def new_seat(project: Project, user: User, member: Membership | None, **where: Any) -> Seat | None:
    """Now and then at gold, else the first free one; for participants of a study no more than they are to label."""
    if has_enough(member):
        return None
    return draw_gold(project, user) or free_seat(project, user, member, **where)


def free_seat(
    project: Project,
    user: User,
    member: Membership | None,
    begin: float | None = None,
    beside: Collection[int] = (),
) -> Seat | None:
    """Prefers a seat nobody is at this moment claiming; if all are being claimed, waits to see what is left.

    Looks at places from `begin` only, where it is given, and not at the tasks `beside`.
    """
    free = Seat.objects.open_for(user).filter(project=project).order_by("place", "pk")
    if begin is not None:
        free = free.filter(place__gte=begin)
    if beside:
        free = free.exclude(task__in=beside)
    if member is not None and member.held_out:
        free = free.filter(for_evaluation=True)
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


def give_up(*, project: Project, user: User) -> None:
    """Nothing this person holds stays theirs. What they submitted does, and so do their drafts."""
    held = Seat.objects.to_fill().filter(project=project, holder=user)
    held.exclude(kind__in=OWN).update(holder=None, claimed_at=None, leased_until=None)
    held.filter(kind__in=OWN).delete()
