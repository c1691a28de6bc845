"""Take in what a person says about a task."""

import json
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from labeling.assignment.claim import lock_member, may_work
from labeling.assignment.models import OWN, Seat, SeatKind, Task
from labeling.assignment.order import shown_order
from labeling.collection.answers import Answers, clean_answers, without_unasked
from labeling.collection.disagreement import heed_disagreement
from labeling.collection.gold_results import heed_gold
from labeling.collection.models import Annotation
from labeling.errors import Refused
from labeling.people.models import User
from labeling.projects.models import Guideline, Instrument, Membership

OWN_SEAT = """
SELECT seat.* FROM labeling_seat AS seat JOIN labeling_task AS task ON task.id = seat.task_id
WHERE seat.task_id = %(task)s AND seat.holder_id = %(user)s AND seat.kind <> 'decision'
FOR NO KEY UPDATE OF seat, task
"""
"""The task is locked as well, so that of those who label it at once the last one sees what all have said."""

FILL = """
WITH before AS (
    UPDATE labeling_annotation SET is_current = false WHERE seat_id = %(seat)s AND is_current RETURNING revision
), filled AS (
    UPDATE labeling_seat SET leased_until = NULL, returned_at = NULL,
        submitted_at = COALESCE(submitted_at, %(submitted_at)s)
    WHERE id = %(seat)s RETURNING task_id, holder_id
), finished AS (
    DELETE FROM labeling_draft AS draft USING filled
    WHERE draft.task_id = filled.task_id AND draft.user_id = filled.holder_id
)
INSERT INTO labeling_annotation (
    seat_id, revision, is_current, "order", answers, origin, client_id, guideline_id, started_at, active_ms,
    submitted_at
) VALUES (
    %(seat)s, COALESCE((SELECT revision FROM before), 0) + 1, true, %(order)s, %(answers)s, %(origin)s, %(client_id)s,
    %(guideline)s, %(started_at)s, %(active_ms)s, %(submitted_at)s
)
RETURNING id, revision
"""
"""Both are asked at every label, so they are written out."""


@dataclass(frozen=True)
class Circumstances:
    """What a page sends beside the answers."""

    client_id: uuid.UUID
    """Of the page: the same one with the same answers is the same submission."""
    guideline: Guideline | None = None
    """Which version was on the page."""
    active_ms: int | None = None
    wall_ms: int | None = None
    """Since the task was shown there."""
    is_letter: bool = False
    """Sent by a script, which sends it again until it is answered, perhaps long after something else was said."""


def submit(*, task: Task, user: User, answers: Answers, circumstances: Circumstances) -> Annotation:
    """Store the answers as this person's annotation of the task, or as a revision of it.

    Raises AnswersRefused; Refused for a second answer to a task of the exam, unless it is to be taken again. Never
    refused for lateness: whose seat was given away takes another free one, or leaves a surplus annotation. What the
    same page sends twice is stored once.
    """
    try:
        return take_in(task, user, answers, circumstances)
    except IntegrityError:
        # the same page sent twice at once, or a seat taken in another tab: by now that is done, and can be seen
        return take_in(task, user, answers, circumstances)


@transaction.atomic
def take_in(task: Task, user: User, given: Answers, circumstances: Circumstances) -> Annotation:
    freeze(task)
    order = shown_order(task, user, task.response_ids)
    questions = task.instrument.questions
    answers = without_unasked(questions, clean_answers(questions, given, len(order)), task.prompt.flags)
    member = lock_member(task.project, user)
    seat = next(iter(Seat.objects.raw(OWN_SEAT, {"task": task.pk, "user": user.pk})), None)
    client_id = circumstances.client_id
    if seat is not None and seat.submitted_at is not None:
        sent = seat.annotations.filter(client_id=client_id).first()
        if sent is not None:
            current = seat.annotations.get(is_current=True)
            if answers == (sent if circumstances.is_letter else current).answers:
                return current
            client_id = uuid.uuid4()  # the page was gone back to and sent again with other answers
        if seat.kind == SeatKind.EXAM and seat.returned_at is None:
            raise Refused(_("In the exam an answer counts as it was first given."))
    seat = seat or another_seat(task, user, member)
    now = timezone.now()
    annotation = fill(
        seat,
        Annotation(
            order=order,
            answers=answers,
            client_id=client_id,
            guideline=circumstances.guideline,
            active_ms=circumstances.active_ms,
            started_at=seat.claimed_at
            if circumstances.wall_ms is None
            else now - timedelta(milliseconds=circumstances.wall_ms),
            submitted_at=now,
        ),
    )
    if seat.kind == SeatKind.COUNTED:
        heed_disagreement(task)
    elif seat.kind in OWN:
        heed_gold(annotation, seat)
    return annotation


def freeze(task: Task) -> None:
    """The task's questions, as they are now, stay so: a lead may have changed them since the page was opened."""
    if task.instrument.frozen_at is None:
        task.instrument = Instrument.objects.select_for_update(no_key=True).get(pk=task.instrument_id)
        unfrozen = Instrument.objects.filter(pk=task.instrument_id, frozen_at__isnull=True)
        unfrozen.update(frozen_at=timezone.now())


def another_seat(task: Task, user: User, member: Membership | None) -> Seat:
    """For whom lost theirs: one that is free; or a surplus one, as for all that comes from somebody not at work.

    Who skipped the task has passed it on, and is counted no more.
    """
    Task.objects.select_for_update(no_key=True, of=("self",)).get(pk=task.pk)
    if may_work(task.project, member) and not task.skips.filter(user=user).exists():
        free = Seat.objects.open_for(member).filter(task=task)
        if seat := free.select_for_update(skip_locked=True).first():
            seat.holder, seat.claimed_at, seat.leased_until = user, None, timezone.now()
            seat.save(update_fields=["holder", "claimed_at", "leased_until"])
            return seat
    return Seat.objects.create(
        project_id=task.project_id,
        task=task,
        holder=user,
        submitted_at=timezone.now(),
        kind=SeatKind.SURPLUS,
        for_evaluation=task.is_for_evaluation,
    )


def fill(seat: Seat, said: Annotation) -> Annotation:
    """Store what was said in the seat, as its next revision. The caller holds the seat's lock."""
    said.seat = seat
    said.submitted_at = said.submitted_at if isinstance(said.submitted_at, datetime) else timezone.now()
    values: dict[str, Any] = {
        "seat": seat.pk,
        "order": said.order,
        "answers": json.dumps(said.answers),
        "origin": said.origin,
        "client_id": said.client_id,
        "guideline": said.guideline_id,
        "started_at": said.started_at,
        "active_ms": said.active_ms,
        "submitted_at": said.submitted_at,
    }
    with connection.cursor() as cursor:
        cursor.execute(FILL, values)
        said.pk, said.revision = cursor.fetchone()
    seat.leased_until = seat.returned_at = None
    seat.submitted_at = seat.submitted_at or said.submitted_at
    return said
