"""What the labeling screen shows of a task. Blind, unless the project reveals models: then `Card.model` names them."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from typing import Any

from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, gettext, gettext_noop

from labeling.assignment.models import Task
from labeling.assignment.order import shown_order
from labeling.collection.answers import Answers
from labeling.collection.kinds import KINDS
from labeling.collection.kinds.base import LETTERS, About
from labeling.markup import to_html
from labeling.people.models import User
from labeling.projects.questions import Question, responses_for
from labeling.prompts.given import GivenPrompt
from labeling.prompts.models import Prompt, PromptImage


@dataclass(frozen=True)
class Widget:
    """One question as its kind's template shows it."""

    question: Question
    template: str
    shows: dict[str, Any]


@dataclass(frozen=True)
class Text:
    """Something that was said, by whom; as source and rendered, with the images that were shown with it."""

    role: str
    source: str
    language: str = ""
    images: Sequence[PromptImage] = ()

    @property
    def html(self) -> SafeString:
        return to_html(self.source)


@dataclass(frozen=True)
class Card:
    letter: str
    text: Text
    model: str
    """Which endpoint wrote it; empty while the project does not say so."""
    questions: SafeString
    """Those about this response alone, as form controls."""

    @property
    def name(self) -> str:
        return gettext("Response %(letter)s") % {"letter": self.letter}

    @property
    def enlarge(self) -> str:
        return gettext("Enlarge response %(letter)s") % {"letter": self.letter}


@dataclass(frozen=True)
class Screen:
    turns: list[Text]
    cards: list[Card]
    about_prompt: SafeString
    writing: SafeString
    """The questions answered by a long text."""
    about_task: SafeString
    """The other questions about the task as a whole."""
    prompt_flags: list[str]
    problems: list[tuple[str, str, str]]
    """The questions whose answers were refused: name, title, and why."""
    has_stages: bool
    """Whether something is asked of each response that has to be answered before all are compared."""


@lru_cache(maxsize=2048)
def render_blank(
    questions: str, n_responses: int, about: About, place: int, written: bool, language: str
) -> SafeString:
    """The controls of unanswered questions, which are the same at every task."""
    asked = [Question.from_json(stored) for stored in json.loads(questions)]
    return render_widgets(asked, {}, n_responses, about, place, written)


def render_widgets(
    questions: Iterable[Question], answers: Answers, n_responses: int, about: About, place: int, written: bool
) -> SafeString:
    kinds = [(question, KINDS[question.kind]) for question in questions]
    widgets = [
        Widget(question, kind.template, kind.widget(question, answers.get(question.name), n_responses, place))
        for question, kind in kinds
        if kind.about == about and kind.is_written == written
    ]
    shown = {"widgets": widgets, "letter": LETTERS[place]}
    return mark_safe(render_to_string("labeling/collection/_widgets.html", shown).strip())  # noqa: S308


class Controls:
    """The questions as form controls, with what was answered so far."""

    def __init__(self, questions: list[Question], n_responses: int, answers: Answers) -> None:
        self.questions = questions
        self.key = json.dumps([question.to_json() for question in questions])
        self.n_responses = n_responses
        self.answers = answers

    def about(self, about: About, place: int = 0, *, written: bool = False) -> SafeString:
        where = (self.n_responses, about, place, written)
        asked = [question.name for question in self.questions if KINDS[question.kind].about == about]
        if self.answers.keys().isdisjoint(asked):
            return render_blank(self.key, *where, language=get_language() or "")
        return render_widgets(self.questions, self.answers, *where)


def make_screen(
    turns: list[Text],
    responses: list[tuple[str, str]],
    questions: list[Question],
    answers: Answers,
    flags: list[str],
    problems: Mapping[str, str] | None = None,
) -> Screen:
    controls = Controls(questions, len(responses), answers)
    kinds = [(question, KINDS[question.kind]) for question in questions]
    found = problems or {}
    rates = any(question.required and kind.about == "response" for question, kind in kinds)
    return Screen(
        turns=turns,
        cards=[
            Card(LETTERS[place], Text("assistant", text), model, controls.about("response", place))
            for place, (text, model) in enumerate(responses)
        ],
        about_prompt=controls.about("prompt"),
        writing=controls.about("task", written=True),
        about_task=controls.about("task"),
        prompt_flags=flags,
        problems=[(one.name, one.shown_title, found[one.name]) for one in questions if one.name in found],
        has_stages=bool(responses) and rates and any(kind.compares for _question, kind in kinds),
    )


def screen_of(
    task: Task, user: User, answers: Answers | None = None, problems: Mapping[str, str] | None = None
) -> Screen:
    """The task as this person sees it, with what they answered so far and what was wrong with it."""
    reveals = task.project.reveals_models
    responses = {pk: (text, model if reveals else "") for pk, (text, model) in task.texts.items()}
    order = shown_order(task, user, list(responses))
    questions = task.instrument.questions
    shown = [responses[response] for response in order]
    given = {**opening_answers(task, questions, shown), **(answers or {})}
    turns = turns_of(task.prompt, task.prompt.shown_images)
    return make_screen(turns, shown, questions, given, sorted(task.prompt.flags), problems)


def example_screen(questions: list[Question]) -> Screen:
    """What the questions look like, with made-up texts and two or three responses where there can be so many."""
    low, high = responses_for(questions)
    responses = [(gettext(text), "") for text in EXAMPLES[: max(low, min(high, len(EXAMPLES)))]]
    flags = sorted({flag for question in questions for flag in chain(*question.options.get("when", {}).values())})
    turns = [Text("user", gettext("Why is the sky blue?"))]
    return make_screen(turns, responses, questions, {}, flags)


EXAMPLES = [
    gettext_noop("Because air scatters **blue** light more than red light."),
    gettext_noop("It reflects the sea."),
    gettext_noop("Sunlight meets molecules of air, which send short waves off in all directions."),
]


def turns_of(prompt: Prompt | GivenPrompt, images: Sequence[PromptImage] = ()) -> list[Text]:
    system = [Text("system", prompt.system)] if prompt.system else []
    earlier = [Text(turn["role"], turn["content"]) for turn in prompt.history]
    return [*system, *earlier, Text("user", prompt.text, prompt.language, images)]


def opening_answers(task: Task, questions: list[Question], responses: list[tuple[str, str]]) -> Answers:
    """What is known of the prompt before anybody reads it, and the text from which an edit starts."""
    flags = task.prompt.flags
    known: Answers = {}
    for question in questions:
        if question.kind == "prompt_flags" and flags:
            known[question.name] = {flag: flag in flags for flag in question.options["flags"]}
        elif question.kind == "use_case" and task.prompt.use_case:
            known[question.name] = task.prompt.use_case
        elif question.kind == "refinement" and responses:
            known[question.name] = {"of": LETTERS[0], "text": responses[0][0]}
    return known
