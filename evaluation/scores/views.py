from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from evaluation import wording
from evaluation.chart_files import chart_file
from evaluation.scores.models import ScoreReport
from evaluation.scores.page import Page, questions_of, summary
from evaluation.scores.samples import Behind, draw
from evaluation.scores.score import SCORES
from evaluation.scores.tables import PARTS
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
def samples(request: MemberRequest) -> HttpResponse:
    """Some of what is behind a number: an endpoint's responses, or beside another's, and what was said of them."""
    report = get_object_or_404(ScoreReport.objects.defer("content"), project=request.project)
    behind = behind_of(request)
    value = request.GET.get("value", "")
    questions = questions_of(request.project)
    titles = wording.measure_titles(questions) | wording.flag_titles(questions)
    shown = {
        "behind": behind,
        "title": wording.score_name(behind.score, titles),
        "value": value,
        "drawn": draw(request.project, behind, value, seed=report.seed),
    }
    return render(request, "evaluation/scores/samples.html", shown)


def behind_of(request: MemberRequest) -> Behind:
    """Raises Http404 for what there is not."""
    asked = request.GET
    known = {one.name: one for one in request.project.endpoints.all()}
    score, by, first, second = (asked.get(name, "") for name in ("score", "by", "first", "second"))
    if score.partition(".")[0] not in SCORES or first not in known or second not in {"", *known}:
        raise Http404
    if by not in {"", *PARTS}:
        raise Http404
    return Behind(score, known[first], known.get(second), by, asked.get("part", "").replace("\0", ""))


def stored(request: MemberRequest) -> ScoreReport | None:
    """None as well where nothing of what was said can be scored."""
    report = ScoreReport.objects.filter(project=request.project).first()
    return report if report and any(figure["n"] for figure in report.content["figures"]) else None


def next_pairs(project: Project) -> QuerySet[PairWeight]:
    """The endpoints that are most likely to be compared next, where tasks are given out by that."""
    if project.task_order != TaskOrder.INFORMATIVE:
        return PairWeight.objects.none()
    return project.pair_weights.select_related("first", "second").order_by("-weight", "pk")[:MOST_PAIRS]
