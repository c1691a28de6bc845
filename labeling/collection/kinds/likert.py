from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _

from labeling.collection.kinds.base import (
    LETTERS,
    AnswerRefused,
    NotComparing,
    Posted,
    at,
    field,
    whole_number,
)
from labeling.projects.questions import Question


class Likert(NotComparing):
    """A whole number from `low` to `high` for each response; None for those left out."""

    template = "labeling/collection/kinds/likert.html"
    of_each = True

    def widget(self, question: Question, answer: Any, n_responses: int, place: int) -> dict[str, Any]:
        options = question.options
        return {
            "name": field(question, place),
            "values": range(options["low"], options["high"] + 1),
            "chosen": whole_number(at(answer, place)),
            "low_label": _(options["low_label"]) if "low_label" in options else "",
            "high_label": _(options["high_label"]) if "high_label" in options else "",
        }

    def read(self, question: Question, posted: Posted, n_responses: int) -> list[Any] | None:
        values = [posted.get(field(question, place)) for place in range(n_responses)]
        return values if any(values) else None

    def clean(self, question: Question, answer: Any, n_responses: int) -> list[int | None]:
        low, high = question.options["low"], question.options["high"]
        if not isinstance(answer, list) or len(answer) != n_responses:
            raise AnswerRefused(_("Give one value to each of the %(n)d responses.") % {"n": n_responses})
        values: list[int | None] = []
        for letter, given in zip(LETTERS, answer, strict=False):
            value = whole_number(given)
            if value is None and given not in (None, ""):
                raise AnswerRefused(
                    _("“%(value)s” for %(letter)s is not a whole number.") % {"value": given, "letter": letter}
                )
            if value is not None and not low <= value <= high:
                raise AnswerRefused(
                    _("%(value)d for %(letter)s is not between %(low)d and %(high)d.")
                    % {"value": value, "letter": letter, "low": low, "high": high}
                )
            values.append(value)
        missing = [letter for letter, value in zip(LETTERS, values, strict=False) if value is None]
        if question.required and missing:
            raise AnswerRefused(_("Still without a value: %(letters)s.") % {"letters": ", ".join(missing)})
        return values

    def ratings(self, answer: Any) -> dict[str, Sequence[int | None]]:
        return {"": answer}
