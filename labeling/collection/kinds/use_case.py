from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from labeling.collection.kinds.base import AnswerRefused, NotComparing, OptionsForm, Posted, field
from labeling.projects.questions import Question

USE_CASES = {
    "generation": gettext_lazy("generation"),
    "open_qa": gettext_lazy("open QA"),
    "closed_qa": gettext_lazy("closed QA"),
    "brainstorming": gettext_lazy("brainstorming"),
    "chat": gettext_lazy("chat"),
    "rewrite": gettext_lazy("rewrite"),
    "summarization": gettext_lazy("summarization"),
    "classification": gettext_lazy("classification"),
    "extract": gettext_lazy("extract"),
    "other": gettext_lazy("other"),
}
"""Ouyang et al. 2022, table 1."""


class UseCaseOfPrompt(NotComparing):
    """What the prompt asks for, one of ten values."""

    label = gettext_lazy("Use case of the prompt")
    template = "labeling/collection/kinds/use_case.html"
    form = OptionsForm
    about = "prompt"
    gauge = "flags"

    def widget(self, question: Question, answer: Any, n_responses: int, place: int) -> dict[str, Any]:
        return {"name": field(question), "chosen": answer, "values": USE_CASES}

    def read(self, question: Question, posted: Posted, n_responses: int) -> str | None:
        return posted.get(field(question)) or None

    def clean(self, question: Question, answer: Any, n_responses: int) -> str:
        if not isinstance(answer, str) or answer not in USE_CASES:
            raise AnswerRefused(_("Choose one of the use cases."))
        return answer

    def agreement(self, answer: Any, known: Any) -> tuple[int, int]:
        return int(answer == known), 1

    def told(self, question: Question, answer: Any) -> str:
        return str(USE_CASES[answer])
