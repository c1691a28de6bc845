from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST
from django_htmx.http import HttpResponseClientRedirect

from labeling.assignment.claim import claim, claim_ahead, claim_another, current_seat, leave, may_work, renew
from labeling.assignment.complete import completed
from labeling.assignment.forms import SkipForm
from labeling.assignment.models import Seat, SeatKind
from labeling.assignment.progress import progress
from labeling.assignment.skip import skip
from labeling.collection.answers import AnswersRefused, read_answers
from labeling.collection.desk import desk, opened, own, page
from labeling.collection.drafts import save_draft
from labeling.collection.forms import SubmissionForm
from labeling.collection.models import Annotation, Draft
from labeling.collection.open_task import Opened
from labeling.collection.own import begun, revision_at, seat_at
from labeling.collection.submit import Circumstances, submit
from labeling.projects.guards import MemberRequest, members
from labeling.projects.guidelines import current_guideline
from labeling.projects.models import Status
from labeling.projects.roles import Action

NO_PLACE = "none"
SCREEN, DESK = "labeling/collection/label.html", "labeling/collection/_desk.html"
AHEAD = "labeling/collection/_ahead.html"


@require_GET
@members(Action.LABEL)
def label(request: MemberRequest) -> HttpResponse:
    """The task this person is to answer; or, while there is none, what they are waiting for."""
    if completed(request.membership):
        return redirect("done", slug=request.project.slug)
    guideline = current_guideline(request.project, request.user)
    if guideline is not None and not guideline.is_read:
        return redirect("guidelines", slug=request.project.slug)
    seat = current_seat(request.project, request.user, request.membership)
    if seat is not None and may_see(request, seat):
        renew(project=request.project, user=request.user)
        return render(request, SCREEN, desk(request, opened(request, seat.task_id), seat) | page(request, seat))
    member = request.membership
    if member is not None and member.status == Status.PAUSED:
        return render(request, "labeling/collection/paused.html", {"member": member})
    if member is not None and member.has_exam_before(request.project):
        return redirect("exam", slug=request.project.slug)
    return render(request, "labeling/collection/waiting.html", waiting(request))


def may_open(request: MemberRequest, here: Opened, seat: Seat | None) -> bool:
    """What was labeled; what is to be; and what they had begun when their seat went to somebody else."""
    if seat is None:
        began = begun(request.project, request.user).filter(task=here.task)
        return may_work(request.project, request.membership) and began.exists()
    return bool(seat.submitted_at) or may_see(request, seat)


def may_see(request: MemberRequest, seat: Seat) -> bool:
    """Who is paused sees what came back to them, and nothing new; before the exam is passed there is only the exam."""
    member, is_exam = request.membership, seat.kind == SeatKind.EXAM
    if member is None or (seat.returned_at is not None and not is_exam):
        return True
    return member.status == Status.ACTIVE and is_exam == member.has_exam_before(request.project)


@require_GET
@members(Action.LABEL)
def label_task(request: MemberRequest, task_id: int) -> HttpResponse:
    """A task that this person has labeled, holds, or began, to look at again and change. Nobody else's opens here."""
    guideline = current_guideline(request.project, request.user)
    if guideline is not None and not guideline.is_read:
        return redirect("guidelines", slug=request.project.slug)
    here = opened(request, task_id)
    seat = seat_at(here.task, request.user)
    if not may_open(request, here, seat):
        return redirect("label", slug=request.project.slug)
    renew(project=request.project, user=request.user)
    if seat is not None and seat.kind == SeatKind.EXAM and seat.submitted_at and not seat.returned_at:
        return redirect("feedback", slug=request.project.slug, task_id=task_id)
    return render(request, SCREEN, desk(request, here, seat) | page(request, seat))


@require_POST
@members(Action.LABEL)
def next_task(request: MemberRequest) -> HttpResponse:
    seat = claim(project=request.project, user=request.user)
    if seat is None and request.htmx and not completed(request.membership) and not has_news(request):
        return render(request, "labeling/collection/_waiting.html", waiting(request))
    address = redirect("label", slug=request.project.slug)
    return HttpResponseClientRedirect(address.url) if request.htmx else address


@require_POST
@members(Action.LABEL)
def ahead(request: MemberRequest, task_id: int) -> HttpResponse:
    """The desk of the task that comes after one, for a page to have it at hand."""
    return show_ahead(request, claim_ahead(project=request.project, user=request.user, beside={task_id}))


@require_POST
@members(Action.LABEL, takes_late=True)
def submit_task(request: MemberRequest, task_id: int) -> HttpResponse:
    """Store the answers. A page that has the next task at hand is sent the one after that; others go to the next."""
    here = opened(request, task_id)
    task = here.task
    sent = SubmissionForm(request.POST).sent()
    answers = read_answers(task.instrument.questions, request.POST, len(task.response_ids))
    guideline = request.project.guidelines.filter(pk=sent.guideline).first() if sent.guideline else None
    if not answers and here.draft is None and seat_at(task, request.user) is None:
        return HttpResponse(status=204) if has_ahead(request) else redirect("label", slug=request.project.slug)
    circumstances = Circumstances(sent.client_id, guideline, sent.active_ms, sent.wall_ms, is_letter=has_ahead(request))
    try:
        annotation = submit(task=task, user=request.user, answers=answers, circumstances=circumstances)
    except AnswersRefused as refused:
        seat = seat_at(task, request.user)
        shown = desk(request, here, seat, answers, refused.problems) | {"client_id": sent.client_id}
        template = DESK if has_ahead(request) else SCREEN
        return render(request, template, shown | ({} if has_ahead(request) else page(request, seat)), status=422)
    return go_on(request, annotation)


@require_POST
@members(Action.LABEL)
def skip_task(request: MemberRequest, task_id: int) -> HttpResponse:
    here = opened(request, task_id)
    form = SkipForm(request.POST)
    seat = seat_at(here.task, request.user)
    if seat is not None and not form.is_valid():
        shown = desk(request, here, seat) | page(request, seat) | {"skip_form": form}
        return render(request, SCREEN, shown, status=422)
    if seat is not None:
        skip(task=here.task, user=request.user, **form.cleaned_data)
    return go_on(request)


@require_POST
@members(Action.LABEL)
def save_task(request: MemberRequest, task_id: int) -> HttpResponse:
    """Keep a draft, and the seat with it; a page that is being closed says so.

    Told whether the seat is still theirs, and the revision of what they submitted last: perhaps not from this page.
    """
    task = opened(request, task_id).task
    sent = SubmissionForm(request.POST).sent()
    is_theirs = save_draft(
        task=task,
        user=request.user,
        answers=read_answers(task.instrument.questions, request.POST, len(task.response_ids)),
        client_id=sent.client_id,
        version=sent.version or 0,
        active_ms=sent.active_ms or 0,
    )
    if "leaving" in request.POST:
        leave(project=request.project, user=request.user)
    return JsonResponse({"seat": is_theirs, "revision": revision_at(task, request.user)})


@require_POST
@members(Action.LABEL)
def discard_task(request: MemberRequest, task_id: int) -> HttpResponse:
    """Forget what was changed since the task was submitted."""
    task = opened(request, task_id).task
    if revision_at(task, request.user):
        Draft.objects.filter(task=task, user=request.user).delete()
    return redirect("label-task", slug=request.project.slug, task_id=task_id)


def has_news(request: MemberRequest) -> bool:
    """Whether a lead wrote to them since the page was shown from which they wait."""
    newest = request.membership.newest_unread if request.membership else None
    return newest is not None and request.POST.get("told") != str(newest)


def has_ahead(request: HttpRequest) -> bool:
    """Whether a script asks, which says which tasks are on its page."""
    return "X-Ahead" in request.headers


def tasks_ahead(request: HttpRequest) -> set[int]:
    return {int(task) for task in request.headers["X-Ahead"].split(",") if task.isascii() and task.isdigit()}


def go_on(request: MemberRequest, said: Annotation | None = None) -> HttpResponse:
    if said is not None and said.seat.kind == SeatKind.EXAM:
        return redirect("feedback", slug=request.project.slug, task_id=said.seat.task_id)
    if said is not None and has_ahead(request):
        return after(request, said)
    claim(project=request.project, user=request.user)
    return redirect("label", slug=request.project.slug)


def after(request: MemberRequest, said: Annotation) -> HttpResponse:
    """What a page is sent that has the next task at hand: the one after that.

    Nothing after a revision, and where the page has no place for a task: it sends what another one left.
    """
    if said.revision > 1 or request.headers["X-Ahead"] == NO_PLACE:
        return HttpResponse(status=204)
    beside = tasks_ahead(request)
    return show_ahead(request, claim_another(request.project, request.user, after=said.seat, beside=beside))


def show_ahead(request: MemberRequest, seat: Seat | None) -> HttpResponse:
    if seat is None:
        return HttpResponse(status=204)
    return render(request, AHEAD, desk(request, opened(request, seat.task_id), seat))


def waiting(request: MemberRequest) -> dict[str, Any]:
    return {"progress": progress(request.project), "own": own(request)}
