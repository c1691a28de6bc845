from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from evaluation.scores.models import ScoreReport
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
    shown: dict[str, Any] = {"report": report, "tables": [], "next_pairs": next_pairs(request.project)}
    return render(request, template, shown)


def next_pairs(project: Project) -> QuerySet[PairWeight]:
    """The endpoints that are most likely to be compared next, where tasks are given out by that."""
    if project.task_order != TaskOrder.INFORMATIVE:
        return PairWeight.objects.none()
    return project.pair_weights.select_related("first", "second").order_by("-weight", "pk")[:MOST_PAIRS]
