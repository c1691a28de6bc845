from typing import Any

from django.db.models import F, QuerySet
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from evaluation.scores.charts import axis_of
from evaluation.scores.models import ScoreFigure, ScoreReport
from evaluation.scores.score import SCORES
from labeling.assignment.models import PairWeight
from labeling.projects.guards import MemberRequest, members
from labeling.projects.models import Project, TaskOrder
from labeling.projects.roles import Action

MOST_PAIRS = 10


@require_GET
@members(Action.LEAD)
def scores(request: MemberRequest) -> HttpResponse:
    """The stored scores, and the first of them by themselves for htmx."""
    report = ScoreReport.objects.filter(project=request.project).first()
    template = "evaluation/scores/_summary.html" if request.htmx else "evaluation/scores/scores.html"
    shown = {"report": report, "tables": by_score(request.project), "next_pairs": next_pairs(request.project)}
    return render(request, template, shown)


def by_score(project: Project) -> list[dict[str, Any]]:
    """The figures of each score, best first, each with the mark that draws it."""
    figures = ScoreFigure.objects.filter(report__project=project).select_related("endpoint")
    tables: dict[str, list[ScoreFigure]] = {}
    for figure in figures.order_by(F("value").desc(nulls_last=True), "endpoint__name"):
        tables.setdefault(figure.score, []).append(figure)
    drawn = []
    for score in sorted(tables, key=place_of):
        axis = axis_of(tables[score])
        rows = [{"figure": figure, "mark": axis.mark(figure)} for figure in tables[score]]
        drawn.append({"score": score, "rows": rows})
    return drawn


def next_pairs(project: Project) -> QuerySet[PairWeight]:
    """The endpoints that are most likely to be compared next, where tasks are given out by that."""
    if project.task_order != TaskOrder.INFORMATIVE:
        return PairWeight.objects.none()
    return project.pair_weights.select_related("first", "second").order_by("-weight", "pk")[:MOST_PAIRS]


def place_of(score: str) -> tuple[int, str]:
    """In the order in which they are computed, the scales by name."""
    return SCORES.index(score.partition(".")[0]), score
