"""Views of the page on which a lead chooses what is asked."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from labeling.collection.build_instrument import (
    Questions,
    add_question,
    change_instrument,
    move_question,
    remove_question,
    replace_question,
)
from labeling.collection.forms import NewQuestionForm, PresetForm, QuestionForm
from labeling.collection.kinds import KINDS
from labeling.collection.kinds.base import OptionsForm
from labeling.collection.screen import example_screen
from labeling.errors import Refused
from labeling.projects.guards import MemberRequest, members
from labeling.projects.models import Instrument
from labeling.projects.presets import QUESTIONS
from labeling.projects.questions import Question
from labeling.projects.roles import Action

MOVES = {"up": -1, "down": 1}


class Editing:
    """The forms of one question."""

    def __init__(self, question: Question, posted: Any = None) -> None:
        self.question = question
        self.label = KINDS[question.kind].label
        form: type[OptionsForm] = KINDS[question.kind].form
        initial = {"title": question.title, "required": question.required}
        self.title = QuestionForm(posted, initial=initial, auto_id=f"{question.name}_%s")
        self.options = form(posted, initial=form.initial_of(question.options), auto_id=f"{question.name}_%s")

    @property
    def is_wrong(self) -> bool:
        return bool(self.title.errors or self.options.errors)

    def read(self) -> Question | None:
        """The question as the forms have it; None when they are wrong."""
        if not (self.title.is_valid() and self.options.is_valid()):
            return None
        return replace(self.question, **self.title.cleaned_data, options=self.options.options())


@require_GET
@members(Action.LEAD)
def questions(request: MemberRequest) -> HttpResponse:
    return show(request)


@require_POST
@members(Action.LEAD)
def new_question(request: MemberRequest) -> HttpResponse:
    form = NewQuestionForm(request.POST)
    if not form.is_valid():
        return show(request, new_form=form, status=422)
    kind = form.cleaned_data["kind"]
    return change(request, add_question(kind, form.cleaned_data["title"], dict(KINDS[kind].form.first)))


@require_POST
@members(Action.LEAD)
def use_preset(request: MemberRequest) -> HttpResponse:
    form = PresetForm(request.POST)
    if not form.is_valid():
        return show(request, preset_form=form, status=422)
    return change(request, lambda _questions: list(QUESTIONS[form.cleaned_data["preset"]] or []))


@require_POST
@members(Action.LEAD)
def change_question(request: MemberRequest, name: str) -> HttpResponse:
    """Save, move or remove a question; or, asked by the page as somebody types, show what it would look like."""
    question = find(request, name)
    if (deed := request.POST.get("deed")) in MOVES:
        return change(request, move_question(name, MOVES[deed]))
    if deed == "remove":
        return change(request, remove_question(name))
    editing = Editing(question, request.POST)
    changed = editing.read()
    if request.htmx:
        return preview(request, replace_question(changed or question))
    if changed is None:
        return show(request, edited=editing, status=422)
    return change(request, replace_question(changed))


def find(request: MemberRequest, name: str) -> Question:
    instrument = request.project.current_instrument()
    for question in instrument.questions if instrument else []:
        if question.name == name:
            return question
    raise Http404


def change(request: MemberRequest, made: Callable[[Questions], Questions]) -> HttpResponse:
    try:
        change_instrument(project=request.project, change=made, by=request.user)
    except Refused as refused:
        return show(request, refused=refused, status=422)
    return redirect("questions", slug=request.project.slug)


def preview(request: MemberRequest, made: Callable[[Questions], Questions]) -> HttpResponse:
    instrument = request.project.current_instrument()
    shown = {"screen": example_screen(made(instrument.questions if instrument else []))}
    return render(request, "labeling/collection/_preview.html", shown)


def show(request: MemberRequest, status: int = 200, edited: Editing | None = None, **more: Any) -> HttpResponse:
    instrument: Instrument | None = request.project.current_instrument()
    asked = instrument.questions if instrument else []
    shown = {
        "instrument": instrument,
        "editings": [
            edited if edited and edited.question.name == question.name else Editing(question) for question in asked
        ],
        "screen": example_screen(asked),
        "new_form": NewQuestionForm(),
        "preset_form": PresetForm(),
        **more,
    }
    return render(request, "labeling/collection/questions.html", shown, status=status)
