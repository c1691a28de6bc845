from typing import Any

from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from labeling.errors import Refused
from labeling.generation.add_endpoint import add_endpoint
from labeling.generation.forms import EndpointForm, RunForm
from labeling.generation.import_responses import import_responses
from labeling.generation.models import GenerationRun, Sample, count_samples
from labeling.generation.start_run import start_run
from labeling.projects.guards import MemberRequest, members
from labeling.projects.models import Project
from labeling.projects.roles import Action
from labeling.prompts.upload import UploadForm, take_upload

RUNS_SHOWN = 20


@require_GET
@members(Action.LEAD)
def responses(request: MemberRequest) -> HttpResponse:
    """Endpoints, runs and how far they are; the runs by themselves for htmx."""
    if request.htmx:
        return render(request, "labeling/generation/_runs.html", {"runs": runs_of(request.project)})
    return show(request)


@require_POST
@members(Action.LEAD)
def new_endpoint(request: MemberRequest) -> HttpResponse:
    form = EndpointForm(request.POST)
    if form.is_valid():
        try:
            add_endpoint(project=request.project, by=request.user, **form.cleaned_data)
            return redirect("responses", slug=request.project.slug)
        except Refused as refused:
            form.add_error(None, str(refused))
    return show(request, status=422, endpoint_form=form)


@require_POST
@members(Action.LEAD)
def new_run(request: MemberRequest) -> HttpResponse:
    form = RunForm(request.project, request.POST)
    if form.is_valid():
        try:
            start_run(by=request.user, **form.cleaned_data)
            return redirect("responses", slug=request.project.slug)
        except Refused as refused:
            form.add_error(None, str(refused))
    return show(request, status=422, run_form=form)


@require_POST
@members(Action.LEAD)
def import_file(request: MemberRequest) -> HttpResponse:
    return take_upload(request, import_responses, back_to="responses")


def show(request: MemberRequest, status: int = 200, **forms: Any) -> HttpResponse:
    project = request.project
    shown = {
        "endpoints": project.endpoints.annotate(n_responses=Count("responses")),
        "runs": runs_of(project),
        "endpoint_form": EndpointForm(),
        "run_form": RunForm(project),
        "upload_form": UploadForm(),
        **forms,
    }
    return render(request, "labeling/generation/responses.html", shown, status=status)


def runs_of(project: Project) -> list[Any]:
    """The latest runs, each with its `counts` and the first `error` among its samples."""
    latest = GenerationRun.objects.filter(endpoint__project=project).order_by("-pk")
    runs: list[Any] = list(latest.select_related("endpoint")[:RUNS_SHOWN])
    counts = count_samples(runs)
    failed = Sample.objects.filter(run__in=runs).exclude(error="").order_by("run", "pk").distinct("run")
    errors = dict(failed.values_list("run_id", "error"))
    for run in runs:
        run.error = errors.get(run.pk, "")
        run.counts = counts[run.pk]
    return runs
