"""Conversations as chat models are trained on: messages, the last of which is the answer that was wanted."""

from collections.abc import Iterator, Mapping, Sequence, Set
from typing import Any, TypeGuard

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from labeling.imports.brings import Brings
from labeling.imports.shapes.base import Shape, Turn, carried, dialogue, made
from labeling.prompts.files import Row, RowRefused
from labeling.prompts.rows import FIELDS


def recognizes(fields: Set[str], rows: Sequence[Row]) -> bool:
    given = [row[name] for row in rows for name in ("messages", "prompt") if isinstance(row.get(name), list)]
    ends = [messages[-1] for messages in given if messages]
    answered = any(isinstance(end, dict) and end.get("role") == "assistant" for end in ends)
    of_trl = any(are_messages(row.get("prompt")) for row in rows)
    return "responses" not in fields and (answered or of_trl or ("messages" in fields and not fields <= FIELDS))


def rows(row: Row) -> Iterator[Row]:
    """`messages`, or TRL's `prompt` and `completion`. A `prompt` may say once more what one of the messages says."""
    names = ["messages"] if row.get("messages") is not None else ["prompt", "completion"]
    turns = [turn for name in names if row.get(name) is not None for turn in messages_of(row[name], name)]
    used = {*names, "prompt"} if is_among(row.get("prompt"), turns) else set(names)
    yield made(row, FIELDS | used, **{**carried(row, used), **dialogue(turns)})


def is_among(prompt: object, turns: Sequence[Turn]) -> bool:
    return isinstance(prompt, str) and prompt.strip() in [str(turn["content"]).strip() for turn in turns]


def messages_of(messages: object, field: str) -> list[Turn]:
    """Raises RowRefused."""
    if not are_messages(messages):
        raise RowRefused(_("“%(field)s” must be a list of objects.") % {"field": field})
    if any(message.get(call) for message in messages for call in ("tool_calls", "function_call")):
        raise RowRefused(_("a message of “%(field)s” calls a tool, which is no text.") % {"field": field})
    return [turn_of(message) for message in messages]


def are_messages(value: object) -> TypeGuard[list[dict[str, Any]]]:
    return isinstance(value, list) and all(isinstance(one, dict) for one in value)


def turn_of(message: Mapping[str, Any]) -> Turn:
    """With the words of a content that is in parts, if these are all text."""
    content = message.get("content")
    if isinstance(content, list) and all(isinstance(part, dict) and part.get("type") == "text" for part in content):
        content = "".join(str(part.get("text") or "") for part in content)
    role = message.get("role")
    return {"role": "system" if role == "developer" else role, "content": content}


SHAPE = Shape("chat", gettext_lazy("Chat messages"), Brings.PROMPTS, recognizes, rows)
