"""Views for reviewers: what people disagree on, one task with all its answers, and what holds."""

import uuid
from collections.abc import Iterable, Sequence

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from labeling.assignment.gold import drop_gold, make_gold
from labeling.assignment.models import Gold, SeatKind, Task
from labeling.assignment.order import shown_order
from labeling.collection.answers import Answers, AnswersRefused, read_answers, reordered
from labeling.collection.forms import GoldForm, SubmissionForm, VerdictForm
from labeling.collection.kinds.base import LETTERS
from labeling.collection.models import Annotation, Verdict
from labeling.collection.readings import readings_of
from labeling.collection.review import accept, decide, give_back
from labeling.collection.review_queue import LEAD_ON, Shelf, task_after, tasks_on, trails
from labeling.collection.screen import screen_of
from labeling.errors import Refused
from labeling.projects.guards import MemberRequest, members
from labeling.projects.questions import Question
from labeling.projects.roles import Action

PER_PAGE = 50


@require_GET
@members(Action.REVIEW)
def review(request: MemberRequest) -> HttpResponse:
    """Tasks that wait for a reviewer, shelf by shelf."""
    shelf = shelf_of(request) or Shelf.DISAGREED
    page = Paginator(tasks_on(request.project, shelf), PER_PAGE).get_page(request.GET.get("page"))
    shown = {"page": page, "shelf": shelf, "shelves": Shelf, "query": f"shelf={shelf}&"}
    return render(request, "labeling/collection/review.html", shown)


@require_GET
@members(Action.REVIEW)
def task(request: MemberRequest, task_id: int) -> HttpResponse:
    """A task with everybody's answers, and a form for what holds, begun from one of them where that is asked.

    Whoever comes from a shelf goes on to the next task there.
    """
    return show(request, find_task(request, task_id))


@require_POST
@members(Action.REVIEW)
def decide_task(request: MemberRequest, task_id: int) -> HttpResponse:
    task = find_task(request, task_id)
    answers = read_answers(task.instrument.questions, request.POST, len(task.response_ids))
    client_id = SubmissionForm(request.POST).sent().client_id
    try:
        decide(task=task, answers=answers, by=request.user, client_id=client_id, corrects=asked_for(request, task))
    except AnswersRefused as refused:
        return show(request, task, answers, problems=refused.problems)
    messages.success(request, _("Decided: “%(prompt)s”") % {"prompt": Truncator(task.prompt.text).chars(60)})
    shelf = shelf_of(request)
    following = task_after(request.project, shelf, task) if shelf in LEAD_ON else None
    return redirect(address_of(following or task, shelf))


@require_POST
@members(Action.REVIEW)
def review_annotation(request: MemberRequest, task_id: int, annotation_id: int) -> HttpResponse:
    """Accept an annotation of the task, or give it back with a note."""
    task = find_task(request, task_id)
    form = VerdictForm(request.POST)
    annotation = get_object_or_404(annotations_of(task), pk=annotation_id)
    if not form.is_valid():
        return show(request, task, refused=str(form.errors["verdict"][0]))
    note = form.cleaned_data["note"]
    try:
        if form.cleaned_data["verdict"] == Verdict.ACCEPTED:
            accept(annotation=annotation, by=request.user, note=note)
        else:
            give_back(annotation=annotation, by=request.user, note=note)
    except Refused as refused:
        return show(request, task, refused=str(refused))
    return redirect(address_of(task, shelf_of(request)))


@require_POST
@members(Action.LEAD)
def gold(request: MemberRequest, task_id: int) -> HttpResponse:
    """Make what was decided the known answer of the task, or take that back."""
    task = find_task(request, task_id)
    if "drop" in request.POST:
        drop_gold(task=task, by=request.user)
        messages.success(request, _("It is gold no longer."))
        return redirect(address_of(task, shelf_of(request)))
    form = GoldForm(request.POST)
    decision = get_object_or_404(annotations_of(task), seat__kind=SeatKind.DECISION)
    if not form.is_valid():
        return show(request, task, gold_form=form)
    try:
        make_gold(task=task, order=decision.order, answers=decision.answers, by=request.user, **form.cleaned_data)
    except Refused as refused:
        form.add_error(None, str(refused))
        return show(request, task, gold_form=form)
    messages.success(request, _("It is gold: what annotators say of it is compared with the decision."))
    return redirect(address_of(task, shelf_of(request)))


def find_task(request: MemberRequest, task_id: int) -> Task:
    task = get_object_or_404(request.project.tasks.select_related("instrument", "prompt"), pk=task_id)
    task.project = request.project
    return task


def shelf_of(request: MemberRequest) -> Shelf | None:
    asked = request.GET.get("shelf")
    return Shelf(asked) if asked in Shelf.values else None


def address_of(task: Task, shelf: Shelf | None) -> str:
    address = reverse("task", kwargs={"slug": task.project.slug, "task_id": task.pk})
    return f"{address}?shelf={shelf}" if shelf else address


def annotations_of(task: Task) -> QuerySet[Annotation]:
    """The current ones."""
    found = Annotation.objects.filter(seat__task=task, is_current=True).select_related("seat__holder", "guideline")
    return found.order_by("pk")


def letters_of(theirs: Sequence[int], ours: Sequence[int]) -> str:
    """What the responses are called here that are A, B, C … where somebody wrote about them; "" if just so."""
    pairs = [(LETTERS[place], LETTERS[ours.index(response)]) for place, response in enumerate(theirs)]
    return " · ".join(f"{here} → {there}" for here, there in pairs) if list(theirs) != list(ours) else ""


def without_comments(questions: Iterable[Question], answers: Answers) -> Answers:
    """A comment is its author's, and speaks of the letters that they saw."""
    comments = {question.name for question in questions if question.kind == "comment"}
    return {name: answer for name, answer in answers.items() if name not in comments}


def asked_for(request: MemberRequest, task: Task) -> Annotation | None:
    """The annotation that the page names as the one to begin from."""
    named = request.POST.get("from") or request.GET.get("from") or ""
    return annotations_of(task).filter(pk=named).first() if named.isascii() and named.isdigit() else None


def show(
    request: MemberRequest,
    task: Task,
    answers: Answers | None = None,
    problems: dict[str, str] | None = None,
    refused: str = "",
    gold_form: GoldForm | None = None,
) -> HttpResponse:
    questions = task.instrument.questions
    order = shown_order(task, request.user, task.response_ids)
    annotations = sorted(annotations_of(task), key=lambda one: one.seat.kind == SeatKind.DECISION)
    begun = asked_for(request, task)
    decision = next((one for one in annotations if one.seat.kind == SeatKind.DECISION), None)
    start = begun or decision
    if answers is None and start is not None:
        answers = without_comments(questions, reordered(questions, start.answers, start.order, order))
    voices = [reordered(questions, one.answers, one.order, order) for one in annotations]
    known, shelf, reviewed = Gold.objects.filter(task=task).first(), shelf_of(request), trails(task)
    following = task_after(request.project, shelf, task) if shelf else None
    shown = {
        "task": task,
        "screen": screen_of(task, request.user, answers, problems),
        "annotations": annotations,
        "reviewed": [(one, reviewed.get(one.seat_id, [])) for one in annotations],
        "shelf": shelf,
        "query": f"?shelf={shelf}" if shelf else "",
        "next": address_of(following, shelf) if following else None,
        "letters": [letters_of(one.order, order) for one in annotations],
        "readings": readings_of(questions, voices),
        "skips": task.skips.select_related("user"),
        "decision": decision,
        "begun": begun,
        "refused": refused,
        "gold": known,
        "gold_form": gold_form or GoldForm(initial=vars(known) if known else None),
        "client_id": uuid.uuid4(),
        "action": reverse("decide-task", kwargs={"slug": request.project.slug, "task_id": task.pk}),
        "may_lead": request.role.can(Action.LEAD),
    }
    is_wrong = bool(problems or refused or gold_form)
    return render(request, "labeling/collection/task.html", shown, status=422 if is_wrong else 200)
