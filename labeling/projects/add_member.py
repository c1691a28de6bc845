"""Bring somebody into a project, or change what they do there."""

from dataclasses import dataclass

from django.db import transaction

from labeling.audit import record
from labeling.people.accounts import create_user
from labeling.people.models import User
from labeling.projects.models import Membership, Project, Status
from labeling.projects.roles import Role


@dataclass(frozen=True)
class Added:
    membership: Membership
    password: str | None
    """Of the account made for them; None when they had one."""


@transaction.atomic
def add_member(*, project: Project, username: str, role: Role, by: User | None = None) -> Added:
    user = User.objects.filter(username=username).first()
    password = None
    if user is None:
        user, password = create_user(username=username)
    membership, _is_new = Membership.objects.update_or_create(
        project=project, user=user, defaults={"role": role, "status": Status.ACTIVE}
    )
    record("member.added", actor=by, project_id=project.pk, user=user.pk, role=role)
    return Added(membership, password)
