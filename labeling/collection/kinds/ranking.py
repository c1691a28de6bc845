from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from labeling.collection.kinds.base import (
    LETTERS,
    AnswerRefused,
    Comparing,
    OptionsForm,
    Posted,
    at,
    field,
    whole_number,
)
from labeling.projects.questions import Question


class Ranking(Comparing):
    """All responses from best to worst, ties allowed: a list of dense ranks, 1 best."""

    label = gettext_lazy("Ranking with ties")
    template = "labeling/collection/kinds/ranking.html"
    form = OptionsForm
    about = "task"

    def widget(self, question: Question, answer: Any, n_responses: int, place: int) -> dict[str, Any]:
        places = range(n_responses)
        return {
            "ranks": [place + 1 for place in places],
            "rows": [
                {"letter": LETTERS[place], "name": field(question, place), "rank": whole_number(at(answer, place))}
                for place in places
            ],
        }

    def read(self, question: Question, posted: Posted, n_responses: int) -> list[Any] | None:
        ranks = [posted.get(field(question, place)) for place in range(n_responses)]
        return ranks if any(ranks) else None

    def clean(self, question: Question, answer: Any, n_responses: int) -> list[int]:
        if not isinstance(answer, list) or len(answer) != n_responses:
            raise AnswerRefused(_("Give a rank to each of the %(n)d responses.") % {"n": n_responses})
        ranks = [whole_number(rank) for rank in answer]
        if missing := [letter for letter, given in zip(LETTERS, answer, strict=False) if given in (None, "")]:
            raise AnswerRefused(_("Still without a rank: %(letters)s.") % {"letters": ", ".join(missing)})
        if any(rank is None or not 1 <= rank <= n_responses for rank in ranks):
            raise AnswerRefused(_("Ranks are whole numbers from 1, the best, to %(n)d.") % {"n": n_responses})
        return dense([rank for rank in ranks if rank is not None])

    def ranks(self, answer: Any) -> list[int]:
        return list(answer)

    def told(self, question: Question, answer: Any) -> str:
        """Best first: A > B = C."""
        levels: dict[int, list[str]] = {}
        for letter, rank in zip(LETTERS, answer, strict=False):
            levels.setdefault(rank, []).append(letter)
        return " > ".join(" = ".join(levels[rank]) for rank in sorted(levels))

    def reordered(self, answer: Any, places: Sequence[int]) -> Any:
        return [answer[place] for place in places]


def dense(ranks: list[int]) -> list[int]:
    """The same order and ties without gaps: [1, 4, 4] becomes [1, 2, 2]."""
    levels = {rank: level for level, rank in enumerate(sorted(set(ranks)), 1)}
    return [levels[rank] for rank in ranks]
