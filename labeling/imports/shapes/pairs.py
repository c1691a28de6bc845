"""Preference pairs, as reward models and DPO are trained on: a prompt, and the responses that were chosen and rejected.

The prompt may stand before each of the two instead, as messages or in one text with speakers (Anthropic's HH).
"""

import re
from collections.abc import Iterator, Sequence, Set

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from labeling.imports.brings import Brings
from labeling.imports.shapes.base import Shape, Turn, carried, made, text_in
from labeling.imports.shapes.chat import messages_of
from labeling.imports.shapes.sharegpt import turn_of
from labeling.prompts.files import Row, RowRefused
from labeling.prompts.rows import FIELDS

SIDES = ("chosen", "rejected")
ASKED = {"prompt", "conversations"}
USED = {*SIDES, *ASKED, "messages", "chosen_model", "rejected_model"}
"""`messages` of UltraFeedback are the prompt and the chosen response once more."""

OPENAI = {"input", "preferred_output", "non_preferred_output"}
SPEAKER = re.compile(r"\n\n(Human|Assistant): ?")
ROLES = {"Human": "user", "Assistant": "assistant"}


def recognizes(fields: Set[str], rows: Sequence[Row]) -> bool:
    return fields >= OPENAI or (
        fields >= set(SIDES) and (bool(ASKED & fields) or any(has_turns(row.get("chosen")) for row in rows))
    )


def has_turns(value: object) -> bool:
    return isinstance(value, list) or (isinstance(value, str) and SPEAKER.search(value) is not None)


def rows(row: Row) -> Iterator[Row]:
    if row.keys() >= OPENAI:
        row = of_openai(row)
    chosen, rejected = (turns_of(row, side) for side in SIDES)
    if chosen[:-1] != rejected[:-1]:
        raise RowRefused(_("“chosen” and “rejected” belong to different conversations."))
    responses = [
        {"model": text_in(row, f"{side}_model") or side, "text": turns[-1]["content"]}
        for side, turns in zip(SIDES, (chosen, rejected), strict=True)
    ]
    yield made(row, FIELDS | USED, **carried(row, USED), **asked(row, chosen[:-1]), responses=responses)


def of_openai(row: Row) -> Row:
    """Raises RowRefused."""
    given = row["input"]
    if not isinstance(given, dict):
        raise RowRefused(_("“%(field)s” must be an object.") % {"field": "input"})
    rest = {name: value for part in (given, row) for name, value in part.items() if name not in OPENAI | {"messages"}}
    return {
        **rest,
        "prompt": given.get("messages"),
        "chosen": row["preferred_output"],
        "rejected": row["non_preferred_output"],
    }


def turns_of(row: Row, side: str) -> list[Turn]:
    """The response, and before it what it holds of the conversation. Raises RowRefused."""
    value = row.get(side)
    if isinstance(value, dict):
        turns = [turn_of(value)]
    elif isinstance(value, str) and ASKED & row.keys():
        turns = [{"role": "assistant", "content": value}]
    elif isinstance(value, str):
        turns = spoken(value)
    else:
        turns = messages_of(value, side)
    if not turns or turns[-1]["role"] != "assistant":
        raise RowRefused(_("“%(field)s” must end with what the assistant says.") % {"field": side})
    return turns


def spoken(text: str) -> list[Turn]:
    """What is before the first speaker is the system prompt; who goes on speaking has one turn."""
    system, *parts = SPEAKER.split(text)
    turns: list[Turn] = [{"role": "system", "content": system}] if system.strip() else []
    for speaker, said in zip(parts[::2], parts[1::2], strict=True):
        if turns and turns[-1]["role"] == ROLES[speaker]:
            turns[-1]["content"] += f"\n\n{said}"
        else:
            turns.append({"role": ROLES[speaker], "content": said})
    return turns


def asked(row: Row, before: Sequence[Turn]) -> Row:
    """The prompt: messages, those before the responses included. Raises RowRefused."""
    if isinstance(row.get("prompt"), list):
        return {"messages": [*messages_of(row["prompt"], "prompt"), *before]}
    if isinstance(row.get("conversations"), list):
        return {"messages": [*map(turn_of, row["conversations"]), *before]}
    return {"messages": list(before)} if before else {"prompt": row.get("prompt")}


SHAPE = Shape("pairs", gettext_lazy("Preference pairs"), Brings.RESPONSES, recognizes, rows)
