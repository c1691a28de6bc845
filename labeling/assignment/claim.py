"""Give a person the next task."""

from collections.abc import Collection
from datetime import timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils import timezone

from labeling.assignment.exam import exam_seat, exam_seats
from labeling.assignment.gold import draw_gold
from labeling.assignment.models import LEASE, Seat
from labeling.assignment.quota import has_enough
from labeling.people.models import User
from labeling.projects.models import Exam, Membership, Project, Status, TaskOrder
from labeling.projects.roles import Role

URGENT = {TaskOrder.PRIORITY, TaskOrder.DISAGREED, TaskOrder.INFORMATIVE}

LOCK = """
SELECT member.*, EXISTS (
    SELECT FROM labeling_seat AS seat
    WHERE seat.holder_id = member.user_id AND seat.project_id = member.project_id AND seat.returned_at IS NOT NULL
        AND seat.kind <> 'exam'
) AS has_returned, ARRAY(
    SELECT seat.task_id FROM labeling_seat AS seat
    WHERE seat.holder_id = member.user_id AND seat.project_id = member.project_id AND seat.submitted_at IS NULL
) AS held_tasks
FROM labeling_membership AS member WHERE member.project_id = %(project)s AND member.user_id = %(user)s
FOR NO KEY UPDATE OF member
"""

FREE = """
SELECT seat.id FROM labeling_seat AS seat
WHERE seat.project_id = %(project)s AND seat.kind = 'counted' AND seat.submitted_at IS NULL
    AND seat.place >= %(begin)s AND seat.task_id <> ALL (%(beside)s::bigint[])
    AND (seat.holder_id IS NULL OR seat.leased_until < %(now)s)
    AND NOT EXISTS (SELECT FROM labeling_gold AS gold WHERE gold.task_id = seat.task_id)
    AND NOT EXISTS (SELECT FROM labeling_seat AS own WHERE own.task_id = seat.task_id AND own.holder_id = %(user)s)
    AND NOT EXISTS (SELECT FROM labeling_skip AS skip WHERE skip.task_id = seat.task_id AND skip.user_id = %(user)s)
"""

TAKE = """
UPDATE labeling_seat SET holder_id = %(user)s, claimed_at = %(now)s, leased_until = %(until)s
WHERE id = ({free} {only} ORDER BY seat.place, seat.id LIMIT 1 FOR NO KEY UPDATE {waiting})
RETURNING labeling_seat.*
"""
"""These are asked at every label, so they are written out, and finding a seat and taking it is one."""

ONLY_EVALUATION = "AND seat.for_evaluation"

LOOKS_BACK = 32
"""One in so many claims looks at the whole queue, so that what came free at its front is not left to the end."""

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
    return renewed(held_seat(project, user)) or new_seat(project, user, member)


@transaction.atomic
def claim_ahead(*, project: Project, user: User, beside: Collection[int]) -> Seat | None:
    """A seat to fill after those at the tasks `beside`, so that it can be on the page before it is asked for."""
    member = lock_member(project, user)
    if not goes_on(project, user, member):
        return None
    return renewed(held_seat(project, user, beside)) or new_seat(project, user, member, beside=beside)


@transaction.atomic
def claim_another(project: Project, user: User, *, after: Seat, beside: set[int]) -> Seat | None:
    """The same once the seat `after` is filled.

    Whoever works through the queue has been at all that comes before, so there is no need to look there each time; but
    for the orders in which something may have become urgent.
    """
    member = lock_member(project, user)
    if not goes_on(project, user, member):
        return None
    if (member is None or not beside >= set(member.held_tasks)) and (held := held_seat(project, user, beside)):
        return renewed(held)
    is_due = project.task_order in URGENT or after.pk % LOOKS_BACK == 0
    begin = None if is_due else after.place
    seat = new_seat(project, user, member, begin=begin, beside=beside)
    return seat if seat or begin is None else new_seat(project, user, member, beside=beside)


def lock_member(project: Project, user: User) -> Membership | None:
    """With `has_returned`, whether something came back to them, and `held_tasks`, whose seats they hold.

    None for the site admin where he is no member.
    """
    member = next(iter(Membership.objects.raw(LOCK, {"project": project.pk, "user": user.pk})), None)
    if member is None:
        User.objects.select_for_update(no_key=True).get(pk=user.pk)
    return member


def goes_on(project: Project, user: User, member: Membership | None) -> bool:
    """Whether work goes on as usual: nothing came back, and nothing stands in the way. Asks of a locked member."""
    has_returned = returned_seat(project, user) is not None if member is None else member.has_returned
    return may_work(project, member) and not has_returned


def may_work(project: Project, member: Membership | None) -> bool:
    return member is None or (member.status == Status.ACTIVE and not member.has_exam_before(project))


def renewed(seat: Seat | None) -> Seat | None:
    if seat is not None:
        seat.leased_until = timezone.now() + LEASE
        seat.save(update_fields=["leased_until"])
    return seat


def returned_seat(project: Project, user: User) -> Seat | None:
    return Seat.objects.returned_to(user).filter(project=project).order_by("returned_at", "pk").first()


def held_seats(project: Project, user: User) -> QuerySet[Seat]:
    """At work. Theirs even after the lease ran out, until somebody else takes it; the next one first."""
    return Seat.objects.to_fill().at_work().filter(project=project, holder=user).order_by("claimed_at", "pk")


def held_seat(project: Project, user: User, beside: Collection[int] = ()) -> Seat | None:
    return held_seats(project, user).exclude(task__in=beside).select_for_update(no_key=True).first()


def current_seat(project: Project, user: User, member: Membership | None) -> Seat | None:
    """Where this person is, to look at: nothing is claimed."""
    if returned := returned_seat(project, user):
        return returned
    if member is not None and member.has_exam_before(project):
        return exam_seats(project, user).unfinished().first()
    return held_seats(project, user).first()


def new_seat(project: Project, user: User, member: Membership | None, **where: Any) -> Seat | None:
    """The first free one, or for annotators now and then gold; for participants no more than they are to label."""
    if has_enough(member):
        return None
    is_checked = member is not None and member.role == Role.ANNOTATOR
    return (draw_gold(project, user) if is_checked else None) or free_seat(project, user, member, **where)


def free_seat(
    project: Project, user: User, member: Membership | None, begin: float | None = None, beside: Collection[int] = ()
) -> Seat | None:
    """Prefers a seat nobody is at this moment claiming; if all are being claimed, waits to see what is left.

    Looks at places from `begin` only, where it is given, and not at the tasks `beside`.
    """
    now = timezone.now()
    where = {
        "project": project.pk,
        "user": user.pk,
        "now": now,
        "until": now + LEASE,
        "begin": float("-inf") if begin is None else begin,
        "beside": list(beside),
        "held_out": member is not None and member.held_out,
    }
    seat = taken_seat(where, "SKIP LOCKED")
    while seat is None and is_something_left(where):
        seat = taken_seat(where, "")
    return seat


def taken_seat(where: dict[str, Any], waiting: str) -> Seat | None:
    only = ONLY_EVALUATION if where["held_out"] else ""
    return next(iter(Seat.objects.raw(TAKE.format(free=FREE, only=only, waiting=waiting), where)), None)


def is_something_left(where: dict[str, Any]) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT EXISTS ({FREE} {ONLY_EVALUATION if where['held_out'] else ''})", where)
        (found,) = cursor.fetchone()
    return bool(found)


@transaction.atomic(savepoint=False)
def renew(*, project: Project, user: User) -> None:
    """Keep the seats of somebody who is at work, that of the task on the page and of the one after it.

    What another request of theirs is busy with is left to that one: two that each hold a seat and wait for the other's
    would wait for good.
    """
    ours = held_seats(project, user).select_for_update(no_key=True, skip_locked=True)
    Seat.objects.filter(pk__in=ours.values("pk")).update(leased_until=timezone.now() + LEASE)


@transaction.atomic
def leave(*, project: Project, user: User) -> None:
    """This person closed the page: their seats go to others unless they are back within the grace."""
    until = timezone.now() + GRACE
    held = Seat.objects.held_by(user).filter(project=project, leased_until__gt=until).order_by("pk")
    ours = [seat.pk for seat in held.select_for_update(no_key=True)]
    Seat.objects.filter(pk__in=ours).update(leased_until=until)


def free_abandoned() -> int:
    """Seats that nobody came back to in an hour are nobody's again; their number."""
    abandoned = Seat.objects.abandoned(timezone.now() - timedelta(hours=1))
    return abandoned.update(holder=None, claimed_at=None, leased_until=None)
