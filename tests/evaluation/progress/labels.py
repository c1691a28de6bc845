"""Labels of the past, as they would have been submitted."""

from collections.abc import Sequence
from datetime import datetime

from labeling.assignment.models import Seat, SeatKind, Task
from labeling.collection.models import Annotation, Origin
from labeling.people.models import User


def add_label(
    task: Task,
    user: User,
    at: datetime,
    seconds: int | None = 30,
    kind: SeatKind = SeatKind.COUNTED,
    origin: Origin = Origin.SCREEN,
    revised: Sequence[datetime] = (),
) -> Seat:
    """In the next free seat of the task, or in one of another kind."""
    seat = task.seats.free().filter(holder=None).first() if kind == SeatKind.COUNTED else None
    seat = seat or Seat(project_id=task.project_id, task=task, kind=kind)
    seat.holder, seat.submitted_at = user, at
    seat.save()
    moments = [at, *revised]
    Annotation.objects.bulk_create(
        Annotation(
            seat=seat,
            revision=revision,
            is_current=revision == len(moments),
            order=[],
            answers={},
            origin=origin,
            active_ms=None if seconds is None else 1000 * seconds,
            submitted_at=moment,
        )
        for revision, moment in enumerate(moments, 1)
    )
    return seat
