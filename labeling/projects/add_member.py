"""Bring somebody into a project, or change what they do there."""

from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext as _

from labeling.audit import record
from labeling.errors import Refused
from labeling.people.accounts import create_user
from labeling.people.models import User
from labeling.projects.invitation_models import Participation
from labeling.projects.leads import refuse_last_lead
from labeling.projects.models import Membership, Project, Status, back_at_work
from labeling.projects.roles import Role


@dataclass(frozen=True)
class Added:
    membership: Membership
    password: str | None
    """Of the account made for them; None when they had one."""


@transaction.atomic
def add_member(*, project: Project, username: str, role: Role, by: User | None = None) -> Added:
    """Raises Refused for what cannot be a user name, for accounts that were made for a study, and where nobody would
    lead the project.
    """
    user = User.objects.filter(username=username).first()
    password = None
    if user is None:
        user, password = create_user(username=username)
    elif Participation.objects.filter(user=user).exists():
        # whoever knows the link and the participant's id is let into this account
        raise Refused(_("“%(user)s” was made for a participant of a study, and is for nothing else.") % {"user": user})
    membership, is_new = Membership.objects.get_or_create(project=project, user=user, defaults={"role": role})
    if not is_new:
        take_back(membership, role)
    record("member.added", actor=by, project_id=project.pk, user=user.pk, role=role)
    return Added(membership, password)


def take_back(membership: Membership, role: Role) -> None:
    """A member with another role; at work again, if they were not."""
    if role != Role.LEAD:
        refuse_last_lead(membership)
    before = Membership.objects.select_for_update(no_key=True).get(pk=membership.pk)
    changed = {"role": role} | ({} if before.status == Status.ACTIVE else back_at_work())
    for name, value in changed.items():
        setattr(membership, name, value)
    membership.save(update_fields=list(changed))
