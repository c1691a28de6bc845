"""Tasks with a known answer: for an exam before work, and unseen among it."""

import random
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from labeling.assignment.models import LEASE, Gold, Seat, SeatKind, SeatQuerySet, Skip, Task
from labeling.assignment.queue import add_seats
from labeling.audit import record
from labeling.errors import Refused
from labeling.people.models import User
from labeling.projects.models import Project


@transaction.atomic
def make_gold(
    *,
    task: Task,
    order: list[int],
    answers: dict[str, Any],
    explanation: str = "",
    in_exam: bool = False,
    in_work: bool = True,
    by: User | None = None,
) -> Gold:
    """Hold `answers` to be right from now on, lists being in the `order` of response ids. Raises Refused.

    Seats that nobody is at go, and nobody else is given one: whoever gets the task has a seat of their own there, which
    is not counted.
    """
    if not (in_exam or in_work):
        raise Refused(_("Gold is for the exam, for work, or for both: choose one."))
    lock(task)
    said = {"order": order, "answers": answers, "explanation": explanation, "in_exam": in_exam, "in_work": in_work}
    gold, _is_new = Gold.objects.update_or_create(
        task=task, defaults=said, create_defaults={**said, "project": task.project, "created_by": by}
    )
    clear(Seat.objects.filter(task=task))
    record("gold.made", actor=by, project_id=task.project_id, task=task.pk, in_exam=in_exam, in_work=in_work)
    return gold


@transaction.atomic
def drop_gold(*, task: Task, by: User | None = None) -> None:
    """The task's answer is no longer held to be right; what people said of it stays, and it has all its seats again."""
    locked = lock(task)
    n_golds, _deleted = Gold.objects.filter(task=task).delete()
    if n_golds and locked.plan is not None:
        add_seats(locked, max(0, locked.plan.overlap - locked.seats.counted().count()))
    record("gold.dropped", actor=by, project_id=task.project_id, task=task.pk)


@transaction.atomic
def clear_golds() -> None:
    """Seats that count at gold, where somebody was when it was made and is no more."""
    clear(Seat.objects.filter(task__in=Gold.objects.values("task")))


def lock(task: Task) -> Task:
    """The task as it is now: others change neither its overlap nor how many seats it has."""
    Project.objects.select_for_update(no_key=True).get(pk=task.project_id)
    tasks = Task.objects.select_related("project", "plan").select_for_update(no_key=True, of=("self",))
    return tasks.get(pk=task.pk)


def clear(seats: SeatQuerySet) -> None:
    """Delete those that are free, and that nobody is taking at this moment."""
    free = seats.free().select_for_update(skip_locked=True).values_list("pk", flat=True)
    Seat.objects.filter(pk__in=list(free)).delete()


def draw_gold(project: Project, user: User) -> Seat | None:
    """At the project's rate a seat at gold that is new to this person. They are locked, so their seats stand still."""
    if not project.gold_rate:
        return None
    n_seats = Seat.objects.filter(project=project, holder=user).count()
    draw = random.Random(f"{project.pk}:{user.pk}:{n_seats}")
    if draw.random() >= project.gold_rate:
        return None
    golds = list(new_golds(project, user).filter(in_work=True).order_by("pk"))
    return own_seat(draw.choice(golds), user, SeatKind.GOLD) if golds else None


def new_golds(project: Project, user: User) -> QuerySet[Gold]:
    """At tasks where this person never was."""
    here = OuterRef("task")
    seen = Exists(Seat.objects.filter(task=here, holder=user))
    skipped = Exists(Skip.objects.filter(task=here, user=user))
    golds = current_golds(project).filter(~seen, ~skipped)
    return golds.select_related("task__instrument", "task__prompt")


def current_golds(project: Project) -> QuerySet[Gold]:
    """Of the questions asked now."""
    return project.golds.filter(task__instrument=project.current_instrument())


def own_seat(gold: Gold, user: User, kind: SeatKind) -> Seat:
    now = timezone.now()
    return Seat.objects.create(
        project_id=gold.project_id, task=gold.task, holder=user, claimed_at=now, leased_until=now + LEASE, kind=kind
    )
