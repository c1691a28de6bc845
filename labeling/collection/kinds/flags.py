from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from labeling.collection.kinds.base import LETTERS, AnswerRefused, NotComparing, OptionsForm, Posted, at, field, shared
from labeling.collection.kinds.flag_lists import FlagsField, as_lines, names
from labeling.projects.questions import Question


class FlagsForm(OptionsForm):
    first = {"flags": {"fails_instruction": "Fails to follow the instruction or task"}, "when": {}}
    flags = FlagsField()
    when = forms.CharField(
        label=gettext_lazy("Asked only when"),
        required=False,
        widget=forms.Textarea({"rows": 2}),
        help_text=gettext_lazy(
            "One a line, as “flag: prompt flag, prompt flag”: asked only of prompts that have one of these."
        ),
    )

    def clean(self) -> dict[str, Any]:
        cleaned = dict(super().clean() or {})
        when: dict[str, list[str]] = {}
        for line in cleaned.get("when", "").splitlines():
            flag, _colon, conditions = line.partition(":")
            given = [condition.strip() for condition in conditions.split(",") if condition.strip()]
            if flag.strip() and flag.strip() not in cleaned.get("flags", {}):
                self.add_error("when", _("There is no flag %(names)s.") % {"names": flag.strip()})
            elif given:
                when[flag.strip()] = given
        return cleaned | {"when": when}

    @classmethod
    def initial_of(cls, options: Mapping[str, Any]) -> dict[str, Any]:
        when = {flag: ", ".join(conditions) for flag, conditions in options.get("when", {}).items()}
        return {"flags": as_lines(options["flags"]), "when": as_lines(when)}


class Flags(NotComparing):
    """Yes or no to each of several properties of each response: {flag: [bool or None for each response]}.

    `when` names, for some flags, the prompt flags of which one must be raised for the flag to be asked.
    """

    label = gettext_lazy("Flags of each response")
    template = "labeling/collection/kinds/flags.html"
    form = FlagsForm
    about = "response"
    gauge = "flags"

    def widget(self, question: Question, answer: Any, n_responses: int, place: int) -> dict[str, Any]:
        raised = answer if isinstance(answer, dict) else {}
        when = question.options.get("when", {})
        return {
            "boxes": [
                {
                    "name": field(question, flag, place),
                    "flag": flag,
                    "label": _(label),
                    "checked": bool(at(raised.get(flag), place)),
                    "when": " ".join(when.get(flag, [])),
                }
                for flag, label in question.options["flags"].items()
            ]
        }

    def read(self, question: Question, posted: Posted, n_responses: int) -> dict[str, list[bool]]:
        """A form's box that is not ticked says no: on the screen every flag is asked of every response."""
        return {
            flag: [field(question, flag, place) in posted for place in range(n_responses)]
            for flag in question.options["flags"]
        }

    def clean(self, question: Question, answer: Any, n_responses: int) -> dict[str, list[bool | None]]:
        if not isinstance(answer, dict):
            raise AnswerRefused(_("Flags must be given by name."))
        if unknown := answer.keys() - question.options["flags"].keys():
            raise AnswerRefused(_("There is no flag %(names)s.") % {"names": names(unknown)})
        for flag, values in answer.items():
            if not isinstance(values, list) or len(values) != n_responses:
                raise AnswerRefused(
                    _("The flag %(flag)s needs one value for each of the %(n)d responses.")
                    % {"flag": flag, "n": n_responses}
                )
            if not all(value is None or isinstance(value, bool) for value in values):
                raise AnswerRefused(_("The flag %(flag)s is either true or false.") % {"flag": flag})
        return answer

    def ratings(self, answer: Any) -> dict[str, Sequence[int | None]]:
        return {flag: [None if value is None else int(value) for value in values] for flag, values in answer.items()}

    def agreement(self, answer: Any, known: Any) -> tuple[int, int]:
        return shared(singly(answer), singly(known))

    def reordered(self, answer: Any, places: Sequence[int]) -> Any:
        return {flag: [values[place] for place in places] for flag, values in answer.items()}

    def told(self, question: Question, answer: Any) -> str:
        raised = []
        for flag, label in question.options["flags"].items():
            letters = [letter for letter, value in zip(LETTERS, answer.get(flag, []), strict=False) if value]
            if letters:
                raised.append(f"{', '.join(letters)}: {_(label)}")
        return " · ".join(raised) or "–"


def singly(answer: Mapping[str, Sequence[bool | None]]) -> dict[str, bool | None]:
    return {f"{flag}.{place}": value for flag, values in answer.items() for place, value in enumerate(values)}
