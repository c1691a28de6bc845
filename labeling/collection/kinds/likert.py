from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from labeling.collection.kinds.base import (
    LETTERS,
    AnswerRefused,
    NotComparing,
    OptionsForm,
    Posted,
    at,
    field,
    whole_number,
)
from labeling.projects.questions import Question

LOWEST, HIGHEST, WIDEST = -100, 100, 11


class LikertForm(OptionsForm):
    first = {"low": 1, "high": 7, "low_label": "", "high_label": ""}
    low = forms.IntegerField(label=gettext_lazy("From"), min_value=LOWEST, max_value=HIGHEST)
    high = forms.IntegerField(label=gettext_lazy("To"), min_value=LOWEST, max_value=HIGHEST)
    low_label = forms.CharField(label=gettext_lazy("The lowest means"), max_length=60, required=False)
    high_label = forms.CharField(label=gettext_lazy("The highest means"), max_length=60, required=False)

    def clean(self) -> dict[str, Any]:
        cleaned = dict(super().clean() or {})
        if {"low", "high"} <= cleaned.keys() and not 0 < cleaned["high"] - cleaned["low"] < WIDEST:
            self.add_error("high", _("A scale has 2 to %(n)d values.") % {"n": WIDEST})
        return cleaned


class Likert(NotComparing):
    """A whole number from `low` to `high` for each response; None for those left out."""

    label = gettext_lazy("Likert scale for each response")
    template = "labeling/collection/kinds/likert.html"
    form = LikertForm
    about = "response"
    gauge = "ratings"

    def widget(self, question: Question, answer: Any, n_responses: int, place: int) -> dict[str, Any]:
        options = question.options
        return {
            "name": field(question, place),
            "values": range(options["low"], options["high"] + 1),
            "chosen": whole_number(at(answer, place)),
            "low_label": _(options["low_label"]) if options.get("low_label") else "",
            "high_label": _(options["high_label"]) if options.get("high_label") else "",
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

    def agreement(self, answer: Any, known: Any) -> tuple[int, int]:
        """Within one point."""
        pairs = [(given, right) for given, right in zip(answer, known, strict=True) if right is not None]
        return sum(given is not None and abs(given - right) <= 1 for given, right in pairs), len(pairs)

    def told(self, question: Question, answer: Any) -> str:
        rated = zip(LETTERS, answer, strict=False)
        return " · ".join(f"{letter} {value}" for letter, value in rated if value is not None) or "–"

    def reordered(self, answer: Any, places: Sequence[int]) -> Any:
        return [answer[place] for place in places]
