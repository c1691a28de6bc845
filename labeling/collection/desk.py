"""What the labeling page shows: a task as a form, and what is around it."""

import uuid
from typing import Any

from django.urls import reverse

from labeling.assignment.forms import SkipForm
from labeling.assignment.models import Seat, SeatKind, Task
from labeling.assignment.order import shown_order
from labeling.assignment.progress import OwnProgress, own_progress
from labeling.assignment.quota import current_participation
from labeling.collection.answers import Answers, reordered
from labeling.collection.models import Annotation
from labeling.collection.open_task import Opened, open_task
from labeling.collection.own import neighbours
from labeling.collection.review_queue import last_note
from labeling.collection.screen import screen_of
from labeling.people.models import User
from labeling.projects.guards import MemberRequest


def opened(request: MemberRequest, task_id: int) -> Opened:
    return open_task(project=request.project, task_id=task_id, user=request.user)


def desk(
    request: MemberRequest,
    here: Opened,
    seat: Seat | None,
    answers: dict[str, Any] | None = None,
    problems: dict[str, str] | None = None,
) -> dict[str, Any]:
    """A task as a form, with what this person answered so far: just now, in a draft, or when they submitted it."""
    task, draft = here.task, None if answers else here.draft
    said = seat.annotations.get(is_current=True) if seat is not None and seat.submitted_at else None
    if draft is not None:
        answers = draft.answers
    elif answers is None and said is not None:
        answers = as_shown(task, request.user, said)
    return {
        "task": task,
        "screen": screen_of(task, request.user, answers, problems),
        "client_id": uuid.uuid4(),
        "address": reverse("label-task", kwargs={"slug": request.project.slug, "task_id": task.pk}),
        "is_submitted": said is not None,
        "revision": said.revision if said else 0,
        "is_exam": bool(seat and seat.kind == SeatKind.EXAM),
        "note": last_note(seat) if seat and seat.returned_at and seat.kind != SeatKind.EXAM else "",
        "draft": draft,
        "guideline_id": request.project.guideline_id,
    }


def as_shown(task: Task, user: User, said: Annotation) -> Answers:
    """Stored answers, for the order in which this person sees the responses: files have orders of their own."""
    return reordered(task.instrument.questions, said.answers, said.order, shown_order(task, user, task.response_ids))


def page(request: MemberRequest, seat: Seat | None) -> dict[str, Any]:
    """What is around the desk."""
    return {
        "guideline": request.project.guideline,
        "own": own(request),
        "neighbours": neighbours(request.project, request.user, seat),
        "skip_form": SkipForm(),
    }


def own(request: MemberRequest) -> OwnProgress:
    return own_progress(request.project, request.user, current_participation(request.membership))
