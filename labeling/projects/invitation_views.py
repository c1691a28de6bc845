from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from labeling.projects.forms import InvitationForm, StudyForm
from labeling.projects.guards import MemberRequest, members
from labeling.projects.invite import invite, invite_participants, revoke
from labeling.projects.roles import Action, Role
from labeling.projects.views import show_people


@require_POST
@members(Action.LEAD)
def new_invitation(request: MemberRequest) -> HttpResponse:
    form = InvitationForm(request.POST)
    if not form.is_valid():
        return show_people(request, invitation_form=form, status=422)
    given = form.cleaned_data
    invite(project=request.project, by=request.user, **given | {"role": Role(given["role"])})
    messages.success(request, _("The link is made: copy it from the list, and send it to whom you invite."))
    return back(request)


@require_POST
@members(Action.LEAD)
def new_study(request: MemberRequest) -> HttpResponse:
    form = StudyForm(request.POST)
    if not form.is_valid():
        return show_people(request, study_form=form, status=422)
    invite_participants(project=request.project, by=request.user, **form.cleaned_data)
    messages.success(request, _("The link is made: copy it from the list, and paste it into the study on Prolific."))
    return back(request)


@require_POST
@members(Action.LEAD)
def revoke_invitation(request: MemberRequest, invitation_id: int) -> HttpResponse:
    revoke(invitation=get_object_or_404(request.project.invitations, pk=invitation_id), by=request.user)
    return back(request)


def back(request: MemberRequest) -> HttpResponse:
    return redirect("people", slug=request.project.slug)
