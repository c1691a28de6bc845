from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from evaluation.agreement.models import AgreementReport
from evaluation.agreement.page import Page, summary
from evaluation.chart_files import chart_file
from labeling.projects.guards import MemberRequest, members
from labeling.projects.roles import Action


@require_GET
@members(Action.LEAD)
def agreement(request: MemberRequest) -> HttpResponse:
    """The stored figures of one question, and the first of them by themselves for htmx."""
    report = stored(request)
    if request.htmx:
        figures = summary(report) if report else []
        return render(request, "evaluation/agreement/_summary.html", {"report": report, "figures": figures})
    page = Page(report, request.project, request.GET.get("question")) if report else None
    return render(request, "evaluation/agreement/agreement.html", {"report": report, "page": page})


@require_GET
@members(Action.LEAD)
def agreement_chart(request: MemberRequest, name: str, ending: str) -> HttpResponse:
    report = stored(request)
    if report is None:
        raise Http404
    return chart_file(Page(report, request.project, request.GET.get("question")).charts.values(), name, ending)


def stored(request: MemberRequest) -> AgreementReport | None:
    """None as well where nothing of what was said can be measured."""
    report = AgreementReport.objects.filter(project=request.project).first()
    return report if report and report.content["measures"] else None
