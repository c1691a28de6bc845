"""Let go of what somebody holds."""

from labeling.assignment.models import Seat, SeatKind
from labeling.people.models import User
from labeling.projects.models import Project


def give_up(*, project: Project, user: User) -> None:
    """No work this person holds stays theirs. What they submitted does, and so do their drafts and their exam.

    The caller holds the lock of the member.
    """
    held = Seat.objects.to_fill().filter(project=project, holder=user)
    held.counted().update(holder=None, claimed_at=None, leased_until=None)
    held.filter(kind=SeatKind.GOLD).delete()
