"""What a row of a prompts file means."""

import re
from itertools import pairwise
from typing import Any

from django.utils.translation import gettext as _

from labeling.prompts.digests import prompt_digest
from labeling.prompts.files import Row, RowRefused, refuse_unknown, text_of
from labeling.prompts.given import GivenPrompt
from labeling.prompts.use_cases import UseCase

FIELDS = frozenset(
    [
        *("prompt", "messages", "system", "images", "reference"),
        *("source", "owner", "use_case", "language", "constraints", "metadata"),
    ]
)
USE_CASES = UseCase.values

ROLES = ("system", "user", "assistant")
LANGUAGE = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*\Z")


def parse_prompt(row: Row) -> GivenPrompt:
    """Raises RowRefused."""
    refuse_unknown(row, FIELDS)
    return prompt_of(row)


def prompt_of(row: Row) -> GivenPrompt:
    """The prompt in a row that may hold other things beside it."""
    system, history, text = conversation(row)
    images = row.get("images") or []
    return GivenPrompt(
        text=text,
        history=history,
        system=system,
        source=text_of(row, "source", 200),
        owner=text_of(row, "owner", 200),
        use_case=one_of(row, "use_case", USE_CASES),
        language=language_of(row),
        reference=text_of(row, "reference"),
        constraints=constraints_of(row),
        metadata=typed(row, "metadata", dict, {}),
        images=images,
        digest=prompt_digest(system, history, text, images),
    )


def conversation(row: Row) -> tuple[str, list[dict[str, str]], str]:
    """System prompt, earlier turns and last user turn, from `prompt` or `messages`."""
    system = text_of(row, "system")
    if "prompt" not in row and "messages" not in row:
        raise RowRefused(_("a row needs either “prompt” or “messages”."))
    if "prompt" in row and "messages" in row:
        raise RowRefused(_("“prompt” and “messages” are both given; a row has one of them."))
    if "prompt" in row:
        text = text_of(row, "prompt")
        if not text.strip():
            raise RowRefused(_("“prompt” is empty."))
        return system, [], text
    turns = [turn_of(message) for message in typed(row, "messages", list, [])]
    if turns and turns[0]["role"] == "system":
        if system:
            raise RowRefused(_("the system prompt is given twice, in “system” and in “messages”."))
        system = turns.pop(0)["content"]
    roles = [turn["role"] for turn in turns]
    if not turns or roles[-1] != "user" or "system" in roles or not turns[-1]["content"].strip():
        raise RowRefused(
            _("“messages” must end with a user's turn that is not empty, and hold a system turn only first.")
        )
    if any(left == right for left, right in pairwise(roles)):
        raise RowRefused(_("in “messages”, user and assistant must take turns."))
    return system, turns[:-1], turns[-1]["content"]


def turn_of(message: object) -> dict[str, str]:
    if not isinstance(message, dict) or message.get("role") not in ROLES or not isinstance(message.get("content"), str):
        raise RowRefused(_("each message needs a “role” (system, user or assistant) and a “content” that is text."))
    return {"role": message["role"], "content": message["content"]}


def one_of(row: Row, field: str, allowed: list[str]) -> str:
    value = text_of(row, field)
    if value and value not in allowed:
        raise RowRefused(
            _("“%(field)s” is “%(value)s”; it can be %(allowed)s.")
            % {"field": field, "value": value, "allowed": ", ".join(allowed)}
        )
    return value


def language_of(row: Row) -> str:
    value = text_of(row, "language", 35)
    if value and not LANGUAGE.match(value):
        raise RowRefused(_("“language” is “%(value)s”; write it like en or zh-Hans.") % {"value": value})
    return value


def constraints_of(row: Row) -> list[dict[str, Any]]:
    constraints = []
    for constraint in typed(row, "constraints", list, []):
        if not isinstance(constraint, dict) or not isinstance(constraint.get("id"), str):
            raise RowRefused(_("each constraint needs an “id” and, where it takes any, “kwargs”."))
        constraints.append({"id": constraint["id"], "kwargs": typed(constraint, "kwargs", dict, {})})
    return constraints


def typed(row: Row, field: str, kind: type[Any], default: Any) -> Any:
    value = row.get(field)
    if value is None:
        return default
    if not isinstance(value, kind):
        what = _("an object") if kind is dict else _("a list")
        raise RowRefused(_("“%(field)s” must be %(what)s.") % {"field": field, "what": what})
    return value
