"""Accept what somebody said, give it back, or decide for all."""

import uuid

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from labeling.assignment.models import OWN, Seat, SeatKind, Task
from labeling.assignment.order import shown_order
from labeling.audit import record
from labeling.collection.answers import Answers, clean_answers, without_unasked
from labeling.collection.models import Annotation, Review, Verdict
from labeling.collection.submit import fill, freeze
from labeling.errors import Refused
from labeling.people.models import User


@transaction.atomic
def accept(*, annotation: Annotation, by: User, note: str = "") -> None:
    give_verdict(annotation, Verdict.ACCEPTED, by, note)
    Seat.objects.filter(pk=annotation.seat_id).update(returned_at=None)


@transaction.atomic
def give_back(*, annotation: Annotation, by: User, note: str) -> None:
    """Have its author answer the task again, before anything else. Raises Refused without a note for them."""
    if not note.strip():
        raise Refused(_("Say what is to be done better."))
    give_verdict(annotation, Verdict.RETURNED, by, note)
    Seat.objects.filter(pk=annotation.seat_id).update(returned_at=timezone.now())


def give_verdict(annotation: Annotation, verdict: Verdict, by: User, note: str) -> None:
    """Raises Refused for what has been revised meanwhile, and for what is compared with a known answer."""
    seat = Seat.objects.select_for_update(no_key=True).get(pk=annotation.seat_id)
    if seat.kind in OWN:
        raise Refused(_("This is compared with the known answer, and needs no review."))
    if not Annotation.objects.filter(pk=annotation.pk, is_current=True).exists():
        raise Refused(_("Its author has revised this meanwhile: look at the new answers."))
    Review.objects.create(annotation=annotation, reviewer=by, verdict=verdict, note=note)
    record(f"annotation.{verdict}", actor=by, project_id=seat.project_id, annotation=annotation.pk)


@transaction.atomic
def decide(
    *, task: Task, answers: Answers, by: User, client_id: uuid.UUID, corrects: Annotation | None = None
) -> Annotation:
    """Store the answers as those that hold for the task, beside what its annotators said. Raises AnswersRefused.

    A later decision is another revision of the same annotation, by whoever takes it. The same page twice is once.
    """
    freeze(task)
    order = shown_order(task, by, task.response_ids)
    questions = task.instrument.questions
    cleaned = without_unasked(questions, clean_answers(questions, answers, len(order)), task.prompt.flags)
    seat = decision_seat(task, by)
    if seat.annotations.filter(client_id=client_id).exists():
        current = seat.annotations.get(is_current=True)
        if current.answers == cleaned:
            return current
        client_id = uuid.uuid4()  # the page was gone back to and sent again with other answers
    if seat.holder_id != by.pk:
        seat.holder = by
        seat.save(update_fields=["holder"])
    said = Annotation(order=order, answers=cleaned, client_id=client_id, guideline=task.project.guideline)
    decision = fill(seat, said)
    if corrects is not None:
        Review.objects.create(annotation=corrects, reviewer=by, verdict=Verdict.CORRECTED)
    record("task.decided", actor=by, project_id=task.project_id, task=task.pk, annotation=decision.pk)
    return decision


def decision_seat(task: Task, by: User) -> Seat:
    """The task's one seat for a decision, locked."""
    Task.objects.select_for_update(no_key=True).get(pk=task.pk)
    made = {
        "project_id": task.project_id,
        "holder": by,
        "submitted_at": timezone.now(),
        "for_evaluation": task.is_for_evaluation,
    }
    seat, _is_new = Seat.objects.get_or_create(task=task, kind=SeatKind.DECISION, defaults=made)
    return seat
