"""Views of what leads wrote to a member, for that member."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from labeling.projects.guards import MemberRequest, members
from labeling.projects.message_models import Message
from labeling.projects.messages import mark_read
from labeling.projects.roles import Action


@require_POST
@members(Action.LABEL)
def read_message(request: MemberRequest, message_id: int) -> HttpResponse:
    """Back to the page that showed it; a page that names none stays, and takes the message away itself."""
    message = get_object_or_404(Message, pk=message_id, membership=request.membership)
    mark_read(message=message, user=request.user)
    shown_on = request.POST.get("next", "")
    if url_has_allowed_host_and_scheme(shown_on, {request.get_host()}, require_https=request.is_secure()):
        return redirect(shown_on)
    return HttpResponse(status=204)
