"""The columns of judgments that hold answers: named by kind, and by the question or the flag."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from typing import Any

import pyarrow as pa

from labeling.collection.kinds import KINDS
from labeling.collection.kinds.base import LETTERS
from labeling.projects.questions import Question

OF_KINDS: Mapping[str, tuple[str, pa.DataType]] = {
    "likert": ("scores", pa.int64()),
    "flags": ("flags", pa.bool_()),
    "ranking": ("rank", pa.int64()),
    "pairwise": ("preference", pa.string()),
    "refinement": ("refinement", pa.string()),
    "demonstration": ("demonstration", pa.string()),
    "comment": ("comment", pa.string()),
    "prompt_flags": ("prompt_flags", pa.bool_()),
    "use_case": ("use_case", pa.string()),
}
"""How the names of columns begin, and what is in them."""


class Columns:
    """Of a project with these instruments. types: by column.

    What compares the responses is in `rank` and `preference`; only where an instrument does it by several questions has
    each of these a column as well. A flag that two questions of an instrument ask has the later one's name before it.
    """

    def __init__(self, instruments: Sequence[Sequence[Question]] = ()) -> None:
        self.several_compare = any(sum(KINDS[one.kind].compares for one in asked) > 1 for asked in instruments)
        self.asked_twice = {again for asked in instruments for again in flags_asked_twice(asked)}
        questions = list(chain.from_iterable(instruments))
        self.types = {
            column: kind_of_values
            for kind, (_start, kind_of_values) in OF_KINDS.items()
            for question in questions
            if question.kind == kind
            for column in self.of(question)
        }

    def of(self, question: Question) -> list[str]:
        if "flags" in question.options:
            return [self.of_flag(question, flag) for flag in question.options["flags"]]
        if KINDS[question.kind].compares and not self.several_compare:
            return []
        return [f"{OF_KINDS[question.kind][0]}.{question.name}"]

    def of_flag(self, question: Question, flag: str) -> str:
        is_again = (question.name, flag) in self.asked_twice
        return f"{question.kind}.{question.name}.{flag}" if is_again else f"{question.kind}.{flag}"

    def said(self, questions: Sequence[Question], answers: Mapping[str, Any], n: int) -> dict[str, Sequence[Any]]:
        """By column, the values of the n rows of an annotation: one for each response, or one where there is none."""
        found: dict[str, Sequence[Any]] = {}
        for question in questions:
            answer = answers.get(question.name)
            if answer is None:
                continue
            if "flags" in question.options:
                found |= {self.of_flag(question, flag): each(value, n) for flag, value in answer.items()}
            else:
                found |= {column: each(answer, n) for column in self.of(question)}
        return found


def flags_asked_twice(asked: Sequence[Question]) -> Iterator[tuple[str, str]]:
    """The later question, and the flag."""
    known: set[tuple[str, str]] = set()
    for question in asked:
        flags = {(question.kind, flag) for flag in question.options.get("flags", ())}
        yield from ((question.name, flag) for _kind, flag in flags & known)
        known |= flags


def each(answer: Any, n: int) -> Sequence[Any]:
    """What is said of the task stands in each row; an edit in that of the response."""
    if isinstance(answer, list):
        return answer
    if isinstance(answer, dict):
        edited = LETTERS.index(answer["of"])
        return [answer["text"] if place == edited else None for place in range(n)]
    return [answer] * n
