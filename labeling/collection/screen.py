"""What the labeling screen shows of a task. Blind: nothing here says which endpoint a response came from."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from labeling.assignment.models import Task
from labeling.assignment.order import shown_order
from labeling.collection.answers import Answers
from labeling.collection.kinds import KINDS
from labeling.collection.kinds.base import LETTERS
from labeling.people.models import User
from labeling.projects.questions import Question
from labeling.prompts.models import Prompt


@dataclass(frozen=True)
class Widget:
    """One question as its kind's template shows it."""

    question: Question
    template: str
    shows: dict[str, Any]
    problem: str | None


@dataclass(frozen=True)
class Card:
    letter: str
    text: str
    widgets: list[Widget]


@dataclass(frozen=True)
class Screen:
    task: Task
    prompt: Prompt
    cards: list[Card]
    widgets: list[Widget]
    """The questions about the task as a whole."""


def screen_of(
    task: Task, user: User, answers: Answers | None = None, problems: Mapping[str, str] | None = None
) -> Screen:
    """The task as this person sees it, with what they answered so far and what was wrong with it."""
    texts = dict(task.candidates.values_list("response_id", "response__text"))
    order = shown_order(task, user, list(texts))
    questions = task.instrument.questions

    def widget(question: Question, place: int = 0) -> Widget:
        kind = KINDS[question.kind]
        answer = (answers or {}).get(question.name)
        shows = kind.widget(question, answer, len(order), place)
        return Widget(question, kind.template, shows, (problems or {}).get(question.name))

    return Screen(
        task=task,
        prompt=task.prompt,
        cards=[
            Card(
                LETTERS[place],
                texts[response],
                [widget(question, place) for question in questions if KINDS[question.kind].of_each],
            )
            for place, response in enumerate(order)
        ],
        widgets=[widget(question) for question in questions if not KINDS[question.kind].of_each],
    )
