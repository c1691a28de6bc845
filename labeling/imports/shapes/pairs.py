"""Preference pairs, as reward models and DPO are trained on: a prompt, and the responses that were chosen and rejected.

The prompt may stand before each of the two as well, or only there, as messages or in one text with speakers, as in
Anthropic's HH.
"""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence, Set

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from labeling.imports.brings import Brings
from labeling.imports.guess import guessed_brings, guessed_columns
from labeling.imports.shapes.alpaca import turns_of as alpaca_turns
from labeling.imports.shapes.base import Shape, Turn, carried, made, text_in
from labeling.imports.shapes.chat import are_messages, messages_of
from labeling.imports.shapes.sharegpt import turn_of
from labeling.prompts.files import Row, RowRefused
from labeling.prompts.rows import FIELDS

SIDES = ("chosen", "rejected")
OPENAI = ("preferred_output", "non_preferred_output")
PROMPTS = ("messages", "conversations", "prompt")
ALPACA = {"instruction", "input", "history"}

SPEAKER = re.compile(r"((?:\A\s*|\r?\n\r?\n)(Human|Assistant): ?)")
ROLES = {"Human": "user", "Assistant": "assistant"}

Words = list[tuple[str, str]]
"""Who says what, without the space around it."""


def recognizes(fields: Set[str], rows: Sequence[Row]) -> bool:
    if fields >= {"input", *OPENAI}:
        return True
    known = sorted(fields)
    meant = guessed_columns(Brings.RESPONSES, known)
    texts = [*meant["responses.1.text"], *meant["responses.2.text"], *meant["responses"]]
    if texts != list(SIDES) or guessed_brings(known) == Brings.JUDGMENTS:
        return False
    ends = [row[side] for row in rows for side in SIDES if row.get(side) is not None]
    if fields & {*PROMPTS, "instruction"}:
        return all(isinstance(end, (str, dict)) or are_messages(end) for end in ends)
    return not meant["prompt"] and all(are_messages(end) or is_spoken(end) for end in ends)


def is_spoken(value: object) -> bool:
    return isinstance(value, str) and SPEAKER.search(value) is not None


def rows(row: Row) -> Iterator[Row]:
    sides = SIDES
    if row.keys() & {*OPENAI}:
        row, sides = without_input(row), OPENAI
    stated = stated_in(row)
    has_texts = any(isinstance(row.get(side), str) for side in sides)
    ends = {side: "" if has_texts and row.get(side) is None else row.get(side) for side in sides}
    chosen, rejected = (turns_to(side, end, stated.values()) for side, end in ends.items())
    if words(chosen[:-1]) != words(rejected[:-1]):
        raise differ(*sides)
    before = {name: without_end(turns, (chosen[-1], rejected[-1])) for name, turns in stated.items()}
    asked = all_that_was_asked({**before, sides[0]: chosen[:-1]}, sides[0])
    given = [(model_of(row, side), turns[-1]["content"]) for side, turns in zip(SIDES, (chosen, rejected), strict=True)]
    responses = [{"model": model, "text": text} for model, text in dict.fromkeys(given)]
    system = text_in(row, "system") or text_in(row, "system_prompt")
    if system.strip() == system_of(asked):
        system = ""
    used = (FIELDS - set(PROMPTS)) | {*sides, *stated, "system_prompt", *(ALPACA if "instruction" in stated else ())}
    rest = carried(row, {*PROMPTS, "system"})
    yield made(row, used, **rest, **asked, system=system, responses=responses)


def without_input(row: Row) -> Row:
    """Raises RowRefused."""
    given = row.get("input")
    if not isinstance(given, dict):
        raise RowRefused(_("“%(field)s” must be an object.") % {"field": "input"})
    return {**given, **{name: value for name, value in row.items() if name != "input"}}


def system_of(asked: Row) -> str:
    return "".join(said for role, said in words(asked.get("messages", [])[:1]) if role == "system")


def model_of(row: Row, side: str) -> str:
    return text_in(row, f"{side}_model") or text_in(row, f"{side}-model") or side


def stated_in(row: Row) -> dict[str, list[Turn]]:
    """What the row says was asked, by field. Raises RowRefused."""
    stated = {name: turns_in(row[name], name) for name in PROMPTS if row.get(name) is not None}
    if not stated and "instruction" in row:
        stated["instruction"] = alpaca_turns(row)
    return stated


def turns_in(value: object, field: str) -> list[Turn]:
    """Raises RowRefused."""
    if isinstance(value, str):
        turns = spoken(value)
        waits = is_spoken(value) and turns[0]["role"] == "user" and turns[-1] == {"role": "assistant", "content": ""}
        return turns[:-1] if waits else [{"role": "user", "content": value}]
    given = [value] if isinstance(value, dict) else value
    if are_messages(given) and any("from" in one for one in given):
        return [turn_of(one) for one in given]
    return messages_of(given, field)


def turns_to(side: str, end: object, stated: Collection[Sequence[Turn]]) -> list[Turn]:
    """The response, and before it what its field holds of the conversation. Raises RowRefused."""
    turns = spoken(end) if isinstance(end, str) else turns_in(end, side)
    if isinstance(end, str) and (stated or not is_spoken(end)) and words(turns[:-1]) not in map(words, stated):
        turns = [{"role": "assistant", "content": end}]
    if not turns or turns[-1]["role"] != "assistant":
        raise RowRefused(_("“%(field)s” must end with what the assistant says.") % {"field": side})
    if not isinstance(turns[-1]["content"], str):
        raise RowRefused(_("“%(field)s” must be text.") % {"field": side})
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


def without_end(turns: list[Turn], answers: Sequence[Turn]) -> list[Turn]:
    return turns[:-1] if turns and words(turns[-1:])[0] in words(answers) else turns


def all_that_was_asked(told: Mapping[str, list[Turn]], side: str) -> Row:
    """The longest of the accounts of a conversation, by field. The others must be its end, or one turn of it.

    What stands before the answers, in the field `side`, can only be its end. Raises RowRefused.
    """
    longest = max(told, key=lambda field: len(told[field]))
    turns, all_words = told[longest], words(told[longest])
    if not turns or not all_words[-1][1]:
        raise RowRefused(_("“prompt” is empty."))
    for field in told:
        said = words(told[field])
        is_one_turn = field != side and len(said) == 1 and said[0] in all_words
        if not is_one_turn and said != all_words[len(all_words) - len(said) :]:
            raise differ(longest, field)
    return {"prompt": turns[0]["content"]} if [turn["role"] for turn in turns] == ["user"] else {"messages": turns}


def words(turns: Sequence[Turn]) -> Words:
    return [(turn["role"], str(turn["content"]).strip()) for turn in turns]


def differ(one: str, other: str) -> RowRefused:
    said = _("“%(one)s” and “%(other)s” belong to different conversations.")
    return RowRefused(said % {"one": one, "other": other})


SHAPE = Shape("pairs", gettext_lazy("Preference pairs"), Brings.RESPONSES, recognizes, rows)
