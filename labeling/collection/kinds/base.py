from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from labeling.projects.questions import Question

LETTERS = "ABCDEFGHI"
"""What the responses of a task are called on the screen, in the order shown."""

Posted = Mapping[str, Any]


class AnswerRefused(Exception):
    """This answer is wrong or incomplete; the message is for the person who gave it."""


class Kind(Protocol):
    """A kind of question. Answers are JSON values; what concerns single responses is a list in the order shown."""

    template: str
    compares: bool
    """Whether answers are about the responses together, so that they say which of two is better."""

    of_each: bool
    """Whether it is asked of each response by itself, beside the response, rather than once for the task."""

    def widget(self, question: Question, answer: Any, n_responses: int, place: int) -> dict[str, Any]:
        """What the template shows: the answer so far, right or wrong, for the response at `place` where of_each."""

    def read(self, question: Question, posted: Posted, n_responses: int) -> Any:
        """The answer as a form sent it, right or wrong; None when it was left out."""

    def clean(self, question: Question, answer: Any, n_responses: int) -> Any:
        """The answer as it is stored. Raises AnswerRefused."""

    def ranks(self, answer: Any) -> list[int]:
        """What the answer says of all responses together: their ranks, 1 best, equal ranks tied."""

    def ratings(self, answer: Any) -> dict[str, Sequence[int | None]]:
        """What it says of each response by itself: a value a response, None where unsaid, by measure.

        The measure "" is the question itself.
        """


def field(question: Question, *parts: str | int) -> str:
    """The name of a form field: `ranking.0`, `flags.hallucination.2`."""
    return ".".join([question.name, *map(str, parts)])


def at(answer: Any, place: int) -> Any:
    """What a list holds at `place`, for answers that may have any shape."""
    return answer[place] if isinstance(answer, list) and place < len(answer) else None


def whole_number(value: Any) -> int | None:
    """An int, or text that is one; None for anything else, True and 2.0 included."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 10:
        return int(value)
    return None


class Comparing:
    """For kinds whose answers compare the responses."""

    compares = True

    def ratings(self, answer: Any) -> dict[str, Sequence[int | None]]:
        return {}


class NotComparing:
    """For kinds whose answers are about each response by itself, or about none."""

    compares = False

    def ranks(self, answer: Any) -> list[int]:
        return []
