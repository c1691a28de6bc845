from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from evaluation.chart_files import chart_file
from evaluation.scores.models import ScoreReport
from evaluation.scores.page import Page, summary
from evaluation.scores.samples import OUTCOMES, SHELVES, Pair, draw
from labeling.assignment.models import PairWeight
from labeling.projects.guards import MemberRequest, members
from labeling.projects.models import Project, TaskOrder
from labeling.projects.roles import Action

MOST_PAIRS = 10


@require_GET
@members(Action.LEAD)
def scores(request: MemberRequest) -> HttpResponse:
    """The stored scores, and the win rates by themselves for htmx."""
    report = stored(request)
    if request.htmx:
        rates = summary(report) if report else []
        return render(request, "evaluation/scores/_summary.html", {"report": report, "rates": rates})
    shown = {
        "report": report,
        "page": Page(report, request.project, request.GET) if report else None,
        "next_pairs": next_pairs(request.project),
    }
    return render(request, "evaluation/scores/scores.html", shown)


@require_GET
@members(Action.LEAD)
def scores_chart(request: MemberRequest, name: str, ending: str) -> HttpResponse:
    report = stored(request)
    if report is None:
        raise Http404
    return chart_file(Page(report, request.project, request.GET).charts(), name, ending)


@require_GET
@members(Action.LEAD)
def pairs(request: MemberRequest) -> HttpResponse:
    """Some of the pairs behind a number: an endpoint's responses beside another's, or beside any other."""
    report = get_object_or_404(ScoreReport.objects.defer("content"), project=request.project)
    known = {one.name: one for one in request.project.endpoints.all()}
    first, second = request.GET.get("first"), request.GET.get("second")
    if first not in known or (second and second not in known):
        raise Http404
    pair = Pair(known[first], known[second] if second else None)
    outcome = request.GET.get("outcome", "")
    drawn = draw(request.project, pair, OUTCOMES.get(outcome), seed=report.seed)
    shown = {"pair": pair, "outcome": outcome if outcome in OUTCOMES else "", "shelves": SHELVES, "drawn": drawn}
    return render(request, "evaluation/scores/pairs.html", shown)


def stored(request: MemberRequest) -> ScoreReport | None:
    """None as well where nothing of what was said can be scored."""
    report = ScoreReport.objects.filter(project=request.project).first()
    return report if report and any(figure["n"] for figure in report.content["figures"]) else None


def next_pairs(project: Project) -> QuerySet[PairWeight]:
    """The endpoints that are most likely to be compared next, where tasks are given out by that."""
    if project.task_order != TaskOrder.INFORMATIVE:
        return PairWeight.objects.none()
    return project.pair_weights.select_related("first", "second").order_by("-weight", "pk")[:MOST_PAIRS]
