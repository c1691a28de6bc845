from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from evaluation.chart_files import chart_file
from evaluation.enough.forms import EnoughForm
from evaluation.enough.models import EnoughReport
from evaluation.enough.page import Page
from labeling.projects.guards import MemberRequest, members
from labeling.projects.roles import Action


@require_GET
@members(Action.LEAD)
def enough(request: MemberRequest) -> HttpResponse:
    """What was foreseen, read for the interval and for the two endpoints asked about."""
    report, form = stored(request), EnoughForm(request.GET)
    form.full_clean()
    page = Page(report, form.cleaned_data) if report else None
    return render(request, "evaluation/enough/enough.html", {"report": report, "page": page, "form": form})


@require_GET
@members(Action.LEAD)
def enough_chart(request: MemberRequest, name: str, ending: str) -> HttpResponse:
    report, form = stored(request), EnoughForm(request.GET)
    form.full_clean()
    if report is None:
        raise Http404
    return chart_file(Page(report, form.cleaned_data).charts.values(), name, ending)


def stored(request: MemberRequest) -> EnoughReport | None:
    """None as well where nothing of what was said can be measured."""
    report = EnoughReport.objects.filter(project=request.project).first()
    return report if report and report.content["figures"] else None
