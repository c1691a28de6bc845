"""Which fields of another tool's data are the prompt and the responses."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from labeling.collection.moving.shape import Candidate
from labeling.errors import Refused
from labeling.generation.import_responses import MODEL_NAME_LENGTH
from labeling.projects.questions import MOST_RESPONSES
from labeling.prompts.files import Row, RowRefused
from labeling.prompts.rows import conversation

PROMPTS = (
    *("prompt", "question", "instruction", "query"),
    *("messages", "conversation", "dialogue", "chat", "input", "text"),
)
BESIDE_INSTRUCTION = ("input", "context")
SYSTEM = ("system", "system_prompt")
RESPONSE = re.compile(
    r"(model[ _-]?)?"
    r"(responses?|answers?|completions?|outputs?|candidates?|reply|replies|generations?|summary|summaries|items|texts?)"
    r"[ _-]?([0-9]{1,2}|[a-i])?",
    re.IGNORECASE,
)
NUMBER = re.compile(r"(?:[0-9]{1,2}|(?<=[ _-])[a-i])\Z", re.IGNORECASE)
TEXTS = ("text", "body", "content", "response", "answer", "completion", "output", "html")
MODELS = ("model", "title", "name", "id")
SPEAKERS = ("role", "author", "speaker", "name")


@dataclass(frozen=True)
class Fields:
    prompt: tuple[str, ...]
    """Parts of it, which get blank lines between them."""
    responses: tuple[str, ...]
    """One field with a list of them, or a field for each."""

    def row(self, data: Mapping[str, Any], number: str) -> Row:
        """The fields of a prompt; what else the data hold is its metadata. Raises RowRefused."""
        row: Row = {"metadata": self._others(data)}
        system = next((name for name in SYSTEM if isinstance(data.get(name), str)), None)
        if system:
            row["system"] = row["metadata"].pop(system)
        parts = self._parts(data)
        if self.prompt and not parts:
            raise RowRefused(_("there is nothing in “%(field)s”, the prompt.") % {"field": ", ".join(self.prompt)})
        if len(parts) == 1 and is_conversation(parts[0]):
            turns = parts[0][:-1] if self._ends_with_reply(parts) else parts[0]
            return row | prompt_of_turns(turns, row.pop("system", ""))
        return row | {"prompt": "\n\n".join(map(as_text, parts)) if parts else number}

    def _parts(self, data: Mapping[str, Any]) -> list[Any]:
        return [data[name] for name in self.prompt if data.get(name) not in (None, "", [])]

    def _ends_with_reply(self, parts: Sequence[Any]) -> bool:
        """Whether the prompt is a conversation whose last turn is what people were asked about."""
        is_alone = not self.responses and len(parts) == 1 and is_conversation(parts[0]) and len(parts[0]) > 1
        return is_alone and parts[0][-1]["role"] == "assistant"

    def candidates(self, data: Mapping[str, Any]) -> tuple[Candidate, ...]:
        """Raises RowRefused."""
        found: list[Candidate] = []
        for name in self.responses:
            value = data.get(name)
            if isinstance(value, list) and not is_conversation(value):
                found += [listed(name, place, one) for place, one in enumerate(value)]
            elif value is not None:
                found.append(Candidate(name, model_of(data, name), as_text(value)))
        parts = self._parts(data)
        if self._ends_with_reply(parts):
            found.append(Candidate(self.prompt[0], self.prompt[0], parts[0][-1]["content"]))
        if len(found) > MOST_RESPONSES:
            raise RowRefused(_("a task has at most %(n)d responses.") % {"n": MOST_RESPONSES})
        if len({one.key for one in found}) < len(found):
            raise RowRefused(_("two responses have the same id."))
        return tuple(told_apart(found))

    def _others(self, data: Mapping[str, Any]) -> dict[str, Any]:
        known = {*self.prompt, *self.responses}
        models = {name for response in self.responses for name in names_of_model(response)}
        return {name: value for name, value in data.items() if name not in known | models}


def guess(names: Sequence[str], *, all_shown: bool, prompt: Sequence[str], responses: Sequence[str]) -> Fields:
    """Of the fields called so; what is given of `prompt` and `responses` is so.

    Where people were shown all of them, the prompt is everything that is no response; that may be nothing.
    Raises Refused.
    """
    found = tuple(responses) or tuple(name for name in names if looks_like_response(name, names))
    rest = [name for name in names if name not in found]
    if prompt:
        return Fields(tuple(prompt), found)
    if all_shown or not rest:
        return Fields(tuple(name for name in rest if name.lower() not in SYSTEM), found)
    by_name = {name.lower(): name for name in rest}
    first = next((by_name[name] for name in PROMPTS if name in by_name), None)
    if first is None:
        raise Refused(
            _("None of the fields %(names)s is known to be the prompt: say which one is, and which are responses.")
            % {"names": ", ".join(names)}
        )
    beside = [by_name[name] for name in BESIDE_INSTRUCTION if name in by_name and first.lower() == "instruction"]
    return Fields((first, *beside), found)


def looks_like_response(name: str, names: Sequence[str]) -> bool:
    """A text is one only where there are several, numbered."""
    match = RESPONSE.fullmatch(name)
    if match is None:
        return False
    n_alike = sum(RESPONSE.fullmatch(other) is not None for other in names)
    return match[2].lower() not in ("text", "texts") or (match[3] is not None and n_alike > 1)


def names_of_model(response: str) -> list[str]:
    number = NUMBER.search(response)
    of_number = [f"model{mark}{number[0]}" for mark in ("", "_", "-", " ")] if number else []
    return [f"{response}_model", f"model_{response}", *of_number]


def model_of(data: Mapping[str, Any], response: str) -> str:
    """Who wrote it, or what its field is called."""
    given = next((data[name] for name in names_of_model(response) if isinstance(data.get(name), str)), "")
    return str(given).strip()[:MODEL_NAME_LENGTH] or response[:MODEL_NAME_LENGTH]


def listed(name: str, place: int, value: Any) -> Candidate:
    """One of a list of responses."""
    if not isinstance(value, dict):
        return Candidate(str(place), f"{name} {place + 1}"[:MODEL_NAME_LENGTH], as_text(value))
    text = next((value[key] for key in TEXTS if value.get(key) is not None), None)
    if text is None:
        raise RowRefused(_("response %(n)d of “%(field)s” has no text.") % {"n": place + 1, "field": name})
    model = next((str(value[key]).strip() for key in MODELS if isinstance(value.get(key), (str, int))), "")
    key = value.get("id")
    return Candidate(
        str(place if key is None else key), model[:MODEL_NAME_LENGTH] or f"{name} {place + 1}", as_text(text)
    )


def told_apart(candidates: Sequence[Candidate]) -> list[Candidate]:
    """The same text twice by one model becomes two responses of two names."""
    known: set[tuple[str, str]] = set()
    told = []
    for one in candidates:
        if (one.model, one.text) in known:
            one = one._replace(model=f"{one.model[: MODEL_NAME_LENGTH - 22]} ({one.key[:18]})")
        known.add((one.model, one.text))
        told.append(one)
    return told


def as_text(value: Any) -> str:
    """A text, or what a conversation, a list or a small table says. Raises RowRefused."""
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        return "\n\n".join(map(turn_text, value))
    if isinstance(value, dict):
        return "\n".join(f"{name}: {plain_text(one)}" for name, one in value.items())
    return plain_text(value)


def turn_text(turn: Any) -> str:
    if not isinstance(turn, dict):
        return plain_text(turn)
    speaker = next((turn[key] for key in SPEAKERS if isinstance(turn.get(key), str)), "")
    text = next((turn[key] for key in TEXTS if isinstance(turn.get(key), str)), None)
    if text is None:
        raise RowRefused(_("a prompt or a response is neither text nor a conversation."))
    return f"{speaker}: {text}" if speaker else str(text)


def plain_text(value: Any) -> str:
    if isinstance(value, (str, int, float)):
        return str(value)
    raise RowRefused(_("a prompt or a response is neither text nor a conversation."))


def is_conversation(value: Any) -> bool:
    return (
        isinstance(value, list)
        and bool(value)
        and all(
            isinstance(turn, dict) and isinstance(turn.get("role"), str) and isinstance(turn.get("content"), str)
            for turn in value
        )
    )


def prompt_of_turns(turns: Sequence[Mapping[str, str]], system: str) -> Row:
    """As a conversation where it is one that a model could go on with, else as text."""
    messages = [{"role": turn["role"], "content": turn["content"]} for turn in turns]
    row: Row = {"messages": messages} | ({"system": system} if system else {})
    try:
        conversation(row)
    except RowRefused:
        return {"prompt": as_text(messages)} | ({"system": system} if system else {})
    return row
