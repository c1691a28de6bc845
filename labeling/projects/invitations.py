"""The links of invitations. They are signed, so that no secret is stored and a lead can read them again at any time."""

from django.core.signing import BadSignature, Signer
from django.db.models import Count, Q, QuerySet

from labeling.projects.invitation_models import Invitation
from labeling.projects.models import Project

signer = Signer(sep=".", salt="labeling.invitation")


def token_of(invitation: Invitation) -> str:
    return signer.sign(str(invitation.pk))


def find_invitation(token: str) -> Invitation | None:
    """Whatever its state is; None for a link that we did not make."""
    try:
        number = int(signer.unsign(token))
    except BadSignature:
        return None
    return Invitation.objects.select_related("project").filter(pk=number).first()


def invitations_of(project: Project) -> QuerySet[Invitation]:
    """The last one first, with `n_completed`, how many who came by each have finished a study."""
    finished = Q(participations__completed_at__isnull=False)
    return project.invitations.annotate(n_completed=Count("participations", filter=finished)).order_by("-pk")
