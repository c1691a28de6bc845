"""What a shape is: a way in which others write rows, and how such a row reads as ours (docs/formats.md)."""

from collections.abc import Callable, Iterable, Sequence, Set
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from labeling.imports.brings import Brings
from labeling.prompts.files import Reshape, Row, RowRefused
from labeling.prompts.rows import FIELDS

Turn = dict[str, Any]
"""Of a conversation: its role and its content."""


@dataclass(frozen=True)
class Shape:
    key: str
    label: str | Promise
    """A name, or a text that is lazily translated."""
    brings: Brings
    recognizes: Callable[[Set[str], Sequence[Row]], bool]
    """Told of the fields of the first rows, and these rows."""
    rows: Callable[[Row], Iterable[Row]]
    """Our own rows of one of the file's. Raises RowRefused."""
    gathers: Callable[[], Reshape] | None = None
    """What makes one row of ours of several, where that is so; `rows` then are those of the last alone."""


def text_in(row: Row, field: str) -> str:
    """The text in `field`, or "" where there is none. Raises RowRefused."""
    value = row.get(field)
    if value is not None and not isinstance(value, str):
        raise RowRefused(_("“%(field)s” must be text.") % {"field": field})
    return value or ""


def together(*texts: str) -> str:
    """With a blank line between them."""
    return "\n\n".join(text for text in texts if text)


def made(row: Row, used: Set[str], **fields: Any) -> Row:
    """A row of ours, without what is blank; the fields of theirs that were not `used` are kept in its metadata."""
    rest = {name: value for name, value in row.items() if name not in used and value is not None}
    given = {name: value for name, value in fields.items() if value}
    if rest:
        given["metadata"] = {**rest, **given.get("metadata", {})}
    return given


def carried(row: Row, used: Set[str]) -> Row:
    """The fields of ours that a row of theirs has as well, without those `used`. Raises RowRefused."""
    metadata = row.get("metadata")
    if metadata is not None and not isinstance(metadata, dict):
        raise RowRefused(_("“%(field)s” must be an object.") % {"field": "metadata"})
    return {name: row[name] for name in FIELDS - used if row.get(name) is not None}


def dialogue(turns: Sequence[Turn]) -> Row:
    """The prompt in a conversation: all up to the last answer, which is the reference."""
    if turns and turns[-1].get("role") == "assistant":
        return {"messages": list(turns[:-1]), "reference": turns[-1].get("content")}
    return {"messages": list(turns)}
