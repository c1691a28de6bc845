"""Views for leads: one member of the project, how they do, and what to do about it."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.db.models import Avg, Count
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from labeling.assignment.change_member import excuse, hold_out, pause, remove_member, resume
from labeling.assignment.exam import n_left
from labeling.assignment.models import SeatKind
from labeling.assignment.progress import own_progress
from labeling.collection.forms import GradeForm
from labeling.collection.gold_results import grade, has_writing, marks_of, results_of, retake_exam
from labeling.collection.models import GoldResult
from labeling.collection.own import own_seats
from labeling.collection.readings import readings_of
from labeling.errors import Refused
from labeling.people.models import User
from labeling.projects.forms import MessageForm
from labeling.projects.guards import MemberRequest, members
from labeling.projects.messages import write_message
from labeling.projects.models import Exam, Membership
from labeling.projects.roles import Action

DEEDS: dict[str, Callable[[Membership, User, str], None]] = {
    "pause": lambda member, by, why: pause(membership=member, because=why, by=by),
    "resume": lambda member, by, _why: resume(membership=member, by=by),
    "hold_out": lambda member, by, _why: hold_out(membership=member, held_out=True, by=by),
    "take_in": lambda member, by, _why: hold_out(membership=member, held_out=False, by=by),
    "retake": lambda member, by, _why: retake_exam(membership=member, by=by),
    "pass": lambda member, by, _why: excuse(membership=member, by=by),
    "remove": lambda member, by, _why: remove_member(membership=member, by=by),
}


@require_GET
@members(Action.LEAD)
def member(request: MemberRequest, user_id: int) -> HttpResponse:
    return show(request, find_member(request, user_id))


@require_POST
@members(Action.LEAD)
def change_member(request: MemberRequest, user_id: int) -> HttpResponse:
    found = find_member(request, user_id)
    deed = DEEDS.get(request.POST.get("deed", ""))
    if deed is not None:
        try:
            deed(found, request.user, request.POST.get("why", "").strip())
        except Refused as refused:
            messages.error(request, str(refused))
    return redirect("member", slug=request.project.slug, user_id=user_id)


@require_POST
@members(Action.LEAD)
def write_to_member(request: MemberRequest, user_id: int) -> HttpResponse:
    found = find_member(request, user_id)
    form = MessageForm(request.POST)
    if form.is_valid():
        try:
            write_message(membership=found, text=form.cleaned_data["text"], by=request.user)
            return redirect("member", slug=request.project.slug, user_id=user_id)
        except Refused as refused:
            form.add_error("text", str(refused))
    return show(request, found, form, status=422)


@require_POST
@members(Action.LEAD)
def grade_member(request: MemberRequest, user_id: int, result_id: int) -> HttpResponse:
    """Grade what somebody wrote in the exam."""
    found = find_member(request, user_id)
    form = GradeForm(request.POST)
    results = results_of(request.project, found.user, SeatKind.EXAM)
    result = get_object_or_404(results.select_related("annotation__seat"), pk=result_id)
    if not form.is_valid():
        messages.error(request, str(form.errors["grade"][0]))
    else:
        grade(result=result, grade=form.cleaned_data["grade"], by=request.user)
    return redirect("member", slug=request.project.slug, user_id=user_id)


def find_member(request: MemberRequest, user_id: int) -> Membership:
    return get_object_or_404(
        Membership.objects.select_related("user", "project"), project=request.project, user=user_id
    )


def show(request: MemberRequest, found: Membership, form: MessageForm | None = None, status: int = 200) -> HttpResponse:
    exam = results_of(request.project, found.user, SeatKind.EXAM)
    exam = exam.select_related("annotation__seat__task__instrument", "annotation__seat__task__prompt").order_by("pk")
    gold = results_of(request.project, found.user, SeatKind.GOLD).aggregate(n=Count("score"), mean=Avg("score"))
    must_pass = found.has_exam_before(request.project)
    shown = {
        "member": found,
        "must_pass": must_pass,
        "is_unexaminable": must_pass and found.exam == Exam.OPEN and not n_left(request.project, found.user),
        "own": own_progress(request.project, found.user),
        "gold": gold,
        "marks": marks_of(request.project, found.user) if found.exam != Exam.OPEN else [],
        "written": [written(result) for result in exam if has_writing(result.annotation)],
        "seats": own_seats(request.project, found.user).select_related("task__prompt")[:20],
        "message_form": form or MessageForm(),
        "told": found.messages.select_related("sent_by").order_by("-pk")[:20],
    }
    return render(request, "labeling/collection/member.html", shown, status=status)


def written(result: GoldResult) -> dict[str, Any]:
    """What there is to grade of one annotation."""
    annotation = result.annotation
    readings = readings_of(annotation.seat.task.instrument.questions, [annotation.answers])
    return {
        "result": result,
        "prompt": annotation.seat.task.prompt,
        "texts": [reading.cells[0] for reading in readings if reading.is_written],
        "form": GradeForm(initial={"grade": result.grade}, auto_id=f"grade-{result.pk}-%s"),
    }
