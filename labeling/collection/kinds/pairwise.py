from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from labeling.collection.kinds.base import AnswerRefused, Comparing, Posted, field
from labeling.projects.questions import Question

RANKS = {"A": [1, 2], "B": [2, 1], "tie": [1, 1], "both_bad": [1, 1]}

LABELS = {"A": _("A is better"), "tie": _("Tie"), "B": _("B is better"), "both_bad": _("Both are bad")}


class Pairwise(Comparing):
    """Which of two responses is better: "A" (the one shown first), "B", "tie" or "both_bad"."""

    template = "labeling/collection/kinds/pairwise.html"
    of_each = False

    def widget(self, question: Question, answer: Any, n_responses: int, place: int) -> dict[str, Any]:
        return {"name": field(question), "chosen": answer, "labels": LABELS}

    def read(self, question: Question, posted: Posted, n_responses: int) -> Any:
        return posted.get(field(question)) or None

    def clean(self, question: Question, answer: Any, n_responses: int) -> str:
        if n_responses != 2:
            raise AnswerRefused(
                gettext("This question is about two responses, and there are %(n)d.") % {"n": n_responses}
            )
        if not isinstance(answer, str) or answer not in RANKS:
            raise AnswerRefused(gettext("Choose A, B, tie, or both bad."))
        return answer

    def ranks(self, answer: Any) -> list[int]:
        return list(RANKS[answer])
