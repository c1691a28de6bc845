"""Which questions judgments made elsewhere answer: those that a project has, or new ones as the rows bring them."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from labeling.collection.answers import Answers, AnswersRefused, clean_answers
from labeling.collection.judgments import JudgedField, Judgment
from labeling.collection.kinds.base import whole_number
from labeling.projects.questions import Question
from labeling.prompts.files import RowRefused


class Asked(NamedTuple):
    """What a field answers: questions of a kind; what a new one is called where the file does not say."""

    kind: str
    name: str
    title: str


ASKED: Mapping[str, Asked] = {
    "ranks": Asked("ranking", "ranking", gettext_noop("Rank the responses")),
    "preference": Asked("pairwise", "preference", gettext_noop("Which response is better?")),
    "scores": Asked("likert", "", ""),
    "flags": Asked("flags", "flags", gettext_noop("Flags")),
    "comment": Asked("comment", "comment", gettext_noop("Comment")),
    "demonstration": Asked("demonstration", "demonstration", gettext_noop("Write the ideal response")),
    "refinement": Asked("refinement", "refinement", gettext_noop("Edit the response")),
    "prompt_flags": Asked("prompt_flags", "prompt_flags", gettext_noop("Flags of the prompt")),
    "said_use_case": Asked("use_case", "use_case", gettext_noop("Use case of the prompt")),
}


class Questionnaire:
    """It grows where a project asks nothing yet."""

    def __init__(self, questions: list[Question] | None) -> None:
        self.grows = questions is None
        self.questions = {question.name: question for question in questions or []}

    def answers(self, judgment: Judgment) -> Answers:
        """The judgment as stored answers. Raises RowRefused."""
        given: Answers = {}
        fields: dict[str, str] = {}
        for said, value in judgment.said.items():
            if said.field in ("flags", "prompt_flags"):
                name, flag = self._flag(said)
                given.setdefault(name, {})[flag] = value
                fields[name] = said.field
            else:
                name = self._question(said, value)
                given[name] = value
                fields[name] = str(said)
        try:
            return clean_answers(self.questions.values(), given, len(judgment.answered.responses), complete=False)
        except AnswersRefused as refused:
            problems = (f"“{fields[name]}”: {problem}" for name, problem in refused.problems.items())
            raise RowRefused(" ".join(problems)) from None

    def _question(self, said: JudgedField, value: Any) -> str:
        """The name of the question that is answered."""
        asked = ASKED[said.field]
        called, free = self._called(said.name or asked.name, asked.kind)
        fitting = [one for one in (called if said.name else self.questions.values()) if one.kind == asked.kind]
        known = next((one for one in fitting if takes(one, value)), None)
        if self.grows:
            known = known or self.questions.setdefault(free, Question(free, asked.kind, said.name or asked.title))
            options = widened(known, value)
            if options != known.options:
                self.questions[known.name] = replace(known, options=options)
            return known.name
        if not fitting:
            raise self._unasked(said)
        return (known or fitting[0]).name

    def _flag(self, said: JudgedField) -> tuple[str, str]:
        """The question that has the flag, and the flag: its name may follow that of the question."""
        asked = ASKED[said.field]
        of_kind = [question for question in self.questions.values() if question.kind == asked.kind]
        for question in of_kind:
            if said.name in question.options["flags"]:
                return question.name, said.name
        if self.grows:
            _called, free = self._called(asked.name, asked.kind)
            last = of_kind[-1] if of_kind else Question(free, asked.kind, asked.title, options={"flags": {}})
            self.questions[last.name] = replace(last, options={"flags": last.options["flags"] | {said.name: said.name}})
            return last.name, said.name
        for question in of_kind:
            flag = said.name.removeprefix(f"{question.name}.")
            if flag in question.options["flags"]:
                return question.name, flag
        raise self._unasked(said)

    def _called(self, name: str, kind: str) -> tuple[list[Question], str]:
        """The questions that may be meant by the name, and a name that is free: that of another kind is followed by
        its kind."""
        called = []
        while name in self.questions:
            called.append(self.questions[name])
            name = f"{name}_{kind}"
        return called, name

    def _unasked(self, said: JudgedField) -> RowRefused:
        return RowRefused(
            _("this project does not ask for “%(field)s”; its questions are %(names)s.")
            % {"field": said, "names": ", ".join(self.questions)}
        )


def takes(question: Question, value: Any) -> bool:
    """Whether a preference is as strong as the question wants it: with a degree or without; ties have none."""
    levels = question.options.get("levels")
    if question.kind != "pairwise" or levels is None or value[0] not in "AB":
        return True
    return bool((levels > 1) == (value[1:] != ""))


def widened(question: Question, value: Any) -> Mapping[str, Any]:
    """The options of a question that takes this answer as well; what is no answer to it is left for it to refuse."""
    options = question.options
    if question.kind == "likert":
        numbers = [*options.values(), *(number for one in value if (number := whole_number(one)) is not None)]
        return {"low": min(numbers, default=0), "high": max(numbers, default=0)}
    if question.kind == "pairwise" and value[0] in "AB":
        return {"levels": max(2, int(value[1:]), options.get("levels", 0)) if value[1:] else 1}
    return options
