"""What is found in a prompt, with some of the text around it."""

from collections.abc import Iterator
from dataclasses import dataclass

from labeling.prompts.kinds_of_data import PersonalData
from labeling.prompts.mask import texts_of
from labeling.prompts.models import Prompt
from labeling.prompts.personal import find_personal

AROUND = 160
"""Characters that are shown before and after what is found."""

MOST_FOUND = 20
"""In one text; a text of 100,000 characters may hold thousands."""


@dataclass(frozen=True)
class Piece:
    text: str
    kind: PersonalData | None = None


def excerpts(prompt: Prompt) -> Iterator[list[Piece]]:
    """For each text in which something is found, its pieces."""
    for text in texts_of(prompt):
        pieces = list(pieces_of(text, prompt.language))
        if len(pieces) > 1:
            yield pieces


def pieces_of(text: str, language: str) -> Iterator[Piece]:
    """What is found, and between it the text, without the middle where that is long."""
    end = 0
    found = find_personal(text, language)
    for one in found[:MOST_FOUND]:
        yield Piece(shortened(text[end : one.start], has_before=end > 0, has_after=True))
        yield Piece(text[one.start : one.end], one.kind)
        end = one.end
    yield Piece(shortened(text[end:], has_before=bool(found), has_after=False))


def shortened(text: str, *, has_before: bool, has_after: bool) -> str:
    head = text[:AROUND] if has_before else ""
    tail = text[-AROUND:] if has_after else ""
    return text if len(text) <= len(head) + len(tail) + 1 else f"{head}…{tail}"
