from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from evaluation.agreement.models import AgreementFigure, AgreementReport
from labeling.projects.guards import MemberRequest, members
from labeling.projects.models import Project
from labeling.projects.roles import Action

SUMMARY = ("krippendorff_alpha", "agreement_with_ties", "agreement_without_ties")


@require_GET
@members(Action.LEAD)
def agreement(request: MemberRequest) -> HttpResponse:
    """The stored figures, and the first of them by themselves for htmx."""
    report = AgreementReport.objects.filter(project=request.project).first()
    template = "evaluation/agreement/_summary.html" if request.htmx else "evaluation/agreement/agreement.html"
    return render(request, template, {"report": report, "questions": by_question(request.project)})


def by_question(project: Project) -> list[dict[str, Any]]:
    """The figures of each question: of everybody together, and of each two annotators."""
    figures = AgreementFigure.objects.filter(report__project=project).select_related("first", "second")
    questions: dict[str, dict[str, Any]] = {}
    for figure in figures:
        found = questions.setdefault(figure.question, {"name": figure.question, "figures": [], "pairs": []})
        found["pairs" if figure.first_id else "figures"].append(figure)
    for found in questions.values():
        found["summary"] = [figure for figure in found["figures"] if figure.statistic in SUMMARY]
    return list(questions.values())
