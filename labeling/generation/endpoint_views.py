from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from labeling.errors import Refused
from labeling.generation.add_endpoint import add_endpoint, change_endpoint
from labeling.generation.forms import EndpointForm, TrialForm
from labeling.generation.models import Endpoint, EndpointState, Provider, Trial
from labeling.generation.store import note
from labeling.generation.try_endpoint import start_trial
from labeling.generation.wake import call_to_check
from labeling.projects.guards import MemberRequest, members
from labeling.projects.roles import Action

ASKABLE = [Provider.LOCAL, Provider.OPENAI]


@require_http_methods(["GET", "POST"])
@members(Action.LEAD)
def new_endpoint(request: MemberRequest) -> HttpResponse:
    provider = Provider.OPENAI if request.GET.get("provider") == Provider.OPENAI else Provider.LOCAL
    form = EndpointForm(provider, request.POST or None, instance=Endpoint(project=request.project))
    if request.method == "POST" and form.is_valid():
        try:
            endpoint = add_endpoint(project=request.project, provider=provider, by=request.user, **form.cleaned_data)
            return redirect("endpoint", slug=request.project.slug, endpoint_id=endpoint.pk)
        except Refused as refused:
            form.add_error(None, str(refused))
    shown = {"form": form, "provider": provider, "providers": ASKABLE}
    return render(request, "labeling/generation/new_endpoint.html", shown, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "POST"])
@members(Action.LEAD)
def endpoint(request: MemberRequest, endpoint_id: int) -> HttpResponse:
    """How an endpoint is, how it is asked, and a box to try it; its state alone for htmx."""
    asked = askable(request, endpoint_id)
    if request.htmx:
        return render(request, "labeling/generation/_state.html", {"endpoint": asked})
    form = EndpointForm(asked.provider, request.POST or None, instance=askable(request, endpoint_id))
    if request.method == "POST" and form.is_valid():
        try:
            changed = change_endpoint(endpoint=asked, by=request.user, **form.cleaned_data)
            messages.success(request, _("The endpoint is changed."))
            if asked.encrypted_key and not changed.encrypted_key:
                messages.error(request, _("Its key was not taken along to another server: enter it anew."))
            return redirect("endpoint", slug=request.project.slug, endpoint_id=asked.pk)
        except Refused as refused:
            form.add_error(None, str(refused))
    shown = {"endpoint": asked, "form": form, "trial_form": TrialForm(), "trial": asked.trials.last()}
    return render(request, "labeling/generation/endpoint.html", shown, status=422 if form.is_bound else 200)


@require_POST
@members(Action.LEAD)
def check_endpoint(request: MemberRequest, endpoint_id: int) -> HttpResponse:
    asked = askable(request, endpoint_id)
    note(asked, EndpointState.UNKNOWN)
    call_to_check(asked)
    return redirect("endpoint", slug=request.project.slug, endpoint_id=endpoint_id)


@require_POST
@members(Action.LEAD)
def try_endpoint(request: MemberRequest, endpoint_id: int) -> HttpResponse:
    form = TrialForm(request.POST)
    asked = askable(request, endpoint_id)
    if form.is_valid():
        start_trial(endpoint=asked, prompt=form.cleaned_data["prompt"], by=request.user)
    else:
        messages.error(request, _("Write a prompt to try it with."))
    return redirect("endpoint", slug=request.project.slug, endpoint_id=asked.pk)


@require_GET
@members(Action.LEAD)
def trial(request: MemberRequest, endpoint_id: int, trial_id: int) -> HttpResponse:
    """An answer as far as it has come."""
    found = get_object_or_404(Trial, endpoint=askable(request, endpoint_id), pk=trial_id)
    return render(
        request, "labeling/generation/_trial.html", {"trial": found, "endpoint": found.endpoint, "beside": True}
    )


def askable(request: MemberRequest, endpoint_id: int) -> Endpoint:
    return get_object_or_404(request.project.endpoints.filter(provider__in=ASKABLE), pk=endpoint_id)
