from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _

from labeling.collection.kinds.base import AnswerRefused, NotComparing, Posted, field
from labeling.projects.questions import Question

LONGEST = 10_000


class Comment(NotComparing):
    """Free text about the task as a whole."""

    template = "labeling/collection/kinds/comment.html"
    of_each = False

    def widget(self, question: Question, answer: Any, n_responses: int, place: int) -> dict[str, Any]:
        return {"name": field(question), "text": answer or "", "longest": LONGEST}

    def read(self, question: Question, posted: Posted, n_responses: int) -> str | None:
        return posted.get(field(question), "").strip() or None

    def clean(self, question: Question, answer: Any, n_responses: int) -> str:
        if not isinstance(answer, str):
            raise AnswerRefused(_("A comment is text."))
        if len(answer) > LONGEST:
            raise AnswerRefused(_("A comment has at most %(n)d characters.") % {"n": LONGEST})
        if "\0" in answer:
            raise AnswerRefused(_("A comment cannot hold the NUL character."))
        return answer

    def ratings(self, answer: Any) -> dict[str, Sequence[int | None]]:
        return {}
