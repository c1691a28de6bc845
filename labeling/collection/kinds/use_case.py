from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from labeling.collection.kinds.base import AnswerRefused, NotComparing, OptionsForm, Posted, field
from labeling.projects.questions import Question
from labeling.prompts.use_cases import UseCase


class UseCaseOfPrompt(NotComparing):
    """What the prompt asks for, one of ten values."""

    label = gettext_lazy("Use case of the prompt")
    template = "labeling/collection/kinds/use_case.html"
    form = OptionsForm
    about = "prompt"
    gauge = "flags"

    def widget(self, question: Question, answer: Any, n_responses: int, place: int) -> dict[str, Any]:
        return {"name": field(question), "chosen": answer, "values": UseCase.choices}

    def read(self, question: Question, posted: Posted, n_responses: int) -> str | None:
        return posted.get(field(question)) or None

    def clean(self, question: Question, answer: Any, n_responses: int) -> str:
        if not isinstance(answer, str) or answer not in UseCase.values:
            raise AnswerRefused(_("Choose one of the use cases."))
        return answer

    def agreement(self, answer: Any, known: Any) -> tuple[int, int]:
        return int(answer == known), 1

    def told(self, question: Question, answer: Any) -> str:
        return str(UseCase(answer).label)
