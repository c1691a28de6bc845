from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from labeling.assignment.change_overlap import change_overlap
from labeling.assignment.change_settings import change_settings
from labeling.assignment.exam import exam_golds
from labeling.assignment.forms import OverlapForm, SettingsForm
from labeling.errors import Refused
from labeling.projects.guards import MemberRequest, members
from labeling.projects.roles import Action


@require_http_methods(["GET", "POST"])
@members(Action.LEAD)
def settings(request: MemberRequest) -> HttpResponse:
    """Who is given what next, what annotators must show first, and what they get to see."""
    form = SettingsForm(request.POST or None, instance=request.project)
    form.tell_exam(exam_golds(request.project).count())
    if request.method == "POST" and form.is_valid():
        try:
            change_settings(project=request.project, changed=form.changed_data, by=request.user)
            messages.success(request, _("The settings are saved."))
            return redirect("project-settings", slug=request.project.slug)
        except Refused as refused:
            form.add_error("requires_exam", str(refused))
    status = 422 if form.is_bound else 200
    return render(request, "labeling/assignment/settings.html", {"form": form}, status=status)


@require_POST
@members(Action.LEAD)
def overlap(request: MemberRequest, plan_id: int) -> HttpResponse:
    """Have more, or fewer, annotators at the tasks of a plan."""
    plan = get_object_or_404(request.project.plans, pk=plan_id)
    form = OverlapForm(request.POST)
    if form.is_valid():
        change_overlap(plan=plan, overlap=form.cleaned_data["overlap"], by=request.user)
        messages.success(request, _("The overlap is changed. Places that are taken stay."))
    else:
        messages.error(request, str(form.errors["overlap"][0]))
    return redirect("tasks", slug=request.project.slug)
