import uuid
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST
from django_htmx.http import HttpResponseClientRedirect

from labeling.assignment.claim import claim
from labeling.assignment.models import Seat, Task
from labeling.assignment.progress import own_progress, progress
from labeling.collection.answers import AnswersRefused, read_answers
from labeling.collection.forms import SubmissionForm
from labeling.collection.import_annotations import import_annotations
from labeling.collection.screen import screen_of
from labeling.collection.submit import submit
from labeling.projects.guards import MemberRequest, members
from labeling.projects.roles import Action
from labeling.prompts.upload import take_upload


@require_GET
@members(Action.LABEL)
def label(request: MemberRequest) -> HttpResponse:
    """The task this person holds; or, while they hold none, what they are waiting for."""
    held = Seat.objects.to_fill().filter(project=request.project, holder=request.user)
    seat = held.select_related("task__instrument", "task__prompt").order_by("pk").first()
    if seat is None:
        return render(request, "labeling/collection/waiting.html", waiting(request))
    return render(request, "labeling/collection/label.html", labeling(request, seat.task))


@require_POST
@members(Action.LABEL)
def next_task(request: MemberRequest) -> HttpResponse:
    if claim(project=request.project, user=request.user) is None and request.htmx:
        return render(request, "labeling/collection/_waiting.html", waiting(request))
    address = redirect("label", slug=request.project.slug)
    return HttpResponseClientRedirect(address.url) if request.htmx else address


@require_POST
@members(Action.LABEL)
def submit_task(request: MemberRequest, task_id: int) -> HttpResponse:
    tasks = request.project.tasks.select_related("instrument", "prompt")
    task = get_object_or_404(tasks, pk=task_id)
    form = SubmissionForm(request.POST)
    client_id = form.cleaned_data["client_id"] if form.is_valid() else uuid.uuid4()
    answers = read_answers(task.instrument.questions, request.POST, task.candidates.count())
    try:
        submit(task=task, user=request.user, answers=answers, client_id=client_id)
    except AnswersRefused as refused:
        shown = labeling(request, task, answers=answers, problems=refused.problems, client_id=client_id)
        return render(request, "labeling/collection/label.html", shown, status=422)
    claim(project=request.project, user=request.user)
    return redirect("label", slug=request.project.slug)


@require_POST
@members(Action.LEAD)
def import_file(request: MemberRequest) -> HttpResponse:
    return take_upload(request, import_annotations, back_to="tasks")


def waiting(request: MemberRequest) -> dict[str, Any]:
    return {"progress": progress(request.project), "own": own_progress(request.project, request.user)}


def labeling(request: MemberRequest, task: Task, client_id: uuid.UUID | None = None, **so_far: Any) -> dict[str, Any]:
    return {
        "screen": screen_of(task, request.user, **so_far),
        "client_id": client_id or uuid.uuid4(),
        "own": own_progress(request.project, request.user),
    }
