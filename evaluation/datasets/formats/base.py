from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

Messages = Sequence[dict[str, str]]


@dataclass(frozen=True)
class Pair:
    """One outcome, as formats see it."""

    messages: Messages
    """The conversation up to and with the last user turn."""
    chosen: str
    rejected: str


@dataclass(frozen=True)
class RowFormat:
    schema: pa.Schema
    row: Callable[[Pair], dict[str, Any]]
    task_categories: tuple[str, ...]
    about: str
    """One paragraph for the data set card."""


SPEAKERS = {"system": "System", "user": "User", "assistant": "Assistant"}


def plain_prompt(messages: Messages) -> str:
    """A lone user turn as it is; a longer conversation with its speakers named, and the answer's speaker last."""
    if len(messages) == 1:
        return messages[0]["content"]
    turns = [f"{SPEAKERS[message['role']]}: {message['content']}" for message in messages]
    return "\n\n".join([*turns, "Assistant: "])
