"""What a project of another tool holds, in words that both tools share."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, NamedTuple, Protocol

from django.db import models

from labeling.prompts.files import Row


class Tool(models.TextChoices):
    LABEL_STUDIO = "label-studio", "Label Studio"
    ARGILLA = "argilla", "Argilla"


class Asks(StrEnum):
    """What a control of another tool asks for, and so what a value of it is."""

    PAIR = "pair"  # 0 or 1, the place of the better response
    RANKING = "ranking"  # lists of keys, the best first
    BUCKETS = "buckets"  # {bucket: keys}
    RATING = "rating"  # a number
    CHOICES = "choices"  # a list of options
    TEXT = "text"
    NOTHING = "nothing"  # that has a counterpart here


ONLY = "*"
"""The key of a response that is alone."""


@dataclass
class Control:
    """One thing that the other tool asks of each task."""

    name: str
    asks: Asks
    what: str = ""
    """What the tool calls its kind."""
    title: str = ""
    about: str | None = None
    """The key of the one response that it is about."""
    is_about_prompt: bool = False
    pair: tuple[str, ...] = ()
    """The keys of the two responses that it compares; none where they are the first and the second."""
    is_required: bool = False
    is_single: bool = False
    is_edit: bool = False
    """Whether the text to write begins as that of the response."""
    options: dict[str, str] = field(default_factory=dict)
    """What stands in the file, and what people read."""
    low: int = 1
    high: int = 1


class LeftOut(NamedTuple):
    """What does not move, and why."""

    what: str
    why: str


class Candidate(NamedTuple):
    """A response of a task."""

    key: str
    model: str
    text: str


@dataclass(frozen=True)
class ForeignAnnotation:
    """What one person said of a task, or that they skipped it."""

    annotator: str
    """As the other tool knows them; never shown."""
    values: Mapping[str, Any]
    """By the name of the control."""
    created_at: str = ""
    active_ms: int | None = None
    is_skip: bool = False
    is_gold: bool = False


@dataclass(frozen=True)
class Item:
    """A task."""

    prompt: Row
    """The fields of a prompt."""
    candidates: tuple[Candidate, ...]
    said: tuple[ForeignAnnotation, ...]
    left_out: Counter[LeftOut] = field(default_factory=Counter)


class Source(Protocol):
    """A project of another tool, as a file has it."""

    tool: Tool
    name: str
    guidelines: str
    overlap: int
    """How many annotators the other tool wants for a task."""
    controls: dict[str, Control]
    """By name; a file may show more of them as it is read."""

    def tasks(self) -> Iterator[tuple[int, Any]]:
        """As they stand in the file, with their numbers; again from the first each time. Raises JsonRefused."""

    def item(self, number: int, task: Any) -> Item:
        """What a task means. Raises RowRefused."""
