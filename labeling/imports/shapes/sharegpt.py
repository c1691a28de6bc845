"""ShareGPT: conversations of turns, each with who it is from and its value."""

from collections.abc import Iterator, Sequence, Set

from django.utils.translation import gettext as _

from labeling.imports.brings import Brings
from labeling.imports.shapes.base import Shape, dialogue, made, text_in
from labeling.prompts.files import Row, RowRefused

ROLES = {
    **dict.fromkeys(("human", "user"), "user"),
    **dict.fromkeys(("gpt", "assistant", "chatgpt", "bing", "bard", "model"), "assistant"),
    "system": "system",
}


def recognizes(fields: Set[str], _rows: Sequence[Row]) -> bool:
    return "conversations" in fields


def rows(row: Row) -> Iterator[Row]:
    turns = row.get("conversations")
    if not isinstance(turns, list):
        raise RowRefused(_("“conversations” must be a list of turns."))
    spoken = dialogue([turn_of(turn) for turn in turns])
    yield made(row, {"conversations", "system"}, system=text_in(row, "system"), **spoken)


def turn_of(turn: object) -> dict[str, str]:
    speaker = turn.get("from") if isinstance(turn, dict) else None
    if not isinstance(turn, dict) or not isinstance(speaker, str) or not isinstance(turn.get("value"), str):
        raise RowRefused(_("each turn needs “from” and “value”, which are texts."))
    if speaker not in ROLES:
        raise RowRefused(
            _("a turn is from “%(speaker)s”; known are %(known)s.")
            % {"speaker": speaker[:60], "known": ", ".join(ROLES)}
        )
    return {"role": ROLES[speaker], "content": turn["value"]}


SHAPE = Shape("sharegpt", "ShareGPT", Brings.PROMPTS, recognizes, rows)
