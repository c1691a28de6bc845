"""Views of what annotators are told."""

from django.db.models import Count, QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from labeling.errors import Refused
from labeling.projects.forms import GuidelinesForm, ReadForm
from labeling.projects.guards import MemberRequest, members
from labeling.projects.guidelines import acknowledge, current_guideline, write_guidelines
from labeling.projects.models import Guideline, Project
from labeling.projects.roles import Action


@require_GET
@members(Action.LABEL)
def guidelines(request: MemberRequest) -> HttpResponse:
    """What annotators are told, to read; for leads, to write as well."""
    return show_guidelines(request)


@require_POST
@members(Action.LABEL)
def read_guidelines(request: MemberRequest) -> HttpResponse:
    """The version that was on the page; if there is a newer one by now, that is shown next."""
    form = ReadForm(request.POST)
    if form.is_valid():
        guideline = get_object_or_404(request.project.guidelines, pk=form.cleaned_data["guideline"])
        acknowledge(guideline=guideline, user=request.user)
    return redirect("label", slug=request.project.slug)


@require_POST
@members(Action.LEAD)
def new_guidelines(request: MemberRequest) -> HttpResponse:
    form = GuidelinesForm(request.POST)
    if form.is_valid():
        try:
            write_guidelines(project=request.project, text=form.cleaned_data["text"], by=request.user)
            return redirect("guidelines", slug=request.project.slug)
        except Refused as refused:
            form.add_error("text", str(refused))
    return show_guidelines(request, form, status=422)


def show_guidelines(request: MemberRequest, form: GuidelinesForm | None = None, status: int = 200) -> HttpResponse:
    current = current_guideline(request.project, request.user)
    leads = request.role.can(Action.LEAD)
    shown = {
        "guideline": current,
        "form": form or GuidelinesForm({"text": current.text} if current else None) if leads else None,
        "versions": versions_of(request.project) if leads else [],
    }
    return render(request, "labeling/projects/guidelines.html", shown, status=status)


def versions_of(project: Project) -> QuerySet[Guideline]:
    """With `n_readers`, how many members have said that they read each."""
    return project.guidelines.annotate(n_readers=Count("readings")).select_related("created_by")
