import re
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import Any, ClassVar, Literal, Protocol

from django import forms
from django.utils.functional import Promise

from labeling.projects.questions import Question

LETTERS = "ABCDEFGHI"
"""What the responses of a task are called on the screen, in the order shown."""

Posted = Mapping[str, Any]
About = Literal["prompt", "response", "task"]
Gauge = Literal["comparisons", "flags", "ratings", ""]
"""Under which of a project's pass marks agreement with a known answer falls; "" under none."""


class AnswerRefused(Exception):
    """This answer is wrong or incomplete; the message is for the person who gave it."""


class OptionsForm(forms.Form):
    """What a lead sets of a question of one kind, beside its title."""

    first: ClassVar[Mapping[str, Any]] = {}
    """The options of a new question."""

    def options(self) -> dict[str, Any]:
        """The question's options, of a valid form."""
        return dict(self.cleaned_data)

    @classmethod
    def initial_of(cls, options: Mapping[str, Any]) -> dict[str, Any]:
        return dict(options)


class Kind(Protocol):
    """A kind of question. Answers are JSON values; what concerns single responses is a list in the order shown."""

    @property
    def label(self) -> Promise | str: ...

    @property
    def template(self) -> str: ...

    @property
    def form(self) -> type[OptionsForm]: ...

    @property
    def about(self) -> About:
        """What it is asked of: the prompt; each response by itself (stage a); or the task as a whole (stage b)."""

    @property
    def is_written(self) -> bool:
        """Whether the answer is a text as long as a response, which needs as much room."""

    @property
    def compares(self) -> bool:
        """Whether answers are about the responses together, so that they say which of two is better."""

    def may_tie(self, question: Question) -> bool:
        """Of a kind that compares: whether an answer can say that neither of two responses is better."""

    @property
    def gauge(self) -> Gauge:
        """Under which pass mark agreement with a known answer falls."""

    def widget(self, question: Question, answer: Any, n_responses: int, place: int) -> dict[str, Any]:
        """What the template shows: the answer so far, right or wrong; for the response at `place` if about one."""

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

    def agreement(self, answer: Any, known: Any) -> tuple[int, int]:
        """In how many points the answer agrees with one known to be right, and of how many."""

    def reordered(self, answer: Any, places: Sequence[int]) -> Any:
        """The same answer where the responses stand in another order: the one now at i stood at `places[i]`."""

    def told(self, question: Question, answer: Any) -> str:
        """A stored answer in a few words, or the text it is."""


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
    if isinstance(value, str) and re.fullmatch(r"-?[0-9]{1,9}", value):
        return int(value)
    return None


class Comparing(ABC):
    """For kinds whose answers compare the responses."""

    compares: ClassVar[bool] = True
    is_written: ClassVar[bool] = False
    about: About
    gauge: Gauge = "comparisons"

    def ratings(self, answer: Any) -> dict[str, Sequence[int | None]]:
        return {}

    @abstractmethod
    def ranks(self, answer: Any) -> list[int]: ...

    def may_tie(self, question: Question) -> bool:
        return True

    def agreement(self, answer: Any, known: Any) -> tuple[int, int]:
        """By pairs of responses: the same one better, or neither."""
        ours, theirs = outcomes(self.ranks(answer)), outcomes(self.ranks(known))
        return sum(our == their for our, their in zip(ours, theirs, strict=True)), len(theirs)


class NotComparing:
    """For kinds whose answers are about each response by itself, or about none."""

    compares: ClassVar[bool] = False
    is_written: ClassVar[bool] = False
    about: About
    gauge: Gauge = ""

    def ranks(self, answer: Any) -> list[int]:
        return []

    def may_tie(self, question: Question) -> bool:
        return False

    def ratings(self, answer: Any) -> dict[str, Sequence[int | None]]:
        return {}

    def agreement(self, answer: Any, known: Any) -> tuple[int, int]:
        return 0, 0

    def reordered(self, answer: Any, places: Sequence[int]) -> Any:
        return answer


def outcomes(ranks: Sequence[int]) -> list[int]:
    """Of every pair of responses: 1 where the first is better, -1 where the second is, 0 where neither."""
    return [outcome(left, right) for left, right in combinations(ranks, 2)]


def outcome(left: int, right: int) -> int:
    """Of two ranks, 1 best: 1 where the first is better, -1 where the second is, 0 where they are tied."""
    return (left < right) - (left > right)


def shared(given: Mapping[str, Any], known: Mapping[str, Any]) -> tuple[int, int]:
    """Of the flags that either side raised, how many both did, and how many there are.

    Most flags are raised seldom: if every one that neither raised were agreement, who never looks would pass.
    """
    raised = [name for name, value in known.items() if value is not None and (value or given.get(name))]
    return sum(bool(given.get(name)) == known[name] for name in raised), len(raised)
