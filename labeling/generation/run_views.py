from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, F, Func, QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from labeling.errors import Refused
from labeling.generation.change_run import Change, change_run
from labeling.generation.estimate import estimate
from labeling.generation.forms import RunForm
from labeling.generation.marks import Mark
from labeling.generation.models import GenerationRun, Response, Sample, SampleState
from labeling.generation.run_progress import progress_of
from labeling.generation.start_run import start_run
from labeling.projects.guards import MemberRequest, members
from labeling.projects.roles import Action

PER_PAGE = 25
FAILED = "failed"


@require_http_methods(["GET", "POST"])
@members(Action.LEAD)
def new_run(request: MemberRequest) -> HttpResponse:
    """What to order; for htmx what that would come to."""
    form = RunForm(request.project, request.POST if request.method == "POST" else request.GET or None)
    if request.htmx:
        return render(request, "labeling/generation/_estimate.html", estimated(request, form))
    if request.method == "POST" and form.is_valid():
        try:
            run = start_run(project=request.project, by=request.user, **form.asked)
            return redirect("run", slug=request.project.slug, run_id=run.pk)
        except Refused as refused:
            form.add_error(None, str(refused))
    status = 422 if request.method == "POST" else 200
    return render(request, "labeling/generation/new_run.html", {"form": form}, status=status)


@require_GET
@members(Action.LEAD)
def run(request: MemberRequest, run_id: int) -> HttpResponse:
    """How far a run is, what came of it, and what failed and why; its progress alone for htmx."""
    found = get_object_or_404(request.project.runs, pk=run_id)
    (progress,) = progress_of([found])
    if request.htmx:
        return render(request, "labeling/generation/_run.html", {"progress": progress})
    shelf = request.GET.get("shelf", "")
    counts = n_marked(found)
    shown = {
        "progress": progress,
        "shelf": shelf,
        "shelves": [(mark, counts.get(mark.value, 0)) for mark in Mark],
        "page": Paginator(rows_on(found, shelf), PER_PAGE).get_page(request.GET.get("page")),
        "query": f"shelf={shelf}&" if shelf else "",
    }
    return render(request, "labeling/generation/run.html", shown)


@require_POST
@members(Action.LEAD)
def change(request: MemberRequest, run_id: int) -> HttpResponse:
    found = get_object_or_404(request.project.runs, pk=run_id)
    wanted = request.POST.get("change")
    if wanted in Change.values:
        try:
            change_run(run=found, change=Change(wanted), by=request.user)
        except Refused as refused:
            messages.error(request, str(refused))
    return redirect("run", slug=request.project.slug, run_id=found.pk)


def estimated(request: MemberRequest, form: RunForm) -> dict[str, Any]:
    """What an order would come to, or why it would be refused; nothing while nothing is asked for."""
    if not form.is_valid() or not form.wanted():
        return {}
    try:
        return {"estimate": estimate(project=request.project, **form.asked)}
    except Refused as refused:
        return {"refused": str(refused)}


def n_marked(run: GenerationRun) -> dict[str, int]:
    """Responses with each mark."""
    marks = Response.objects.filter(sample__run=run).annotate(mark=Func(F("marks"), function="unnest"))
    return dict(marks.order_by().values_list("mark").annotate(n=Count("pk")))


def rows_on(run: GenerationRun, shelf: str) -> QuerySet[Sample] | QuerySet[Response]:
    """What failed, or the responses: all, or those with a mark."""
    if shelf == FAILED:
        failed = run.sample_set.filter(state=SampleState.FAILED)
        return failed.select_related("prompt", "endpoint", "params").order_by("pk")
    drawn = Response.objects.filter(sample__run=run).order_by("-pk")
    drawn = drawn.select_related("prompt", "endpoint", "sample__params", "sent")
    return drawn.filter(marks__contains=[shelf]) if shelf in Mark.values else drawn
