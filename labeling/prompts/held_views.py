from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from labeling.errors import Refused
from labeling.projects.guards import MemberRequest, members
from labeling.projects.roles import Action
from labeling.prompts.decide import Decision, decide
from labeling.prompts.excerpts import excerpts

PER_PAGE = 20


class DecisionForm(forms.Form):
    decision = forms.ChoiceField(choices=Decision.choices)
    prompt_id = forms.IntegerField(required=False)


@require_GET
@members(Action.LEAD)
def held(request: MemberRequest) -> HttpResponse:
    """The prompts that wait for a decision, with the personal data that was found in them."""
    page = Paginator(request.project.prompts.held().order_by("pk"), PER_PAGE).get_page(request.GET.get("page"))
    shown = [(prompt, list(excerpts(prompt))) for prompt in page]
    return render(request, "labeling/prompts/held.html", {"page": page, "held": shown, "decisions": Decision})


@require_POST
@members(Action.LEAD)
def decide_held(request: MemberRequest) -> HttpResponse:
    """On one prompt, or on all."""
    form = DecisionForm(request.POST)
    if form.is_valid():
        chosen = Decision(form.cleaned_data["decision"])
        try:
            n_decided = decide(
                project=request.project, decision=chosen, prompt_id=form.cleaned_data["prompt_id"], by=request.user
            )
            messages.success(request, chosen.said(n_decided))
        except Refused as refused:
            messages.error(request, str(refused))
    return redirect("held-prompts", slug=request.project.slug)
