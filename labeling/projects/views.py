from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q, QuerySet
from django.forms import BaseForm
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from labeling.errors import Refused
from labeling.people.models import User
from labeling.projects.add_member import add_member
from labeling.projects.create_project import create_project
from labeling.projects.forms import InvitationForm, MemberForm, ProjectForm, StudyForm
from labeling.projects.guards import MemberRequest, may_create_projects, members
from labeling.projects.invitation_models import Invitation
from labeling.projects.invitations import invitations_of, token_of
from labeling.projects.models import Membership, Project
from labeling.projects.presets import Preset
from labeling.projects.prolific import study_link
from labeling.projects.roles import Action, Role


class UserRequest(MemberRequest):
    """A request by somebody signed in."""


@require_GET
@login_required
def home(request: UserRequest) -> HttpResponse:
    """The projects of this person; who only labels in one is taken there."""
    projects = visible_projects(request.user)
    may_create = may_create_projects(request.user)
    if len(projects) == 1 and projects[0].role == Role.ANNOTATOR and not may_create:
        return redirect("label", slug=projects[0].slug)
    return render(request, "labeling/projects/home.html", {"projects": projects, "may_create": may_create})


def visible_projects(user: User) -> list[Any]:
    """With the role this person has in each; the site admin leads those that he is no member of."""
    roles = dict(Membership.objects.present().filter(user=user).values_list("project_id", "role"))
    projects: list[Any] = list(Project.objects.visible_to(user))
    for project in projects:
        project.role = Role(roles.get(project.pk, Role.LEAD))
    return projects


@require_http_methods(["GET", "POST"])
@login_required
def new_project(request: UserRequest) -> HttpResponse:
    if not may_create_projects(request.user):
        raise PermissionDenied
    form = ProjectForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            project = create_project(by=request.user, **given | {"preset": Preset(given["preset"])})
            return redirect("overview", slug=project.slug)
        except Refused as refused:
            form.add_error("slug", str(refused))
    status = 422 if form.is_bound else 200
    return render(request, "labeling/projects/new.html", {"form": form}, status=status)


@require_http_methods(["GET", "POST"])
@members(Action.LEAD)
def people(request: MemberRequest) -> HttpResponse:
    """Who is in the project; a lead brings in others."""
    form = MemberForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            added = add_member(
                project=request.project,
                username=form.cleaned_data["username"],
                role=Role(form.cleaned_data["role"]),
                by=request.user,
            )
        except Refused as refused:
            form.add_error("username", str(refused))
        else:
            said = _("%(user)s is %(role)s now.") % {
                "user": added.membership.user,
                "role": Role(added.membership.role).label,
            }
            if added.password:
                said += " " + _("The password of the new account is %(password)s: it is shown this once.") % {
                    "password": added.password
                }
            messages.success(request, said)
            return redirect("people", slug=request.project.slug)
    return show_people(request, form=form, status=422 if form.is_bound else 200)


def show_people(request: MemberRequest, status: int = 200, **forms: BaseForm) -> HttpResponse:
    shown = {
        "form": MemberForm(),
        "invitation_form": InvitationForm(),
        "study_form": StudyForm(),
        "memberships": members_of(request.project),
        "invitations": [(invitation, link_of(request, invitation)) for invitation in invitations_of(request.project)],
    }
    return render(request, "labeling/projects/people.html", shown | forms, status=status)


def link_of(request: MemberRequest, invitation: Invitation) -> str:
    """What a lead hands out: for a study, with what Prolific is to fill in."""
    address = request.build_absolute_uri(reverse("join", args=[token_of(invitation)]))
    return study_link(address) if invitation.for_prolific else address


def members_of(project: Project) -> QuerySet[Membership]:
    """With `n_labels`, what each has submitted here at work: neither in an exam nor as a reviewer's decision."""
    submitted = Q(user__seats__project=project, user__seats__submitted_at__isnull=False)
    submitted &= ~Q(user__seats__kind__in=["exam", "decision"])
    members = project.memberships.select_related("user", "participation").order_by("status", "role", "user__username")
    return members.annotate(n_labels=Count("user__seats", filter=submitted))
