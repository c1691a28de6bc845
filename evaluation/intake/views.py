from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from evaluation.chart_files import chart_file
from evaluation.intake.charts import charts
from evaluation.intake.read import read
from labeling.projects.guards import MemberRequest, members
from labeling.projects.roles import Action


@require_GET
@members(Action.LEAD)
def data(request: MemberRequest) -> HttpResponse:
    """What came in; by itself for htmx while prompts are still looked into."""
    intake = read(request.project)
    template = "evaluation/intake/_intake.html" if request.htmx else "evaluation/intake/data.html"
    return render(request, template, {"intake": intake, "charts": list(charts(intake))})


@require_GET
@members(Action.LEAD)
def data_file(request: MemberRequest, name: str, ending: str) -> HttpResponse:
    """A chart, or its numbers as CSV."""
    return chart_file(charts(read(request.project)), name, ending)
