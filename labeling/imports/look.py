"""Look into a file that was brought: what it is, and how its first rows read."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from labeling.collection.judgments import Judgment, parse_judgment
from labeling.errors import FileRefused, Problem, Refused
from labeling.generation.import_responses import AnsweredPrompt, parse_answered
from labeling.imports.brings import Brings
from labeling.imports.guess import guessed_brings, guessed_columns
from labeling.imports.models import Import
from labeling.imports.shapes import recognized
from labeling.imports.understand import Understanding
from labeling.prompts.files import ImportFile, Row
from labeling.prompts.given import GivenPrompt
from labeling.prompts.rows import parse_prompt
from labeling.prompts.use_cases import UseCase

SEEN = 20
"""Rows by which a file is recognized."""

CHECKED = 100
"""Good rows, and problems, after which no more is looked at."""

SHOWN = 10

PARSERS: dict[Brings, Callable[[Row], Any]] = {
    Brings.PROMPTS: parse_prompt,
    Brings.RESPONSES: parse_answered,
    Brings.JUDGMENTS: parse_judgment,
}


@dataclass(frozen=True)
class ReadRow:
    """A row as it will be imported."""

    line: int
    within: str
    """The file's name in an archive, if it came in one."""
    prompt: GivenPrompt
    responses: Sequence[tuple[str, str]] = ()
    """Of each the model and the text."""
    annotator: str = ""
    said: Sequence[tuple[str, Any]] = ()

    @property
    def use_case(self) -> str:
        return str(UseCase(self.prompt.use_case).label) if self.prompt.use_case else ""


@dataclass(frozen=True)
class Look:
    known: list[str]
    """The fields of the first rows."""
    rows: list[ReadRow]
    problems: list[str]
    is_whole: bool
    """Whether these are the problems of all rows, and not of the first alone."""


def first_rows(file: ImportFile) -> list[Row]:
    file.most_problems = CHECKED
    return [row for _line, row in islice(file.rows(), SEEN)]


def fields_in(file: ImportFile, rows: Sequence[Row]) -> list[str]:
    """In the order of their first use."""
    return list(dict.fromkeys([*file.columns, *(name for row in rows for name in row)]))


def recognize(file: ImportFile, mapping: str = "") -> Understanding:
    """How the file is probably meant, after a read of its first rows."""
    rows = first_rows(file)
    known = fields_in(file, rows)
    if mapping:
        return Understanding(Brings.JUDGMENTS, mapping=mapping)
    shape = recognized(rows)
    if shape is not None:
        return Understanding(shape.brings, shape.key)
    brings = guessed_brings(known)
    return Understanding(brings, columns=guessed_columns(brings, known))


def look_into(kept: Import, understanding: Understanding) -> Look:
    with kept.file.open("rb") as stream, ImportFile(stream, kept.name) as file:
        known = fields_in(file, first_rows(file))
    try:
        reshape = understanding.reshape(kept.name, known)
    except Refused as refused:
        return Look(known, [], str(refused).splitlines(), True)
    with kept.file.open("rb") as stream, ImportFile(stream, kept.name) as file:
        file.most_problems = CHECKED
        found = file.parsed(PARSERS[understanding.brings], reshape)
        rows = [read_row(line, file.within, parsed) for line, parsed in islice(found, CHECKED + 1)]
        is_whole = len(rows) <= CHECKED and file.n_problems < CHECKED
        if is_whole:
            for cause in reshape.causes(file.columns):
                file.note(0, cause)
        return Look(known, rows[:SHOWN], lines_of(file), is_whole)


def lines_of(file: ImportFile) -> list[str]:
    return FileRefused(file.name, file.problems, file.n_problems).lines()


def read_row(line: int, within: str, parsed: GivenPrompt | AnsweredPrompt | Judgment) -> ReadRow:
    if isinstance(parsed, GivenPrompt):
        return ReadRow(line, within, parsed)
    answered = parsed.answered if isinstance(parsed, Judgment) else parsed
    responses = [(one.model, one.text) for one in answered.responses]
    if isinstance(parsed, AnsweredPrompt):
        return ReadRow(line, within, answered.prompt, responses)
    said = [(str(said), value) for said, value in parsed.said.items()]
    return ReadRow(line, within, answered.prompt, responses, parsed.annotator, said)


def problem_lines(kept: Import) -> list[str]:
    problems = [Problem(*problem) for problem in kept.problems]
    return FileRefused(kept.name, problems, kept.n_problems).lines()
