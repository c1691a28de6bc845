"""Somebody leads every project."""

from django.utils.translation import gettext as _

from labeling.errors import Refused
from labeling.projects.models import Membership


def refuse_last_lead(membership: Membership) -> None:
    """Before somebody leads no more: raises Refused where nobody else does. All leads are locked, in one order, so
    that of two who leave at once the second is the last.
    """
    leading = Membership.objects.leading().filter(project=membership.project_id).order_by("pk")
    if [lead.pk for lead in leading.select_for_update(no_key=True)] == [membership.pk]:
        raise Refused(_("Somebody must lead the project: make another member its lead first."))
