"""Change how a member works: pause, go on, score evaluations only, be excused from the exam, leave."""

from django.db import transaction
from django.utils.translation import gettext as _

from labeling.assignment.give_up import give_up
from labeling.audit import record
from labeling.errors import Refused
from labeling.people.models import User
from labeling.projects.leads import refuse_last_lead
from labeling.projects.models import Exam, Membership, Status, back_at_work


@transaction.atomic
def pause(*, membership: Membership, because: str = "", agreement: float | None = None, by: User | None = None) -> None:
    """No more tasks until a lead resumes it. What they hold goes to others; what they send all the same is kept.

    `because` is what a lead says, `agreement` with known answers (0 to 1) what did it otherwise. Raises Refused for who
    is not at work.
    """
    change(membership, only=Status.ACTIVE, status=Status.PAUSED, paused_because=because, paused_at=agreement)
    give_up(project=membership.project, user=membership.user)
    record(
        "member.paused",
        actor=by,
        project_id=membership.project_id,
        user=membership.user_id,
        because=because,
        agreement=agreement,
    )


@transaction.atomic
def resume(*, membership: Membership, by: User | None = None) -> None:
    """They are judged by what they do from now on. Raises Refused for who is not paused."""
    change(membership, only=Status.PAUSED, **back_at_work())
    record("member.resumed", actor=by, project_id=membership.project_id, user=membership.user_id)


@transaction.atomic
def remove_member(*, membership: Membership, by: User | None = None) -> None:
    """The project is closed to them; all they submitted stays. Raises Refused for the last lead."""
    refuse_last_lead(membership)
    change(membership, status=Status.REMOVED)
    give_up(project=membership.project, user=membership.user)
    record("member.removed", actor=by, project_id=membership.project_id, user=membership.user_id)


@transaction.atomic
def hold_out(*, membership: Membership, held_out: bool, by: User | None = None) -> None:
    """Whether they score evaluations only. What they said before counts by what they are now.

    What they hold may be for training, so it goes to others.
    """
    change(membership, held_out=held_out)
    if held_out:
        give_up(project=membership.project, user=membership.user)
    record("member.held_out", actor=by, project_id=membership.project_id, user=membership.user_id, held_out=held_out)


@transaction.atomic
def excuse(*, membership: Membership, by: User | None = None) -> None:
    """Let them work without an exam: as if they had passed it."""
    change(membership, exam=Exam.PASSED)
    record("exam.excused", actor=by, project_id=membership.project_id, user=membership.user_id)


def change(membership: Membership, only: Status | None = None, **fields: object) -> None:
    """Under the lock that claims take, so that none is under way. Raises Refused where the status is not `only`.

    Whoever locks a member does it before any seat or task, or two would wait for one another.
    """
    locked = lock(membership)
    if only is not None and locked.status != only:
        raise Refused(_("%(user)s is %(status)s.") % {"user": membership.user, "status": Status(locked.status).label})
    for name, value in fields.items():
        setattr(locked, name, value)
        setattr(membership, name, value)
    locked.save(update_fields=list(fields))


def lock(membership: Membership) -> Membership:
    """The member as they are now, and stay until the end of the transaction."""
    members = Membership.objects.select_related("project", "user").select_for_update(no_key=True, of=("self",))
    return members.get(pk=membership.pk)
