"""The pages behind the link of an invitation. Whoever is in already goes on, whatever has become of the invitation."""

from http import HTTPStatus

from django.contrib.auth import login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from labeling.errors import Refused
from labeling.people.forms import SignUpForm
from labeling.people.models import User
from labeling.projects.forms import ParticipantForm
from labeling.projects.invitation_models import Invitation
from labeling.projects.invitations import find_invitation
from labeling.projects.join import Closed, check_not_removed, sign_up
from labeling.projects.join import join as join_project
from labeling.projects.models import Membership, Project
from labeling.projects.roles import Role
from labeling.projects.take_part import find_participation, take_part


@require_http_methods(["GET", "POST"])
def join(request: HttpRequest, token: str) -> HttpResponse:
    invitation = find_invitation(token)
    if invitation is None:
        return show_closed(request, None, HTTPStatus.NOT_FOUND)
    try:
        if invitation.for_prolific:
            return take_part_page(request, invitation)
        if request.user.is_authenticated:
            return join_page(request, invitation, request.user)
        return sign_up_page(request, invitation)
    except Closed:
        return show_closed(request, invitation, HTTPStatus.GONE)


def join_page(request: HttpRequest, invitation: Invitation, user: User) -> HttpResponse:
    """Somebody signed in says that they want to."""
    member = Membership.objects.filter(project=invitation.project_id, user=user).first()
    if member is not None:
        check_not_removed(member)
        return to_project(invitation.project, member)
    if user.is_superuser:  # leads every project as it is
        return redirect("overview", slug=invitation.project.slug)
    if request.method == "POST":
        return to_project(invitation.project, join_project(invitation=invitation, user=user))
    check_open(invitation)
    return render(request, "labeling/projects/join.html", {"invitation": invitation})


def sign_up_page(request: HttpRequest, invitation: Invitation) -> HttpResponse:
    check_open(invitation)
    form = SignUpForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            user = sign_up(invitation=invitation, username=given["username"], password=given["password"])
        except Closed:
            raise
        except Refused as refused:
            form.add_error("username", str(refused))
        else:
            login(request, user)
            return redirect("home")
    shown = {"invitation": invitation, "form": form}
    return render(request, "labeling/projects/sign_up.html", shown, status=422 if form.is_bound else 200)


def take_part_page(request: HttpRequest, invitation: Invitation) -> HttpResponse:
    """Says what is to be done; the button signs the participant in, in place of whoever was in this browser."""
    form = ParticipantForm(request.POST if request.method == "POST" else request.GET)
    if not form.is_valid():
        return show_closed(request, invitation, HTTPStatus.BAD_REQUEST, from_elsewhere=True)
    given = form.participant()
    if request.method == "POST":
        login(request, take_part(invitation=invitation, **given).user)
        return redirect("label", slug=invitation.project.slug)
    begun = find_participation(invitation, given["external_id"])
    if begun is None:
        check_open(invitation)
    return render(request, "labeling/projects/take_part.html", {"invitation": invitation, "form": form, "begun": begun})


def to_project(project: Project, member: Membership) -> HttpResponse:
    return redirect("label" if member.role == Role.ANNOTATOR else "overview", slug=project.slug)


def check_open(invitation: Invitation) -> None:
    if not invitation.is_open:
        raise Closed


def show_closed(
    request: HttpRequest, invitation: Invitation | None, status: HTTPStatus, *, from_elsewhere: bool = False
) -> HttpResponse:
    shown = {"invitation": invitation, "from_elsewhere": from_elsewhere}
    return render(request, "labeling/projects/invitation_closed.html", shown, status=status)
