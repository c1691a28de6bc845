from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from labeling.generation.run_progress import progress_of
from labeling.projects.guards import MemberRequest, members
from labeling.projects.roles import Action

RUNS_SHOWN = 20


@require_GET
@members(Action.LEAD)
def responses(request: MemberRequest) -> HttpResponse:
    """Runs and how far they are, and the endpoints; those that change by themselves alone for htmx."""
    template = "labeling/generation/_board.html" if request.htmx else "labeling/generation/responses.html"
    runs = progress_of(list(request.project.runs.order_by("-pk")[:RUNS_SHOWN]))
    shown = {
        "runs": runs,
        "is_moving": any(not progress.counts.are_over for progress in runs),
        "endpoints": request.project.endpoints.annotate(n_responses=Count("responses")).order_by("name"),
    }
    return render(request, template, shown)
