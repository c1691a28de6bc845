from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from labeling.collection.kinds.base import AnswerRefused, NotComparing, OptionsForm, Posted, field, shared
from labeling.collection.kinds.flag_lists import FlagsField, as_lines, names
from labeling.projects.questions import Question


class PromptFlagsForm(OptionsForm):
    first = {"flags": {"ambiguous": "Ambiguous"}}
    flags = FlagsField()

    @classmethod
    def initial_of(cls, options: Mapping[str, Any]) -> dict[str, Any]:
        return {"flags": as_lines(options["flags"])}


class PromptFlags(NotComparing):
    """Properties of the prompt: {flag: bool}. They decide which flags of responses are asked."""

    label = gettext_lazy("Flags of the prompt")
    template = "labeling/collection/kinds/prompt_flags.html"
    form = PromptFlagsForm
    about = "prompt"
    gauge = "flags"

    def widget(self, question: Question, answer: Any, n_responses: int, place: int) -> dict[str, Any]:
        raised = answer if isinstance(answer, dict) else {}
        return {
            "boxes": [
                {"name": field(question, flag), "flag": flag, "label": _(label), "checked": bool(raised.get(flag))}
                for flag, label in question.options["flags"].items()
            ]
        }

    def read(self, question: Question, posted: Posted, n_responses: int) -> dict[str, bool]:
        return {flag: field(question, flag) in posted for flag in question.options["flags"]}

    def clean(self, question: Question, answer: Any, n_responses: int) -> dict[str, bool]:
        if not isinstance(answer, dict) or not all(isinstance(value, bool) for value in answer.values()):
            raise AnswerRefused(_("Flags are given by name, and are either true or false."))
        if unknown := answer.keys() - question.options["flags"].keys():
            raise AnswerRefused(_("There is no flag %(names)s.") % {"names": names(unknown)})
        return answer

    def agreement(self, answer: Any, known: Any) -> tuple[int, int]:
        return shared(answer, known)

    def told(self, question: Question, answer: Any) -> str:
        return ", ".join(_(label) for flag, label in question.options["flags"].items() if answer.get(flag)) or "–"
