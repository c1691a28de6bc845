"""Let people into a project by a link, and stop it again."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from labeling.audit import record
from labeling.people.models import User
from labeling.projects.invitation_models import Invitation
from labeling.projects.models import Project
from labeling.projects.roles import Role


@transaction.atomic
def invite(
    *, project: Project, role: Role, most_uses: int, days: int, held_out: bool = False, by: User | None = None
) -> Invitation:
    """The database refuses leads: they are added by name."""
    made = Invitation.objects.create(
        project=project, role=role, held_out=held_out, most_uses=most_uses, expires_at=in_days(days), created_by=by
    )
    record("invitation.made", actor=by, project_id=project.pk, invitation=made.pk, role=role, most_uses=most_uses)
    return made


@transaction.atomic
def invite_participants(
    *,
    project: Project,
    labels_wanted: int,
    completion_code: str,
    most_uses: int,
    days: int,
    held_out: bool = False,
    by: User | None = None,
) -> Invitation:
    """For a study on Prolific: who comes makes so many labels, and is then given the code."""
    made = Invitation.objects.create(
        project=project,
        role=Role.ANNOTATOR,
        held_out=held_out,
        for_prolific=True,
        labels_wanted=labels_wanted,
        completion_code=completion_code,
        most_uses=most_uses,
        expires_at=in_days(days),
        created_by=by,
    )
    record(
        "invitation.made",
        actor=by,
        project_id=project.pk,
        invitation=made.pk,
        role=made.role,
        most_uses=most_uses,
        labels_wanted=labels_wanted,
    )
    return made


@transaction.atomic
def revoke(*, invitation: Invitation, by: User | None = None) -> None:
    """Nobody new comes by it from now on; who came stays. Once is enough."""
    found = Invitation.objects.filter(pk=invitation.pk, revoked_at__isnull=True)
    if found.update(revoked_at=timezone.now()):
        record("invitation.revoked", actor=by, project_id=invitation.project_id, invitation=invitation.pk)


def in_days(days: int) -> datetime:
    return timezone.now() + timedelta(days=days)
