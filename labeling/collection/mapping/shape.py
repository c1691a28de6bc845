"""What a mapping states: how the fields of somebody else's file become judgments (docs/formats.md)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from labeling.collection.mapping.sources import Source


@dataclass(frozen=True)
class Candidate:
    """A response."""

    model: Source[str]
    text: tuple[Source[str], ...]
    """Parts of the text; none where the file has no texts."""


@dataclass(frozen=True)
class Saying:
    """What one annotator says of an item, or `count` of them."""

    annotator: Source[str] | None
    count: Source[int] | None
    preference: Source[str] | None
    names_winner: bool
    """Whether the preference is the name of the better response's model."""
    ranks: tuple[Source[float], ...]
    best_is_high: bool
    scores: Mapping[str, tuple[Source[int], ...]]
    flags: Mapping[str, tuple[Source[bool], ...]]
    comment: Source[str] | None
    created_at: Source[str] | None

    def sources(self) -> Iterator[Source[Any]]:
        perhaps: list[Source[Any] | None] = [self.annotator, self.count, self.preference, self.comment, self.created_at]
        yield from (source for source in perhaps if source is not None)
        yield from self.ranks
        for scores in self.scores.values():
            yield from scores
        for flags in self.flags.values():
            yield from flags


@dataclass(frozen=True)
class Item:
    """A prompt with its responses and what is said of them; or `count` such prompts, of which the same is said."""

    prompt: tuple[Source[str], ...]
    """Parts of the text; none where the file has no prompts."""
    texts: Mapping[str, Source[str]]
    """What else is known of the prompt."""
    candidates: tuple[Candidate, ...]
    count: Source[int] | None
    sayings: tuple[Saying, ...]

    def sources(self) -> Iterator[Source[Any]]:
        yield from (*self.prompt, *self.texts.values())
        if self.count is not None:
            yield self.count
        for candidate in self.candidates:
            yield from (candidate.model, *candidate.text)
        for saying in self.sayings:
            yield from saying.sources()


@dataclass(frozen=True)
class FileMapping:
    columns: tuple[str, ...]
    """Of a CSV file whose first row does not name them."""
    group: int
    """How many rows that follow one another are about the same items, each by another annotator."""
    items: tuple[Item, ...]
    """In each row."""

    def fields(self) -> set[str]:
        """Every field that it names."""
        return {source.field for item in self.items for source in item.sources() if source.field}
