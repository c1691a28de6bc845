"""See whether a participant has done what was wanted, and note it."""

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from labeling.assignment.claim import lock_member, may_work
from labeling.assignment.give_up import give_up
from labeling.assignment.models import Seat
from labeling.assignment.quota import current_participation, n_labels, wanted
from labeling.audit import record
from labeling.generation.models import Sample
from labeling.projects.invitation_models import Participation
from labeling.projects.models import Membership


def completed(member: Membership | None) -> Participation | None:
    """The participation of somebody who is done; None for everybody else.

    Done is who submitted the labels wanted, or at least one and then nothing was left: they cannot wait for others as
    members of a team do, and it is not theirs that there were too few tasks. What they skipped counts as left, so that
    nobody is done the sooner for skipping. Once done, always done: whoever looks first notes it, and it stays.
    """
    participation = current_participation(member)
    if member is None or participation is None:
        return None
    if participation.completed_at is None:
        made = n_labels(participation)
        if made < wanted(participation) and not (made and is_nothing_left(member)):
            return None
        complete(member, participation)
    return participation


@transaction.atomic
def complete(member: Membership, participation: Participation) -> None:
    """From now on they get no more tasks, and what they hold goes to others."""
    lock_member(member.project, member.user)
    participation.completed_at = timezone.now()
    open_ones = Participation.objects.filter(pk=participation.pk, completed_at__isnull=True)
    if open_ones.update(completed_at=participation.completed_at):
        give_up(project=member.project, user=member.user)
        record(
            "participation.completed", actor=member.user, project_id=member.project_id, participation=participation.pk
        )


def is_nothing_left(member: Membership) -> bool:
    """No task is theirs or could be, none is on its way, and nothing keeps them from work."""
    project, user = member.project, member.user
    unfinished = Seat.objects.at_work().unfinished().filter(project=project, holder=user)
    if not may_work(project, member) or unfinished.exists():
        return False
    own = Seat.objects.filter(task=OuterRef("task"), holder=user)
    free = Seat.objects.open_for(member).filter(~Exists(own), project=project)
    return not free.exists() and not Sample.objects.pending().filter(endpoint__project=project).exists()
