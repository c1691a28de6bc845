"""Keep what somebody has answered so far."""

import uuid

from django.db import transaction

from labeling.assignment.claim import renew
from labeling.assignment.models import Task
from labeling.collection.answers import Answers
from labeling.collection.models import Annotation, Draft
from labeling.people.models import User


@transaction.atomic
def save_draft(*, task: Task, user: User, answers: Answers, client_id: uuid.UUID, version: int, active_ms: int) -> bool:
    """Keep the answers, and the seat. False when the seat is not this person's to fill (any more).

    Pages send their drafts when they can: one that is older than what is kept, or than the page's own submission,
    changes nothing. Version 0 is of a page on which nothing has been answered.
    """
    own = Annotation.objects.filter(seat__task=task, seat__holder=user, client_id=client_id)
    task.seats.filter(holder=user).select_for_update().first()
    if version and not own.exists():
        kept = {"answers": answers, "version": version, "active_ms": active_ms}
        draft, is_new = Draft.objects.get_or_create(task=task, user=user, defaults=kept)
        if not is_new and draft.version < version:
            Draft.objects.filter(pk=draft.pk, version__lt=version).update(**kept)
    renew(project=task.project, user=user)
    return task.seats.to_fill().filter(holder=user).exists()
