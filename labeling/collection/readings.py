"""Answers of several people to the same questions, as words to be read side by side."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from labeling.collection.answers import Answers
from labeling.collection.kinds import KINDS
from labeling.projects.questions import Question


@dataclass(frozen=True)
class Reading:
    """One question, and how each one answered it; "" is no answer."""

    title: str
    cells: list[str]
    is_written: bool

    @property
    def is_split(self) -> bool:
        """Whether those who answered differ, where that can be told; every text differs from every other."""
        return not self.is_written and len(set(self.cells) - {""}) > 1


def readings_of(questions: Iterable[Question], answers: Sequence[Answers]) -> list[Reading]:
    """The questions that somebody answered. All answers are about the responses in the same order."""
    readings = []
    for question in questions:
        kind = KINDS[question.kind]
        cells = [kind.told(question, given[question.name]) if question.name in given else "" for given in answers]
        if any(cells):
            readings.append(Reading(question.shown_title, cells, kind.is_written or question.kind == "comment"))
    return readings
