"""Conversations as chat models are trained on: `messages`, the last of which is the answer that was wanted."""

from collections.abc import Iterator, Sequence, Set
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from labeling.imports.brings import Brings
from labeling.imports.shapes.base import Shape, dialogue, made
from labeling.prompts.files import Row, RowRefused
from labeling.prompts.rows import FIELDS


def recognizes(fields: Set[str], rows: Sequence[Row]) -> bool:
    ends = [row["messages"][-1] for row in rows if isinstance(row.get("messages"), list) and row["messages"]]
    answered = any(isinstance(end, dict) and end.get("role") == "assistant" for end in ends)
    return "responses" not in fields and (answered or ("messages" in fields and not fields <= FIELDS))


def rows(row: Row) -> Iterator[Row]:
    messages = row.get("messages")
    if not isinstance(messages, list) or not all(isinstance(message, dict) for message in messages):
        raise RowRefused(_("“messages” must be a list of objects."))
    kept = {name: row[name] for name in FIELDS - {"messages", "metadata"} if row.get(name) is not None}
    metadata = row.get("metadata")
    if metadata is not None and not isinstance(metadata, dict):
        raise RowRefused(_("“metadata” must be an object."))
    yield made(row, FIELDS, metadata=metadata or {}, **{**kept, **dialogue([turn_of(message) for message in messages])})


def turn_of(message: dict[str, Any]) -> dict[str, Any]:
    """With the words of a content that is in parts, if these are all text."""
    content = message.get("content")
    if isinstance(content, list) and all(isinstance(part, dict) and part.get("type") == "text" for part in content):
        content = "".join(str(part.get("text", "")) for part in content)
    role = message.get("role")
    return {"role": "system" if role == "developer" else role, "content": content}


SHAPE = Shape("chat", gettext_lazy("Chat messages"), Brings.PROMPTS, recognizes, rows)
