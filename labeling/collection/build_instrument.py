"""Change what a project asks."""

import re
from collections.abc import Callable
from dataclasses import replace
from itertools import chain, count
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from labeling.audit import record
from labeling.collection.kinds import KINDS
from labeling.errors import Refused
from labeling.people.models import User
from labeling.projects.create_project import add_instrument
from labeling.projects.models import Instrument, Project
from labeling.projects.questions import Question

Questions = list[Question]
MOST_QUESTIONS = 20


@transaction.atomic
def change_instrument(
    *, project: Project, change: Callable[[Questions], Questions], by: User | None = None
) -> Instrument:
    """Ask what `change` makes of the questions asked now. Raises Refused when they are too many.

    Questions that have been labeled with stay as they are: then the change is another version, for new tasks.
    """
    Project.objects.select_for_update(no_key=True).get(pk=project.pk)
    instrument = project.instruments.select_for_update(no_key=True).order_by("-version").first()
    questions = change(instrument.questions if instrument else [])
    if len(questions) > MOST_QUESTIONS:
        raise Refused(_("A project asks at most %(n)d questions.") % {"n": MOST_QUESTIONS})
    questions = renamed(questions, labeled_questions(project))
    if instrument is None or instrument.frozen_at:
        instrument = add_instrument(project=project, questions=questions)
    else:
        instrument.stored_questions = [question.to_json() for question in questions]
        instrument.save(update_fields=["stored_questions"])
    names = [question.name for question in questions]
    record("instrument.changed", actor=by, project_id=project.pk, version=instrument.version, questions=names)
    return instrument


def labeled_questions(project: Project) -> Questions:
    frozen = project.instruments.filter(frozen_at__isnull=False)
    return [question for instrument in frozen for question in instrument.questions]


def renamed(questions: Questions, labeled: Questions) -> Questions:
    """Questions that would bear the name of another one that was labeled with get a new one: data sets go by name."""
    taken = {question.name for question in [*questions, *labeled]}
    made = []
    for question in questions:
        if any(question.name == old.name and not is_measured_alike(question, old) for old in labeled):
            question = replace(question, name=free_name(question.name, question.kind, taken))
            taken.add(question.name)
        made.append(question)
    return made


def is_measured_alike(question: Question, old: Question) -> bool:
    """Whether answers to both can be counted as one: of the same kind, and on the same scale."""
    scales = [(one.kind, one.options.get("low"), one.options.get("high")) for one in (question, old)]
    return scales[0] == scales[1]


def add_question(kind: str, title: str, options: dict[str, Any]) -> Callable[[Questions], Questions]:
    def change(questions: Questions) -> Questions:
        name = free_name(title, kind, {question.name for question in questions})
        return [*questions, Question(name, kind, title, required=KINDS[kind].compares, options=options)]

    return change


def replace_question(new: Question) -> Callable[[Questions], Questions]:
    return lambda questions: [new if question.name == new.name else question for question in questions]


def remove_question(name: str) -> Callable[[Questions], Questions]:
    return lambda questions: [question for question in questions if question.name != name]


def move_question(name: str, by: int) -> Callable[[Questions], Questions]:
    def change(questions: Questions) -> Questions:
        moved = list(questions)
        place = next((number for number, question in enumerate(moved) if question.name == name), 0)
        other = min(max(place + by, 0), len(moved) - 1)
        moved[place], moved[other] = moved[other], moved[place]
        return moved

    return change


def free_name(title: str, kind: str, taken: set[str]) -> str:
    """What data sets call the question: from its title where that has Latin letters, else from its kind."""
    base = re.sub(r"[^a-z0-9]+", "_", title.lower()).strip("_")[:40] or kind
    names = chain([base], (f"{base}_{number}" for number in count(2)))
    return next(name for name in names if name not in taken)
