"""Views of what somebody labeled."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from labeling.collection.desk import own
from labeling.collection.own import begun, own_seats
from labeling.people.forms import GoalForm
from labeling.projects.guards import MemberRequest, members
from labeling.projects.roles import Action


@require_GET
@members(Action.LABEL)
def own_labels(request: MemberRequest) -> HttpResponse:
    """What this person labeled last, to look at again."""
    seats = own_seats(request.project, request.user).select_related("task__prompt")[:50]
    shown = {
        "seats": seats,
        "begun": begun(request.project, request.user)[:50],
        "own": own(request),
        "form": GoalForm({"daily_goal": request.user.daily_goal}),
    }
    return render(request, "labeling/collection/own.html", shown)


@require_POST
@members(Action.LABEL)
def change_goal(request: MemberRequest) -> HttpResponse:
    form = GoalForm(request.POST)
    if form.is_valid():
        request.user.daily_goal = form.cleaned_data["daily_goal"]
        request.user.save(update_fields=["daily_goal"])
        messages.success(request, _("Your goal for a day is saved."))
    else:
        messages.error(request, str(form.errors["daily_goal"][0]))
    return redirect("own-labels", slug=request.project.slug)
