"""What a row of judgments made elsewhere means, and which questions it answers."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from labeling.collection.answers import Answers, AnswersRefused, clean_answers
from labeling.generation.import_responses import AnsweredPrompt, responses_of
from labeling.projects.questions import MOST_RESPONSES, Question
from labeling.prompts.files import Row, RowRefused, refuse_unknown, text_of
from labeling.prompts.rows import FIELDS as PROMPT_FIELDS
from labeling.prompts.rows import prompt_of, typed

SAID = ("ranks", "preference", "scores", "flags", "comment")
FIELDS = PROMPT_FIELDS | {"responses", "annotator", "created_at", *SAID}
LONGEST_NAME = 120

PREFERENCES: dict[str, str] = {
    **dict.fromkeys(("a", "left", "first", "1"), "A"),
    **dict.fromkeys(("b", "right", "second", "2"), "B"),
    "tie": "tie",
    **dict.fromkeys(("both_bad", "both bad", "tie (both bad)"), "both_bad"),
}


@dataclass(frozen=True)
class Judgment:
    answered: AnsweredPrompt
    annotator: str
    said: dict[str, Any]
    """The fields of SAID that the row has, lists in the order of its responses."""
    created_at: datetime | None
    active_ms: int | None = None


def parse_judgment(row: Row) -> Judgment:
    """Raises RowRefused."""
    refuse_unknown(row, FIELDS)
    responses = responses_of(row)
    if len(responses) > MOST_RESPONSES:
        raise RowRefused(_("a task has at most %(n)d responses.") % {"n": MOST_RESPONSES})
    said = {name: row[name] for name in SAID if row.get(name) is not None}
    if not said:
        raise RowRefused(_("a judgment needs at least one of %(fields)s.") % {"fields": ", ".join(SAID)})
    n_responses = len(responses)
    if "preference" in said:
        said["preference"] = preference_of(said["preference"])
    if "scores" in said:
        said["scores"] = by_name(row, "scores", n_responses, lambda value: value)
    if "flags" in said:
        said["flags"] = by_name(row, "flags", n_responses, truth)
    if "comment" in said:
        said["comment"] = text_of(row, "comment")
    return Judgment(AnsweredPrompt(prompt_of(row), responses), annotator_of(row), said, time_of(row))


def preference_of(value: object) -> str:
    if value == 0 and not isinstance(value, bool):
        raise RowRefused(_("“preference” 0 could mean a tie or the first response: write tie, A or B."))
    preference = PREFERENCES.get(str(value).strip().lower())
    if preference is None or isinstance(value, bool):
        raise RowRefused(
            _("“preference” is “%(value)s”; it can be A, B, tie or both_bad (or left, right, first, second, 1, 2).")
            % {"value": value}
        )
    return preference


def truth(value: object) -> object:
    """0 and 1 as they are written in tables; anything else is left for the flags to judge."""
    return bool(value) if value in (0, 1) else value


def by_name(row: Row, field: str, n_responses: int, convert: Callable[[object], object]) -> dict[str, list[object]]:
    """{name: [a value for each response]}; a bare value will do where there is one response."""
    named = typed(row, field, dict, {})
    values = {}
    for name, given in named.items():
        one_each = given if isinstance(given, list) else [given] if n_responses == 1 else None
        if not 0 < len(name) <= LONGEST_NAME or one_each is None or len(one_each) != n_responses:
            raise RowRefused(
                _("“%(field)s.%(name)s” must be a list with one value for each of the %(n)d responses.")
                % {"field": field, "name": name, "n": n_responses}
            )
        values[name] = [convert(value) for value in one_each]
    return values


def annotator_of(row: Row) -> str:
    value = row.get("annotator")
    name = str(value).strip() if isinstance(value, (str, int)) and not isinstance(value, bool) else ""
    if not 0 < len(name) <= LONGEST_NAME or not name.isprintable():
        raise RowRefused(_("“annotator” must be a name of 1 to %(n)d characters.") % {"n": LONGEST_NAME})
    return name


def time_of(row: Row) -> datetime | None:
    text = text_of(row, "created_at", 40)
    if not text:
        return None
    try:
        time = parse_datetime(text)
    except ValueError:
        time = None
    if time is None:
        raise RowRefused(_("“created_at” is “%(value)s”; write it like 2026-11-22T09:30:00Z.") % {"value": text})
    return time if time.tzinfo else time.replace(tzinfo=UTC)


class Questionnaire:
    """Finds the questions that judgments answer: those a project has, or new ones as the rows bring them."""

    def __init__(self, questions: list[Question] | None) -> None:
        self.grows = questions is None
        self.questions = {question.name: question for question in questions or []}

    def answers(self, judgment: Judgment) -> Answers:
        """The judgment as stored answers. Raises RowRefused."""
        given: Answers = {}
        for field, value in judgment.said.items():
            given |= getattr(self, f"_{field}")(value)
        try:
            return clean_answers(self.questions.values(), given, len(judgment.answered.responses), complete=False)
        except AnswersRefused as refused:
            raise RowRefused(str(refused)) from None

    def _ranks(self, value: Any) -> Answers:
        return {self._of_kind("ranking", "ranking", gettext_noop("Rank the responses"), "ranks"): value}

    def _preference(self, value: Any) -> Answers:
        return {self._of_kind("pairwise", "preference", gettext_noop("Which response is better?"), "preference"): value}

    def _comment(self, value: Any) -> Answers:
        return {self._of_kind("comment", "comment", gettext_noop("Comment"), "comment"): value}

    def _of_kind(self, kind: str, name: str, title: str, field: str) -> str:
        """The name of the one question of a kind."""
        for question in self.questions.values():
            if question.kind == kind:
                return question.name
        return self._add(Question(name, kind, title), field)

    def _scores(self, value: dict[str, list[Any]]) -> Answers:
        for name, numbers in value.items():
            known = self.questions.get(name)
            if known is None:
                self._add(Question(name, "likert", name, options=span(numbers)), f"scores.{name}")
            elif known.kind != "likert":
                raise RowRefused(_("“scores.%(name)s” has the name of another question.") % {"name": name})
            elif self.grows:
                low, high = known.options["low"], known.options["high"]
                self.questions[name] = replace(known, options=span([low, high, *numbers]))
        return dict(value)

    def _flags(self, value: dict[str, list[Any]]) -> Answers:
        name = self._of_kind("flags", "flags", gettext_noop("Flags"), "flags")
        question = self.questions[name]
        flags = question.options.get("flags", {})
        if self.grows:
            self.questions[name] = replace(question, options={"flags": {**{flag: flag for flag in value}, **flags}})
        return {name: value}

    def _add(self, question: Question, field: str) -> str:
        if not self.grows:
            raise RowRefused(
                _("this project does not ask for “%(field)s”; its questions are %(names)s.")
                % {"field": field, "names": ", ".join(self.questions)}
            )
        self.questions[question.name] = question
        return question.name


def span(numbers: list[Any]) -> dict[str, Any]:
    """The range that whole numbers take up; what is none is left for the scale to refuse."""
    whole = [number for number in numbers if isinstance(number, int)]
    return {"low": min(whole, default=0), "high": max(whole, default=0)}
