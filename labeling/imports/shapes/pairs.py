"""Preference pairs, as reward models and DPO are trained on: a prompt, and the responses that were chosen and rejected.

The prompt may stand before each of the two as well, or only there, as messages or in one text with speakers, as in
Anthropic's HH.
"""

import re
from collections.abc import Iterator, Mapping, Sequence, Set

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from labeling.imports.brings import Brings
from labeling.imports.guess import guessed_brings, guessed_columns
from labeling.imports.shapes.base import Shape, Turn, carried, made, text_in, together
from labeling.imports.shapes.chat import are_messages, messages_of
from labeling.imports.shapes.sharegpt import turn_of
from labeling.prompts.files import Row, RowRefused
from labeling.prompts.rows import FIELDS

SIDES = ("chosen", "rejected")
OPENAI = ("preferred_output", "non_preferred_output")
PROMPTS = ("messages", "conversations", "prompt")
ALPACA = {"instruction", "input"}

SPEAKER = re.compile(r"((?:\A\s*|\r?\n\r?\n)(Human|Assistant): ?)")
ROLES = {"Human": "user", "Assistant": "assistant"}


def recognizes(fields: Set[str], rows: Sequence[Row]) -> bool:
    if fields >= {"input", *OPENAI}:
        return True
    known = sorted(fields)
    meant = guessed_columns(Brings.RESPONSES, known)
    texts = [*meant["responses.1.text"], *meant["responses.2.text"]]
    if texts != list(SIDES) or guessed_brings(known) == Brings.JUDGMENTS:
        return False
    ends = [row[side] for row in rows for side in SIDES if row.get(side) is not None]
    if fields & {*PROMPTS, "instruction"}:
        return all(isinstance(end, (str, dict)) or are_messages(end) for end in ends)
    return all(are_messages(end) or (is_spoken(end) and not meant["prompt"]) for end in ends)


def is_spoken(value: object) -> bool:
    return isinstance(value, str) and SPEAKER.search(value) is not None


def rows(row: Row) -> Iterator[Row]:
    sides = SIDES
    if row.keys() >= {"input", *OPENAI}:
        row, sides = without_input(row), OPENAI
    stated = stated_in(row)
    has_texts = any(isinstance(row.get(side), str) for side in sides)
    ends = {side: "" if has_texts and row.get(side) is None else row.get(side) for side in sides}
    chosen, rejected = (turns_to(side, end, has_prompt=bool(stated)) for side, end in ends.items())
    if chosen[:-1] != rejected[:-1]:
        raise differ(*sides)
    asked = all_that_was_asked({**stated, sides[0]: chosen}, chosen[-1])
    given = [(model_of(row, side), turns[-1]["content"]) for side, turns in zip(SIDES, (chosen, rejected), strict=True)]
    responses = [{"model": model, "text": text} for model, text in dict.fromkeys(given)]
    used = (FIELDS - set(PROMPTS)) | {*sides, *stated, *(ALPACA if "instruction" in stated else ())}
    yield made(row, used, **carried(row, set(PROMPTS)), **asked, responses=responses)


def without_input(row: Row) -> Row:
    """Raises RowRefused."""
    if not isinstance(row["input"], dict):
        raise RowRefused(_("“%(field)s” must be an object.") % {"field": "input"})
    return {**row["input"], **{name: value for name, value in row.items() if name != "input"}}


def model_of(row: Row, side: str) -> str:
    return text_in(row, f"{side}_model") or text_in(row, f"{side}-model") or side


def stated_in(row: Row) -> dict[str, list[Turn]]:
    """What the row says was asked, by field. Raises RowRefused."""
    stated = {name: turns_in(row[name], name) for name in PROMPTS if row.get(name) is not None}
    if not stated and "instruction" in row:
        stated["instruction"] = user_turn(together(text_in(row, "instruction"), text_in(row, "input")))
    return stated


def turns_in(value: object, field: str) -> list[Turn]:
    """Raises RowRefused."""
    if isinstance(value, str):
        turns = spoken(value)
        waits = is_spoken(value) and turns[0]["role"] == "user" and turns[-1] == {"role": "assistant", "content": ""}
        return turns[:-1] if waits else user_turn(value)
    given = [value] if isinstance(value, dict) else value
    if are_messages(given) and any("from" in one for one in given):
        return [turn_of(one) for one in given]
    return messages_of(given, field)


def user_turn(text: str) -> list[Turn]:
    return [{"role": "user", "content": text}]


def turns_to(side: str, end: object, *, has_prompt: bool) -> list[Turn]:
    """The response, and before it what its field holds of the conversation. Raises RowRefused."""
    if not isinstance(end, str):
        turns = turns_in(end, side)
    elif has_prompt:
        turns = [{"role": "assistant", "content": end}]
    elif is_spoken(end):
        turns = spoken(end)
    else:
        raise RowRefused(_("“prompt” is empty."))
    if not turns or turns[-1]["role"] != "assistant":
        raise RowRefused(_("“%(field)s” must end with what the assistant says.") % {"field": side})
    return turns


def spoken(text: str) -> list[Turn]:
    """What is before the first speaker is the system prompt; who goes on speaking has one turn."""
    system, *parts = SPEAKER.split(text)
    turns: list[Turn] = [{"role": "system", "content": system}] if system.strip() else []
    for mark, speaker, said in zip(parts[::3], parts[1::3], parts[2::3], strict=True):
        if turns and turns[-1]["role"] == ROLES[speaker]:
            turns[-1]["content"] += mark + said
        else:
            turns.append({"role": ROLES[speaker], "content": said})
    return turns


def all_that_was_asked(told: Mapping[str, list[Turn]], answer: Turn) -> Row:
    """The longest of several accounts of a conversation, of which the others are parts; `answer` belongs to none.

    Raises RowRefused.
    """
    asked = {field: turns[:-1] if turns[-1:] == [answer] else turns for field, turns in told.items()}
    longest = max(asked, key=lambda field: len(asked[field]))
    for field, turns in asked.items():
        if not is_part(turns, asked[longest]):
            raise differ(longest, field)
    turns = asked[longest]
    if [turn["role"] for turn in turns] == ["user"]:
        return {"prompt": turns[0]["content"]}
    return {"messages": turns}


def is_part(turns: Sequence[Turn], whole: Sequence[Turn]) -> bool:
    said, all_said = words(turns), words(whole)
    return any(all_said[start : start + len(said)] == said for start in range(len(all_said) - len(said) + 1))


def words(turns: Sequence[Turn]) -> list[tuple[str, str]]:
    return [(turn["role"], str(turn["content"]).strip()) for turn in turns]


def differ(one: str, other: str) -> RowRefused:
    said = _("“%(one)s” and “%(other)s” belong to different conversations.")
    return RowRefused(said % {"one": one, "other": other})


SHAPE = Shape("pairs", gettext_lazy("Preference pairs"), Brings.RESPONSES, recognizes, rows)
