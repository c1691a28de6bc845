"""Take part in a study that is run on a platform."""

from django.db import transaction
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from labeling.audit import record
from labeling.errors import Refused
from labeling.people.models import User
from labeling.projects.invitation_models import Invitation, Participation
from labeling.projects.join import check_not_removed, take_use
from labeling.projects.models import Membership, Project, Status
from labeling.projects.roles import Role


@transaction.atomic
def take_part(*, invitation: Invitation, external_id: str, study: str, session: str) -> Participation:
    """Begin, or go on with what was begun: the same id comes back to the same participation and spends no use.

    Whoever has the link and an id comes in, so the account is one that was made for that id in this project, and can
    do nothing else. Raises Refused for those who may not take part, Closed when nobody new is let in.
    """
    project = Project.objects.select_for_update(no_key=True).get(pk=invitation.project_id)  # an id twice at once
    user = account_of(project, external_id)
    member = Membership.objects.filter(project=project, user=user).first()
    if member is not None:
        check_not_removed(member)
    begun = Participation.objects.select_related("user").filter(invitation=invitation, external_id=external_id).first()
    if begun is not None:
        return go_on(begun, member, study, session)
    check_may_begin(invitation, member)
    take_use(invitation, user)
    made = Participation.objects.create(
        invitation=invitation, user=user, external_id=external_id, study=study, session=session
    )
    Membership.objects.update_or_create(
        project=project,
        user=user,
        defaults={"participation": made},
        create_defaults={"participation": made, "role": Role.ANNOTATOR, "held_out": invitation.held_out},
    )
    record("participation.begun", actor=user, project_id=project.pk, invitation=invitation.pk)
    return made


def find_participation(invitation: Invitation, external_id: str) -> Participation | None:
    return Participation.objects.filter(invitation=invitation, external_id=external_id).first()


def account_of(project: Project, external_id: str) -> User:
    """The account of an id in this project, found by its participation and never by a name that somebody could take."""
    before = Participation.objects.select_related("user").filter(invitation__project=project, external_id=external_id)
    if (last := before.order_by("pk").last()) is not None:
        check_is_for_nothing_else(last.user, project)
        return last.user
    username = pseudonym(project, external_id)
    if User.objects.filter(username=username).exists():
        raise Refused(_("The account for this study is not open."))
    return User.objects.create_user(username)  # without a usable password


def pseudonym(project: Project, external_id: str) -> str:
    """Tells nobody the id, and differs from project to project."""
    digest = salted_hmac("labeling.participant", f"{project.pk}:{external_id}", algorithm="sha256").hexdigest()
    return f"prolific-{digest[:12]}"


def check_is_for_nothing_else(user: User, project: Project) -> None:
    """A second lock: whatever was made of the account since, an id alone opens no more than this project."""
    elsewhere = Membership.objects.filter(user=user).exclude(project=project, role=Role.ANNOTATOR)
    is_other = user.has_usable_password() or user.is_staff or user.is_superuser or not user.is_active
    if is_other or elsewhere.exists():
        raise Refused(_("The account for this study is not open."))


def go_on(begun: Participation, member: Membership | None, study: str, session: str) -> Participation:
    if member is None or member.participation_id != begun.pk:
        raise Refused(_("You have begun another study of this project since: this one is closed."))
    begun.study, begun.session = study, session
    begun.save(update_fields=["study", "session"])
    return begun


def check_may_begin(invitation: Invitation, member: Membership | None) -> None:
    """Who took part before must be at work, and in a study whose labels go where those of this one do."""
    if member is not None and (member.status != Status.ACTIVE or member.held_out != invitation.held_out):
        raise Refused(_("This study is not open to you, as you took part in an earlier one of this project."))
