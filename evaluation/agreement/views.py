from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from evaluation.agreement.models import AgreementReport
from evaluation.wording import measure_titles
from labeling.projects.guards import MemberRequest, members
from labeling.projects.roles import Action

SUMMARY = ("krippendorff_alpha", "agreement_with_ties", "agreement_without_ties")


@require_GET
@members(Action.LEAD)
def agreement(request: MemberRequest) -> HttpResponse:
    """The stored figures, and the first of them by themselves for htmx."""
    report = AgreementReport.objects.filter(project=request.project).select_related("project").first()
    template = "evaluation/agreement/_summary.html" if request.htmx else "evaluation/agreement/agreement.html"
    return render(request, template, {"report": report, "questions": by_question(report) if report else []})


def by_question(report: AgreementReport) -> list[dict[str, Any]]:
    """The figures of each question: of everybody together, and of each two annotators; and its majorities."""
    instruments = report.project.instruments.order_by("version")
    titles = measure_titles(question for instrument in instruments for question in instrument.questions)
    questions: dict[str, dict[str, Any]] = {}
    for figure in report.figures.select_related("first", "second"):
        name = figure.question
        found = questions.setdefault(
            name,
            {
                "name": name,
                "title": titles.get(name, name),
                "figures": [],
                "pairs": [],
                "majority": report.majority.get(name),
            },
        )
        found["pairs" if figure.first_id else "figures"].append(figure)
    for found in questions.values():
        found["summary"] = [figure for figure in found["figures"] if figure.statistic in SUMMARY]
    return list(questions.values())
