from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from evaluation.agreement.models import AgreementReport
from labeling.projects.guards import MemberRequest, members
from labeling.projects.roles import Action


@require_GET
@members(Action.LEAD)
def agreement(request: MemberRequest) -> HttpResponse:
    """The stored figures, and the first of them by themselves for htmx."""
    report = AgreementReport.objects.filter(project=request.project).first()
    template = "evaluation/agreement/_summary.html" if request.htmx else "evaluation/agreement/agreement.html"
    return render(request, template, {"report": report, "questions": []})
