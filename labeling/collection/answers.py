"""The answers to all questions of an instrument."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from typing import Any

from django.utils.translation import gettext as _

from labeling.collection.kinds import KINDS, AnswerRefused
from labeling.collection.kinds.base import Posted
from labeling.errors import Refused
from labeling.projects.questions import Question

Answers = dict[str, Any]


class AnswersRefused(Refused):
    """Some answers are wrong or missing: `problems` says what, by question name."""

    def __init__(self, problems: dict[str, str]) -> None:
        self.problems = problems
        super().__init__(" ".join(f"{name}: {problem}" for name, problem in problems.items()))


def read_answers(questions: Iterable[Question], posted: Posted, n_responses: int) -> Answers:
    """What a form sent, right or wrong."""
    read = {question.name: KINDS[question.kind].read(question, posted, n_responses) for question in questions}
    return {name: answer for name, answer in read.items() if answer is not None}


def clean_answers(questions: Iterable[Question], given: Answers, n_responses: int, *, complete: bool = True) -> Answers:
    """The answers as they are stored, without the questions left out. Raises AnswersRefused.

    Required questions may be left out, or be answered in part, unless `complete`.
    """
    cleaned: Answers = {}
    problems: dict[str, str] = {}
    for question in questions:
        if question.name in given:
            asked = question if complete else replace(question, required=False)
            try:
                cleaned[question.name] = KINDS[question.kind].clean(asked, given[question.name], n_responses)
            except AnswerRefused as refused:
                problems[question.name] = str(refused)
        elif question.required and complete:
            problems[question.name] = _("No answer yet.")
    if problems:
        raise AnswersRefused(problems)
    return cleaned


def without_unasked(questions: Iterable[Question], answers: Answers, prompt_flags: Collection[str]) -> Answers:
    """Leaves out the flags that were not asked: those that need a flag of the prompt which nobody raised."""
    questions = list(questions)
    raised = set(prompt_flags)
    for question in questions:
        if question.kind == "prompt_flags":
            raised |= {flag for flag, value in answers.get(question.name, {}).items() if value}
    asked = dict(answers)
    for question in questions:
        when = question.options.get("when")
        if when and question.name in asked:
            asked[question.name] = {
                flag: values
                for flag, values in asked[question.name].items()
                if flag not in when or raised.intersection(when[flag])
            }
    return asked


def reordered(questions: Iterable[Question], answers: Answers, shown: Sequence[int], order: Sequence[int]) -> Answers:
    """Answers given with the responses as `shown`, as they read with them in another `order`; both are response ids."""
    places = [list(shown).index(response) for response in order]
    kinds = {question.name: KINDS[question.kind] for question in questions}
    return {name: kinds[name].reordered(answer, places) for name, answer in answers.items() if name in kinds}
