from typing import Any

from django.utils.translation import gettext_lazy as _

from labeling.collection.kinds.base import NotComparing, OptionsForm, Posted, field
from labeling.collection.kinds.text import as_written, clean_text, shown_text
from labeling.projects.questions import Question

LONGEST = 10_000


class Comment(NotComparing):
    """Free text about the task as a whole."""

    label = _("Free comment")
    template = "labeling/collection/kinds/comment.html"
    form = OptionsForm
    about = "task"

    def widget(self, question: Question, answer: Any, n_responses: int, place: int) -> dict[str, Any]:
        return {"name": field(question), "text": shown_text(answer), "longest": LONGEST}

    def read(self, question: Question, posted: Posted, n_responses: int) -> str | None:
        return as_written(posted.get(field(question), "")).strip() or None

    def clean(self, question: Question, answer: Any, n_responses: int) -> str:
        return clean_text(answer, LONGEST)

    def told(self, question: Question, answer: Any) -> str:
        return str(answer)
