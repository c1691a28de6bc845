"""Take in what a person says about a task."""

import uuid
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from labeling.assignment.models import Seat, Task
from labeling.assignment.order import shown_order
from labeling.collection.answers import Answers, clean_answers
from labeling.collection.models import Annotation
from labeling.people.models import User
from labeling.projects.models import Instrument


def submit(*, task: Task, user: User, answers: Answers, client_id: uuid.UUID) -> Annotation:
    """Store the answers as this person's annotation of the task, or as a revision of it. Raises AnswersRefused.

    Never refused for lateness: whose seat was given away takes another free one, or leaves a surplus annotation.
    The same `client_id` with the same answers is the same submission, and is stored once.
    """
    candidates = task.candidates.values_list("response", flat=True)
    order = shown_order(task, user, list(candidates))
    cleaned = clean_answers(task.instrument.questions, answers, len(order))
    try:
        return store(task, user, order, cleaned, client_id)
    except IntegrityError:
        # the same page sent twice at once, or a seat taken in another tab: by now that is done, and can be seen
        return store(task, user, order, cleaned, client_id)


@transaction.atomic
def store(task: Task, user: User, order: list[int], answers: Answers, client_id: uuid.UUID) -> Annotation:
    own = Annotation.objects.filter(seat__task=task, seat__holder=user)
    if own.filter(client_id=client_id).exists():
        current = own.get(is_current=True)
        if current.answers == answers:
            return current
        client_id = uuid.uuid4()  # the page was gone back to and sent again with other answers
    seat = seat_of(task, user)
    annotation = fill(seat, order=order, answers=answers, client_id=client_id, started_at=seat.claimed_at)
    Instrument.objects.filter(pk=task.instrument_id, frozen_at__isnull=True).update(frozen_at=timezone.now())
    return annotation


def seat_of(task: Task, user: User) -> Seat:
    """Theirs; or one that is free; or a surplus one."""
    if own := task.seats.filter(holder=user).select_for_update().first():
        return own
    free = task.seats.all() & Seat.objects.free()
    if seat := free.select_for_update(skip_locked=True).first():
        seat.holder, seat.leased_until = user, timezone.now()
        seat.save(update_fields=["holder", "leased_until"])
        return seat
    return Seat.objects.create(
        project_id=task.project_id, task=task, holder=user, submitted_at=timezone.now(), surplus=True
    )


def fill(seat: Seat, **said: Any) -> Annotation:
    """Add what was said in the seat, as its next revision. The caller holds the seat's lock."""
    last = seat.annotations.filter(is_current=True).first()
    if last is not None:
        seat.annotations.filter(pk=last.pk).update(is_current=False)
    annotation = Annotation.objects.create(seat=seat, revision=last.revision + 1 if last else 1, **said)
    seat.leased_until = None
    seat.submitted_at = seat.submitted_at or said.get("submitted_at") or timezone.now()
    seat.save(update_fields=["leased_until", "submitted_at"])
    return annotation
