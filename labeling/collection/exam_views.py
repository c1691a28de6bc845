"""Views of the exam before work: what it is, what was right after each task, and how it ended."""

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET

from labeling.assignment.exam import exam_golds, exam_seats, n_left
from labeling.assignment.models import Gold, Seat
from labeling.collection.answers import reordered
from labeling.collection.gold_results import marks_of
from labeling.collection.readings import readings_of
from labeling.collection.screen import screen_of
from labeling.markup import to_html
from labeling.projects.guards import MemberRequest, members
from labeling.projects.models import Exam
from labeling.projects.roles import Action


@require_GET
@members(Action.LABEL)
def exam(request: MemberRequest) -> HttpResponse:
    """Before the first task what is to come, after the last how it ended."""
    member = request.membership
    if member is None or not request.project.requires_exam:
        return redirect("label", slug=request.project.slug)
    n_done = exam_seats(request.project, request.user).finished().count()
    n_to_do = n_left(request.project, request.user)
    shown = {
        "exam": member.exam,
        "n_done": n_done,
        "n_to_do": n_to_do,
        "n_tasks": n_done + n_to_do,
        "is_there": bool(n_done) or exam_golds(request.project).exists(),
        "marks": marks_of(request.project, request.user) if member.exam != Exam.OPEN else [],
    }
    return render(request, "labeling/collection/exam.html", shown)


@require_GET
@members(Action.LABEL)
def feedback(request: MemberRequest, task_id: int) -> HttpResponse:
    """An answered task of the exam: what this person said beside what is right, and why."""
    answered = exam_seats(request.project, request.user).filter(task=task_id, submitted_at__isnull=False)
    seat = answered.select_related("task__instrument", "task__prompt").first()
    gold = Gold.objects.filter(task=task_id).first()
    if seat is None:
        raise Http404
    return render(request, "labeling/collection/feedback.html", explained(request, seat, gold))


def explained(request: MemberRequest, seat: Seat, gold: Gold | None) -> dict[str, Any]:
    task = seat.task
    task.project = request.project
    annotation = seat.annotations.get(is_current=True)
    questions = task.instrument.questions
    known = reordered(questions, gold.answers, gold.order, annotation.order) if gold else {}
    return {
        "screen": screen_of(task, request.user),
        "readings": readings_of(questions, [annotation.answers, known]),
        "explanation": to_html(gold.explanation) if gold else "",
        "is_last": not exam_seats(request.project, request.user).unfinished().exists(),
    }
