"""Come into a project by an invitation."""

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from labeling.audit import record
from labeling.errors import Refused
from labeling.people.accounts import create_user
from labeling.people.models import User
from labeling.projects.invitation_models import Invitation, InvitationUse, Participation
from labeling.projects.models import Membership, Status


class Closed(Refused):
    """The invitation lets nobody in any more. Its state says why."""


@transaction.atomic
def join(*, invitation: Invitation, user: User) -> Membership:
    """Take one of the invitation's uses; a member spends none, and stays what they are.

    Raises Refused for somebody who was removed, or whose account is for a study; Closed when it lets nobody in.
    """
    User.objects.select_for_update(no_key=True).get(pk=user.pk)  # one after the other, for a button pressed twice
    member = Membership.objects.filter(project=invitation.project_id, user=user).first()
    if member is not None:
        check_not_removed(member)
        return member
    if Participation.objects.filter(user=user).exists():
        raise Refused(
            _("You are signed in with an account that was made for a study. Sign out, and open the link again.")
        )
    take_use(invitation, user)
    record(
        "member.joined",
        actor=user,
        project_id=invitation.project_id,
        invitation=invitation.pk,
        role=invitation.role,
    )
    return Membership.objects.create(
        project_id=invitation.project_id, user=user, role=invitation.role, held_out=invitation.held_out
    )


@transaction.atomic
def sign_up(*, invitation: Invitation, username: str, password: str) -> User:
    """A new account, in the project: both or neither. Raises Refused for the name, and as `join` does."""
    user, _password = create_user(username=username, password=password)
    join(invitation=invitation, user=user)
    return user


def take_use(invitation: Invitation, user: User) -> None:
    """Compare and set, so that as many come as may, however many come at once. Raises Closed."""
    _use, is_new = InvitationUse.objects.get_or_create(invitation=invitation, user=user)
    if is_new and not Invitation.objects.open().filter(pk=invitation.pk).update(n_uses=F("n_uses") + 1):
        raise Closed(_("This invitation lets nobody in any more."))


def check_not_removed(member: Membership) -> None:
    if member.status == Status.REMOVED:
        raise Refused(_("You were removed from this project. Ask its lead if you think that this is a mistake."))
