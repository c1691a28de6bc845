from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from labeling.collection.kinds.base import AnswerRefused, Comparing, OptionsForm, Posted, field
from labeling.projects.questions import Question

TIE, BOTH_BAD = "tie", "both_bad"

LEVELS = {
    1: [_("better")],
    2: [_("slightly better"), _("much better")],
    3: [_("slightly better"), _("better"), _("much better")],
    4: [_("negligibly better"), _("slightly better"), _("better"), _("significantly better")],
}
"""What the strengths of a preference are called, weakest first."""


class PairwiseForm(OptionsForm):
    first = {"levels": 1, "tie": True, "both_bad": False}
    levels = forms.TypedChoiceField(
        label=_("Strengths of a preference"),
        coerce=int,
        choices=[
            (1, _("1: better")),
            (2, _("2: slightly, much better (5 points with a tie)")),
            (3, _("3: slightly, –, much better (7 points with a tie)")),
            (4, _("4: negligibly to significantly better")),
        ],
    )
    tie = forms.BooleanField(label=_("A tie can be chosen"), required=False)
    both_bad = forms.BooleanField(label=_("“Both are bad” can be chosen"), required=False)


class Pairwise(Comparing):
    """Which of two responses is better: A is the one shown first.

    "A" or "B"; with L > 1 levels of strength "A1" to "AL" and "B1" to "BL", the last the strongest; and "tie" and
    "both_bad" where the question offers them.
    """

    label = _("Pairwise comparison")
    template = "labeling/collection/kinds/pairwise.html"
    form = PairwiseForm
    about = "task"

    def widget(self, question: Question, answer: Any, n_responses: int, place: int) -> dict[str, Any]:
        return {"name": field(question), "chosen": answer, "choices": choices(question)}

    def read(self, question: Question, posted: Posted, n_responses: int) -> Any:
        return posted.get(field(question)) or None

    def clean(self, question: Question, answer: Any, n_responses: int) -> str:
        if n_responses != 2:
            raise AnswerRefused(
                gettext("This question is about two responses, and there are %(n)d.") % {"n": n_responses}
            )
        offered = choices(question)
        if not isinstance(answer, str) or answer not in offered:
            raise AnswerRefused(gettext("Choose one of: %(choices)s.") % {"choices": ", ".join(offered)})
        return answer

    def ranks(self, answer: Any) -> list[int]:
        return {"A": [1, 2], "B": [2, 1]}.get(answer[0], [1, 1])

    def may_tie(self, question: Question) -> bool:
        return not {TIE, BOTH_BAD}.isdisjoint(choices(question))

    def told(self, question: Question, answer: Any) -> str:
        chosen = choices(question)[answer]
        return f"{chosen['letter']} {chosen['words']}".strip()

    def reordered(self, answer: Any, places: Sequence[int]) -> Any:
        swapped = {"A": "B", "B": "A"}.get(answer[0], answer[0]) if list(places) == [1, 0] else answer[0]
        return swapped + answer[1:]


def choices(question: Question) -> dict[str, dict[str, Any]]:
    """What can be chosen, from the strongest A over a tie to the strongest B, and how it is shown."""
    levels = question.options.get("levels", 1)
    strengths = list(enumerate(LEVELS[levels], 1))
    found: dict[str, dict[str, Any]] = {}
    for level, words in reversed(strengths):
        found["A" if levels == 1 else f"A{level}"] = shown("A", level, words)
    if question.options.get("tie", True):
        found[TIE] = {"letter": "", "level": 0, "words": pgettext_lazy("of two responses", "Tie")}
    for level, words in strengths:
        found["B" if levels == 1 else f"B{level}"] = shown("B", level, words)
    if question.options.get("both_bad", True):
        found[BOTH_BAD] = {"letter": "", "level": 0, "words": _("Both are bad")}
    return found


def shown(letter: str, level: int, words: Any) -> dict[str, Any]:
    return {"letter": letter, "level": level, "words": words}
