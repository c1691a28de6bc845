from django import forms
from django.http import FileResponse, Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods

from evaluation.datasets.models import Format, SnapshotState
from evaluation.datasets.snapshot import order_snapshot
from labeling.projects.guards import MemberRequest, members
from labeling.projects.roles import Action

SHOWN = 20


class SnapshotForm(forms.Form):
    format = forms.ChoiceField(label=_("Format"), choices=Format.choices)


@require_http_methods(["GET", "POST"])
@members(Action.LEAD)
def datasets(request: MemberRequest) -> HttpResponse:
    """The data sets written so far, by themselves for htmx; and an order for another."""
    form = SnapshotForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        order_snapshot(project=request.project, format=Format(form.cleaned_data["format"]), by=request.user)
        return redirect("datasets", slug=request.project.slug)
    snapshots = request.project.snapshots.select_related("created_by")[:SHOWN]
    shown = {
        "form": form,
        "snapshots": snapshots,
        "waiting": any(snapshot.state == SnapshotState.WAITING for snapshot in snapshots),
    }
    template = "evaluation/datasets/_snapshots.html" if request.htmx else "evaluation/datasets/datasets.html"
    return render(request, template, shown, status=422 if form.is_bound else 200)


@require_GET
@members(Action.LEAD)
def download(request: MemberRequest, snapshot_id: int) -> HttpResponseBase:
    snapshot = get_object_or_404(request.project.snapshots, pk=snapshot_id, state=SnapshotState.DONE)
    try:
        return FileResponse(snapshot.archive.open("rb"), as_attachment=True, filename=snapshot.archive.name)
    except FileNotFoundError:
        raise Http404 from None
