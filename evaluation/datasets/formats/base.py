"""What rows are made of, and what a format is. Formats know no tables."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import pyarrow as pa
from django.utils.functional import Promise

from evaluation.datasets.formats.columns import Columns, Part

Files = Literal["parquet", "jsonl", "csv"]
Messages = Sequence[Mapping[str, str]]
Row = dict[str, Any]
Of = Literal["pairs", "labels", "texts", "prompts", "rankings", "judgments"]


@dataclass(slots=True)
class Asked:
    """A prompt. messages: the conversation up to and with the last user turn. digest: of it. owner: who sent it in."""

    messages: Messages
    digest: str
    use_case: str = ""
    language: str = ""
    owner: str = ""


@dataclass(slots=True)
class Answer:
    """A response. digest: of its text. id, run: of it and of the generation run that drew it; None for what somebody
    wrote here, and for what was imported. score: of formats with scores, its mean rating, or where nobody was asked for
    ratings, the share of comparisons that it won."""

    text: str
    model: str
    digest: str
    id: int | None = None
    run: int | None = None
    score: float | None = None


@dataclass(slots=True)
class Origin:
    """Where a row comes from. annotations, guidelines: by id, and the versions of the guidelines they were given under.
    instrument: the version of the questions."""

    task: int | None = None
    annotations: Sequence[int] = ()
    guidelines: Sequence[int] = ()
    instrument: int | None = None


@dataclass(slots=True)
class Pair:
    """One answer that is better than another. margin: how much, None where nobody wants to know."""

    asked: Asked
    chosen: Answer
    rejected: Answer
    origin: Origin
    margin: float | None = None

    @property
    def identity(self) -> tuple[Sequence[str], str]:
        """What it is about, and what it says of that."""
        chosen, rejected = self.chosen.digest, self.rejected.digest
        if chosen < rejected:
            return (self.asked.digest, chosen, rejected), "first"
        return (self.asked.digest, rejected, chosen), "second"

    @property
    def answers(self) -> Sequence[Answer]:
        return self.chosen, self.rejected


@dataclass(slots=True)
class Label:
    """An answer by itself, desirable or not."""

    asked: Asked
    answer: Answer
    origin: Origin
    is_desirable: bool

    @property
    def identity(self) -> tuple[Sequence[str], str]:
        return (self.asked.digest, self.answer.digest), str(self.is_desirable)

    @property
    def answers(self) -> Sequence[Answer]:
        return (self.answer,)


@dataclass(slots=True)
class Text:
    """An answer to learn from; None for a prompt alone."""

    asked: Asked
    answer: Answer | None
    origin: Origin

    @property
    def identity(self) -> tuple[Sequence[str], str]:
        return (self.asked.digest, self.answer.digest if self.answer else ""), ""

    @property
    def answers(self) -> Sequence[Answer]:
        return (self.answer,) if self.answer else ()


@dataclass(slots=True)
class Ranking:
    """All answers to a prompt. ranks: dense, 1 best. scores, flags: by name, of each answer, None where unsaid."""

    asked: Asked
    answers: Sequence[Answer]
    ranks: Sequence[int]
    scores: Mapping[str, Sequence[float | None]]
    flags: Mapping[str, Sequence[bool | None]]
    n_annotators: int
    origin: Origin

    @property
    def identity(self) -> tuple[Sequence[str], str]:
        ranked = sorted(zip((answer.digest for answer in self.answers), self.ranks, strict=True))
        return (self.asked.digest, *(one for one, _rank in ranked)), " ".join(str(rank) for _one, rank in ranked)


@dataclass(slots=True)
class Judgment:
    """What one annotator said of one answer, or of a prompt without any. annotator: a pseudonym. day: ISO 8601.
    position: where it was shown, from 1.
    """

    asked: Asked
    answer: Answer | None
    annotator: str
    position: int
    rank: int | None
    preference: str
    said: Mapping[Part, Any]
    day: str
    origin: Origin

    @property
    def identity(self) -> tuple[Sequence[str], str]:
        model, digest = (self.answer.model, self.answer.digest) if self.answer else ("", "")
        said = repr((self.rank, self.preference, *[(*part, value) for part, value in self.said.items()]))
        return (self.asked.digest, model, digest, self.annotator), said

    @property
    def answers(self) -> Sequence[Answer]:
        return (self.answer,) if self.answer else ()


Example = Pair | Label | Text | Ranking | Judgment


@dataclass(frozen=True)
class Shape:
    """What a project asks, as far as it decides which columns there are."""

    has_margin: bool = False
    scales: Sequence[str] = ()
    flags: Sequence[str] = ()
    columns: Columns = field(default_factory=Columns)


@dataclass(frozen=True)
class RowFormat:
    """`row` makes one of an example of the kind that `of` says. about: a paragraph for the data set card."""

    title: str | Promise
    of: Of
    schema: Callable[[Shape], pa.Schema]
    row: Callable[[Any, Shape], Row]
    task_categories: tuple[str, ...]
    about: str | Promise
    files: tuple[Files, ...] = ("parquet", "jsonl")
    has_margin: bool = False
    has_scores: bool = False
    splits: Mapping[str, str] = field(default_factory=dict)
    """What splits are called, where otherwise than usual."""
    beside: Callable[[str, Mapping[str, str]], Mapping[str, str]] | None = None
    """More files, by name: from the data set's name and the path of each split's rows."""


def fixed(*columns: tuple[str, pa.DataType]) -> Callable[[Shape], pa.Schema]:
    schema = pa.schema(columns)
    return lambda _shape: schema


TEXT = pa.string()
MESSAGES = pa.list_(pa.struct([("role", TEXT), ("content", TEXT)]))

SPEAKERS = {"system": "System", "user": "User", "assistant": "Assistant"}


def plain_prompt(messages: Messages) -> str:
    """A lone user turn as it is; a longer conversation with its speakers named, and the answer's speaker last."""
    if len(messages) == 1:
        return messages[0]["content"]
    turns = [f"{SPEAKERS[message['role']]}: {message['content']}" for message in messages]
    return "\n\n".join([*turns, "Assistant: "])


def reply(text: str) -> list[Mapping[str, str]]:
    return [{"role": "assistant", "content": text}]
