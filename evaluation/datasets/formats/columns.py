"""The columns of judgments that hold answers: named by kind, and by the question or the flag."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

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


class Part(NamedTuple):
    """Of a question, what has a value of its own: a flag, or else the whole, whose flag is ""."""

    question: str
    kind: str
    flag: str


class Columns:
    """Of a project with these instruments. types: by column. of: the column of a part; none where one question alone
    compares the responses, of which `rank` and `preference` tell all.

    A flag that two questions of an instrument ask has the later one's name before it.
    """

    def __init__(self, instruments: Sequence[Sequence[Question]] = ()) -> None:
        compare = {one.name for asked in instruments for one in asked if KINDS[one.kind].compares}
        again = {part for asked in instruments for part in asked_again(asked)}
        self.of: dict[Part, str] = {}
        meant: dict[str, str] = {}
        for part in dict.fromkeys(part for asked in instruments for question in asked for part in parts_of(question)):
            if not KINDS[part.kind].compares or len(compare) > 1:
                column = f"{part.question}.{part.flag}" if part in again else part.flag or part.question
                while meant.setdefault(f"{part.kind} {column}", part.flag) != part.flag:
                    column = f"{part.question}.{column}"
                self.of[part] = f"{OF_KINDS[part.kind][0]}.{column}"
        self.types = {
            column: kind_of_values
            for kind, (_start, kind_of_values) in OF_KINDS.items()
            for part, column in self.of.items()
            if part.kind == kind
        }


def parts_of(question: Question) -> list[Part]:
    return [Part(question.name, question.kind, flag) for flag in question.options.get("flags", [""])]


def asked_again(asked: Sequence[Question]) -> Iterator[Part]:
    """Flags that a question further up asks too."""
    known: set[tuple[str, str]] = set()
    for question in asked:
        flags = [part for part in parts_of(question) if part.flag]
        yield from (part for part in flags if (part.kind, part.flag) in known)
        known.update((part.kind, part.flag) for part in flags)


def said(questions: Sequence[Question], answers: Mapping[str, Any], n: int) -> dict[Part, Sequence[Any]]:
    """What the n rows of an annotation say: one for each response, or one where there is none."""
    found: dict[Part, Sequence[Any]] = {}
    for question in questions:
        answer = answers.get(question.name)
        if "flags" in question.options:
            for flag, value in (answer or {}).items():
                found[Part(question.name, question.kind, flag)] = each(value, n)
        elif answer is not None:
            found[Part(question.name, question.kind, "")] = each(answer, n)
    return found


def each(answer: Any, n: int) -> Sequence[Any]:
    """What is said of the task stands in each row; an edit in that of the response."""
    if isinstance(answer, list):
        return answer
    if isinstance(answer, dict):
        edited = LETTERS.index(answer["of"])
        return [answer["text"] if place == edited else None for place in range(n)]
    return [answer] * n
