"""The page on which a project of another tool is looked at, and moved here."""

import shlex
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods
from django_htmx.http import HttpResponseClientRedirect

from labeling.collection.forms import MoveForm, NewHereForm
from labeling.collection.kinds import KINDS
from labeling.collection.moving.move_in import move_in
from labeling.collection.moving.survey import Found, survey
from labeling.collection.screen import Screen, make_screen, turns_of
from labeling.errors import FileRefused, Refused
from labeling.generation.import_responses import AnsweredPrompt
from labeling.projects.guards import MemberRequest, may_create_projects

MOST_TASKS = 5000
"""That are moved while the browser waits."""


@require_http_methods(["GET", "POST"])
@login_required
def move_project(request: MemberRequest) -> HttpResponse:
    """What a project of another tool would be here; and, once it has a name and an address, its move."""
    if not may_create_projects(request.user):
        raise PermissionDenied
    form = MoveForm(request.POST or None, request.FILES or None)
    if not form.is_valid():
        return show(request, form)
    here = NewHereForm(request.POST, moves="move" in request.POST)
    try:
        found = survey(form.source())
    except Refused as refused:
        return show(request, form, problems=refused.lines() if isinstance(refused, FileRefused) else [str(refused)])
    try:
        if here.is_valid() and found.tasks <= MOST_TASKS:
            moved = move_in(found=found, by=request.user, **here.cleaned_data)
            messages.success(request, moved.sentence())
            address = redirect("overview", slug=moved.project.slug)
            return HttpResponseClientRedirect(address.url) if request.htmx else address
    except Refused as refused:
        here.add_error("slug", str(refused))
    return show(request, form, found=found, here=here)


def show(request: MemberRequest, form: MoveForm, found: Found | None = None, **shown: Any) -> HttpResponse:
    shown |= {"form": form, "found": found} | (shown_of(found, form) if found else {})
    template = "labeling/collection/_found.html" if request.htmx else "labeling/collection/move.html"
    is_wrong = form.is_bound and (found is None or shown["here"].is_bound)
    return render(request, template, shown, status=422 if is_wrong and not request.htmx else 200)


def shown_of(found: Found, form: MoveForm) -> dict[str, Any]:
    asked = [(one, KINDS[one.kind].label, found.answers[one.name]) for one in found.questions]
    return {
        "asked": asked,
        "screen": screen_of(found, found.first[0]),
        "others": found.first[1:],
        "left_out": found.left_out.most_common(),
        "command": command_of(form) if found.tasks > MOST_TASKS else "",
        "most": MOST_TASKS,
    }


def command_of(form: MoveForm) -> str:
    """What moves the same project, of any size."""
    given = form.cleaned_data
    stated = {
        name: given[name].name if name == "config" else given[name]
        for name in ("config", "prompt", "responses")
        if given[name]
    }
    options = [word for name, value in stated.items() for word in (f"--{name}", value)]
    words = ["move_in", given["file"].name, "--from", given["tool"], *options, "--project", "ADDRESS"]
    return f".venv/bin/python manage.py {shlex.join(words)}"


def screen_of(found: Found, first: AnsweredPrompt) -> Screen:
    """A task as it will be labeled."""
    return make_screen(turns_of(first.prompt), [(one.text, "") for one in first.responses], found.questions, {}, [])
