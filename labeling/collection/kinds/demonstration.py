from typing import Any

from django.utils.translation import gettext_lazy as _

from labeling.collection.kinds.base import AnswerRefused, NotComparing, OptionsForm, Posted, field
from labeling.collection.kinds.text import as_written, clean_text, shown_text
from labeling.projects.questions import Question

LONGEST = 100_000


class Demonstration(NotComparing):
    """The ideal response to the prompt, written by the annotator."""

    label = _("Demonstration: write the ideal response")
    template = "labeling/collection/kinds/demonstration.html"
    form = OptionsForm
    about = "task"
    is_written = True

    def widget(self, question: Question, answer: Any, n_responses: int, place: int) -> dict[str, Any]:
        return {"name": field(question), "text": shown_text(answer), "longest": LONGEST}

    def read(self, question: Question, posted: Posted, n_responses: int) -> str | None:
        text = as_written(posted.get(field(question), ""))
        return text if text.strip() else None

    def clean(self, question: Question, answer: Any, n_responses: int) -> str:
        text = clean_text(answer, LONGEST)
        if not text.strip():
            raise AnswerRefused(str(_("Write the response first.")))
        return text

    def told(self, question: Question, answer: Any) -> str:
        return str(answer)
