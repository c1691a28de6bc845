from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from labeling.collection.kinds.base import LETTERS, AnswerRefused, NotComparing, OptionsForm, Posted, field
from labeling.collection.kinds.demonstration import LONGEST
from labeling.collection.kinds.text import as_written, clean_text, shown_text
from labeling.projects.questions import Question


class Refinement(NotComparing):
    """One response, edited until it is good: {"of": its letter, "text": the edited text}.

    The edit and its original are a preference pair.
    """

    label = gettext_lazy("Refinement: edit a response")
    template = "labeling/collection/kinds/refinement.html"
    form = OptionsForm
    about = "task"
    is_written = True

    def widget(self, question: Question, answer: Any, n_responses: int, place: int) -> dict[str, Any]:
        answer = answer if isinstance(answer, dict) else {}
        return {
            "name": field(question, "text"),
            "of_name": field(question, "of"),
            "of": answer.get("of", LETTERS[0]),
            "letters": list(LETTERS[:n_responses]),
            "text": shown_text(answer.get("text")),
            "longest": LONGEST,
        }

    def read(self, question: Question, posted: Posted, n_responses: int) -> dict[str, Any] | None:
        text = as_written(posted.get(field(question, "text"), ""))
        return {"of": posted.get(field(question, "of"), LETTERS[0]), "text": text} if text.strip() else None

    def clean(self, question: Question, answer: Any, n_responses: int) -> dict[str, str]:
        if not isinstance(answer, dict) or answer.keys() != {"of", "text"}:
            raise AnswerRefused(_("Say which response you edited, and give its new text."))
        if answer["of"] not in list(LETTERS[:n_responses]):
            raise AnswerRefused(_("There is no response %(letter)s.") % {"letter": answer["of"]})
        return {"of": answer["of"], "text": clean_text(answer["text"], LONGEST)}

    def reordered(self, answer: Any, places: Sequence[int]) -> Any:
        return answer | {"of": LETTERS[list(places).index(LETTERS.index(answer["of"]))]}

    def told(self, question: Question, answer: Any) -> str:
        return f"{answer['of']} → {answer['text']}"
