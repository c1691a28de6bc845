from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from labeling.errors import Refused
from labeling.imports.forms import FileForm, UnderstandingForm
from labeling.imports.keep_file import discard, keep_file
from labeling.imports.look import look_into, problem_lines, recognize
from labeling.imports.models import Import, ImportState
from labeling.imports.run_import import opened, order_import, sentence_of
from labeling.projects.guards import MemberRequest, members
from labeling.projects.roles import Action

SHOWN = 20


@require_http_methods(["GET", "POST"])
@members(Action.LEAD)
def imports(request: MemberRequest) -> HttpResponse:
    """Bring a file; and those brought lately."""
    form = FileForm(request.POST, request.FILES) if request.method == "POST" else FileForm()
    if form.is_valid():
        try:
            kept = keep_file(project=request.project, by=request.user, **form.cleaned_data)
            return redirect("import", slug=request.project.slug, import_id=kept.pk)
        except Refused as refused:
            form.add_error("file", str(refused))
    lately = request.project.imports.select_related("created_by")[:SHOWN]
    shown = {"form": form, "imports": [(one, outcome(one)) for one in lately]}
    return render(request, "labeling/imports/imports.html", shown, status=422 if form.is_bound else 200)


def outcome(brought: Import) -> str:
    """In a sentence, where there is something to say."""
    if brought.state == ImportState.DONE:
        return sentence_of(brought)
    return problem_lines(brought)[0] if brought.state == ImportState.REFUSED else ""


@require_http_methods(["GET", "POST"])
@members(Action.LEAD)
def one_import(request: MemberRequest, import_id: int) -> HttpResponse:
    """How a file is understood, which can be changed, and the order to import it; then how far that is."""
    brought = get_object_or_404(request.project.imports.select_related("created_by"), pk=import_id)
    if brought.state != ImportState.CHOSEN:
        return show_progress(request, brought)
    if not brought.file.storage.exists(str(brought.file.name)):
        raise Http404
    with opened(brought) as file:
        guessed = recognize(file, brought.mapping)
    look = look_into(brought, guessed)
    form = UnderstandingForm(request.POST or request.GET, guessed=guessed, known=look.known)
    understanding = form.understanding()
    if request.method == "POST":
        order_import(kept=brought, understanding=understanding, by=request.user)
        return redirect("import", slug=request.project.slug, import_id=import_id)
    if understanding != guessed:
        look = look_into(brought, understanding)
    template = "labeling/imports/_look.html" if request.htmx else "labeling/imports/import.html"
    return render(request, template, {"brought": brought, "form": form, "look": look, "understood": understanding})


def show_progress(request: MemberRequest, brought: Import) -> HttpResponse:
    shown = {
        "brought": brought,
        "sentence": sentence_of(brought) if brought.state == ImportState.DONE else "",
        "problems": problem_lines(brought),
    }
    template = "labeling/imports/_progress.html" if request.htmx else "labeling/imports/import.html"
    return render(request, template, shown)


@require_POST
@members(Action.LEAD)
def discard_import(request: MemberRequest, import_id: int) -> HttpResponse:
    discard(kept=get_object_or_404(request.project.imports, pk=import_id))
    return redirect("imports", slug=request.project.slug)
