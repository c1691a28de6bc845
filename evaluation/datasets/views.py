from django.core.files.storage import storages
from django.db.models import QuerySet
from django.http import FileResponse, Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from evaluation.datasets.compare import compare
from evaluation.datasets.formats import FORMATS
from evaluation.datasets.forms import RecipeForm, settings_told
from evaluation.datasets.models import Snapshot, SnapshotState
from evaluation.datasets.preview import preview
from evaluation.datasets.recipe import recipe_of
from evaluation.datasets.snapshot import STORAGE, order_snapshot
from labeling.errors import Refused
from labeling.projects.guards import MemberRequest, members
from labeling.projects.roles import Action

SHOWN = 50


@require_GET
@members(Action.LEAD)
def datasets(request: MemberRequest) -> HttpResponse:
    """The data sets written so far, by themselves for htmx."""
    snapshots = list(request.project.snapshots.select_related("created_by", "project")[:SHOWN])
    waiting = any(snapshot.state == SnapshotState.WAITING for snapshot in snapshots)
    template = "evaluation/datasets/_snapshots.html" if request.htmx else "evaluation/datasets/datasets.html"
    return render(request, template, {"snapshots": snapshots, "waiting": waiting})


@require_http_methods(["GET", "POST"])
@members(Action.LEAD)
def new_dataset(request: MemberRequest) -> HttpResponse:
    """Settings with a preview of what they would write, both by themselves for htmx; and the order."""
    form = RecipeForm(request.project, request.POST or request.GET or None)
    shown = {"form": form, "format": form.row_format, "preview": None}
    if form.is_valid():
        try:
            if request.method == "POST":
                order_snapshot(project=request.project, recipe=form.recipe, by=request.user)
                return redirect("datasets", slug=request.project.slug)
            shown["preview"] = preview(request.project, form.recipe)
        except Refused as refused:
            form.add_error(None, str(refused))
    template = "evaluation/datasets/_recipe.html" if request.htmx else "evaluation/datasets/new.html"
    return render(request, template, shown, status=422 if request.method == "POST" else 200)


@require_GET
@members(Action.LEAD)
def dataset(request: MemberRequest, snapshot_id: int) -> HttpResponse:
    """What a data set holds, how it was made, and what changed since another."""
    snapshot = get_object_or_404(ready(request), pk=snapshot_id)
    of = FORMATS[snapshot.recipe["format"]].of
    others = [one for one in ready(request).exclude(pk=snapshot.pk) if FORMATS[one.recipe["format"]].of == of]
    chosen = next((one for one in others if str(one.pk) == request.GET.get("since")), None)
    told = list(settings_told(request.project, recipe_of(snapshot.recipe)))
    shown = {"snapshot": snapshot, "told": told, "others": others, "chosen": chosen, "comparison": None, "refused": ""}
    try:
        shown["comparison"] = compare(chosen, snapshot) if chosen else None
    except Refused as refused:
        shown["refused"] = str(refused)
    return render(request, "evaluation/datasets/dataset.html", shown)


@require_GET
@members(Action.LEAD)
def download(request: MemberRequest, snapshot_id: int) -> HttpResponseBase:
    return archive_of(get_object_or_404(ready(request), pk=snapshot_id))


def ready(request: MemberRequest) -> QuerySet[Snapshot]:
    return request.project.snapshots.filter(state=SnapshotState.DONE).select_related("project", "created_by")


def archive_of(snapshot: Snapshot) -> HttpResponseBase:
    """The file itself, or the way to it where it is kept elsewhere, for some minutes. Raises Http404."""
    storage = storages[STORAGE]
    if not storage.exists(snapshot.archive):
        raise Http404
    if hasattr(storage, "bucket"):
        return redirect(storage.url(snapshot.archive))
    return FileResponse(storage.open(snapshot.archive), as_attachment=True, filename=f"{snapshot}.zip")
