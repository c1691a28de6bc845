"""How many labels a participant of a study makes."""

from django.db.models import Q

from labeling.assignment.models import Seat
from labeling.projects.invitation_models import Participation
from labeling.projects.models import Membership


def current_participation(member: Membership | None) -> Participation | None:
    """Asks the database for participants only."""
    if member is None or member.participation_id is None:
        return None
    return Participation.objects.select_related("invitation", "user").get(pk=member.participation_id)


def has_enough(member: Membership | None) -> bool:
    """Whether a participant gets no more tasks: what they submitted and what they hold is what was wanted of them."""
    participation = current_participation(member)
    if participation is None:
        return False
    return participation.completed_at is not None or n_labels(participation, with_held=True) >= wanted(participation)


def wanted(participation: Participation) -> int:
    return participation.invitation.labels_wanted or 0


def n_labels(participation: Participation, *, with_held: bool = False) -> int:
    """At work since they began: submitted, whether it counted or came too late for that."""
    taken = Q(submitted_at__gte=participation.joined_at)
    if with_held:
        taken |= Q(submitted_at__isnull=True)
    seats = Seat.objects.filter(taken, project=participation.invitation.project_id, holder=participation.user)
    return seats.at_work().count()
