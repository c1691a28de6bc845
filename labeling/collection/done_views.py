from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET

from labeling.assignment.complete import completed
from labeling.projects.guards import MemberRequest, members
from labeling.projects.prolific import completion_link
from labeling.projects.roles import Action


@require_GET
@members(Action.LABEL)
def done(request: MemberRequest) -> HttpResponse:
    """What a participant who is done takes back to Prolific; everybody else has labels to make."""
    participation = completed(request.membership)
    if participation is None:
        return redirect("label", slug=request.project.slug)
    code = participation.invitation.completion_code
    return render(request, "labeling/collection/done.html", {"code": code, "link": completion_link(code)})
