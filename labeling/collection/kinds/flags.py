from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _

from labeling.collection.kinds.base import AnswerRefused, NotComparing, Posted, at, field
from labeling.projects.questions import Question


class Flags(NotComparing):
    """Yes or no to each of several properties of each response: {flag: [bool or None for each response]}."""

    template = "labeling/collection/kinds/flags.html"
    of_each = True

    def widget(self, question: Question, answer: Any, n_responses: int, place: int) -> dict[str, Any]:
        raised = answer if isinstance(answer, dict) else {}
        return {
            "boxes": [
                {"name": field(question, flag, place), "label": _(label), "checked": bool(at(raised.get(flag), place))}
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
        if unknown := sorted(answer.keys() - question.options["flags"].keys()):
            raise AnswerRefused(_("There is no flag %(names)s.") % {"names": ", ".join(unknown)})
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
