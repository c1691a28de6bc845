from typing import Any

from django.contrib import messages
from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from labeling.assignment.forms import TasksForm
from labeling.assignment.make_tasks import make_tasks
from labeling.assignment.progress import progress
from labeling.errors import Refused
from labeling.projects.guards import MemberRequest, members
from labeling.projects.models import Status
from labeling.projects.roles import Action


@require_GET
@members(Action.LABEL)
def overview(request: MemberRequest) -> HttpResponse:
    """How far the project is, for those who lead it; everybody else labels."""
    if not request.role.can(Action.LEAD):
        return redirect("label", slug=request.project.slug)
    template = "labeling/assignment/_progress.html" if request.htmx else "labeling/assignment/overview.html"
    paused = request.project.memberships.filter(status=Status.PAUSED).select_related("user", "project")
    return render(request, template, {"progress": progress(request.project), "paused": paused})


@require_GET
@members(Action.LEAD)
def tasks(request: MemberRequest) -> HttpResponse:
    return show(request)


@require_POST
@members(Action.LEAD)
def new_tasks(request: MemberRequest) -> HttpResponse:
    form = TasksForm(request.POST)
    if form.is_valid():
        try:
            _plan, n_tasks = make_tasks(project=request.project, by=request.user, **form.cleaned_data)
            said = ngettext("%(n)d task was made.", "%(n)d tasks were made.", n_tasks) % {"n": n_tasks}
            messages.success(request, said)
            return redirect("tasks", slug=request.project.slug)
        except Refused as refused:
            form.add_error(None, str(refused))
    return show(request, status=422, form=form)


def show(request: MemberRequest, status: int = 200, **forms: Any) -> HttpResponse:
    plans = request.project.plans.annotate(n_tasks=Count("tasks")).select_related("created_by").order_by("-pk")
    shown = {
        "progress": progress(request.project),
        "plans": plans,
        "imported": request.project.tasks.filter(plan=None).count(),
        "form": TasksForm(),
        **forms,
    }
    return render(request, "labeling/assignment/tasks.html", shown, status=status)
