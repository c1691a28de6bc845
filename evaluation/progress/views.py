from django.http import HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from evaluation.chart_files import TYPES, chart_file
from evaluation.progress.charts import charts, sparks
from evaluation.progress.measure import measure
from evaluation.progress.tables import TABLES, as_csv
from labeling.projects.guards import MemberRequest, members
from labeling.projects.roles import Action

MOST_PEOPLE = 50
MOST_WEEKS = 12


@require_GET
@members(Action.LEAD)
def progress(request: MemberRequest) -> HttpResponse:
    """How the labeling goes, as it is now; the headline by itself for htmx."""
    found = measure(request.project)
    if request.htmx:
        return render(request, "evaluation/progress/_summary.html", {"progress": found})
    shown = {
        "progress": found,
        "charts": list(charts(found)),
        "people": list(zip(found.people, sparks(found.people[:MOST_PEOPLE]), strict=False)),
        "weeks": found.weeks[: -1 - MOST_WEEKS : -1],
    }
    return render(request, "evaluation/progress/progress.html", shown)


@require_GET
@members(Action.LEAD)
def progress_file(request: MemberRequest, name: str, ending: str) -> HttpResponseBase:
    """A table as CSV, or a chart."""
    found = measure(request.project)
    if name in TABLES and ending == "csv":
        disposition = f'attachment; filename="{name}.csv"'
        rows = as_csv(TABLES[name](found))
        return StreamingHttpResponse(rows, content_type=TYPES["csv"], headers={"Content-Disposition": disposition})
    return chart_file(charts(found), name, ending)
