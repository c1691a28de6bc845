"""The chat-completions format: what is sent to a server, and what is read out of its answers."""

import json
import math
import re
from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from labeling.generation.providers.base import Ask, Reply
from labeling.generation.texts import storable

ERROR_CODE = re.compile(r"[a-z0-9_]{1,64}")
FINISH_REASON = re.compile(r"[a-z_]{1,16}")
MOST_TOKENS = 2**31 - 1

Pictures = list[tuple[str, bytes]]
"""Media types and contents."""


class NotUnderstood(Exception):
    """This is not what a chat-completions server sends."""


def messages_to(ask: Ask, pictures: Pictures, url: Callable[[str, bytes], str]) -> list[dict[str, Any]]:
    """The conversation with its images, each by its `url`."""
    messages: list[dict[str, Any]] = [
        {"role": message["role"], "content": storable(message["content"])} for message in ask.messages
    ]
    if pictures:
        text = {"type": "text", "text": messages[-1]["content"]}
        images = [{"type": "image_url", "image_url": {"url": url(*picture)}} for picture in pictures]
        messages[-1]["content"] = [text, *images]
    return messages


def data_url(media_type: str, content: bytes) -> str:
    return f"data:{media_type};base64,{b64encode(content).decode()}"


def data_note(media_type: str, content: bytes) -> str:
    return f"[{media_type}, {len(content)} bytes]"


def parse(document: str | bytes) -> dict[str, Any]:
    try:
        parsed = json.loads(document)
    except (ValueError, RecursionError):
        raise NotUnderstood from None
    if not isinstance(parsed, dict):
        raise NotUnderstood
    return parsed


@dataclass
class Choice:
    text: str = ""
    finish_reason: str = ""
    logprobs: list[float] = field(default_factory=list)
    """Of its tokens, in nats; empty where none came."""

    def add(self, choice: dict[str, Any], part: str) -> str:
        """The text in a choice's `message`, or in the next `delta` of it."""
        try:
            text = choice[part].get("content")
        except (LookupError, TypeError, AttributeError):
            raise NotUnderstood from None
        if not isinstance(text, str | None):
            raise NotUnderstood
        text = storable(text or "")
        self.text += text
        reason = choice.get("finish_reason")
        if isinstance(reason, str):
            self.finish_reason = reason if FINISH_REASON.fullmatch(reason) else "other"
        self.logprobs += logprobs_in(choice)
        return text


def logprobs_in(choice: dict[str, Any]) -> list[float]:
    try:
        found = [float(token["logprob"]) for token in choice["logprobs"]["content"]]
    except (LookupError, TypeError, ValueError, OverflowError):
        return []
    return found if math.isfinite(sum(found)) else []


@dataclass
class Completion:
    choices: list[Choice]
    n_prompt_tokens: int | None = None
    n_tokens: int | None = None
    """Of all choices together."""
    revision: str = ""

    def add(self, document: dict[str, Any]) -> None:
        """What an answer, or a chunk of one, says about the whole."""
        usage = document.get("usage")
        if isinstance(usage, dict):
            self.n_prompt_tokens = count_in(usage, "prompt_tokens")
            self.n_tokens = count_in(usage, "completion_tokens")
        names = [document.get("model"), document.get("system_fingerprint")]
        if revision := " ".join(name for name in names if name and isinstance(name, str)):
            self.revision = storable(revision)[:200]

    def reply(self, choice: Choice, sent: str, seconds: float, seeded: bool) -> Reply:
        alone = len(self.choices) == 1
        return Reply(
            text=choice.text.strip(),
            finish_reason=choice.finish_reason,
            sent=sent,
            n_prompt_tokens=self.n_prompt_tokens,
            n_tokens=len(choice.logprobs) or (self.n_tokens if alone else None),
            logprob=sum(choice.logprobs) if choice.logprobs else None,
            seconds=seconds,
            revision=self.revision,
            seeded=seeded,
        )


def count_in(usage: dict[str, Any], name: str) -> int | None:
    n = usage.get(name)
    return n if type(n) is int and 0 <= n <= MOST_TOKENS else None


def choices_in(document: dict[str, Any]) -> list[Any]:
    found = document.get("choices") or []
    if not isinstance(found, list):
        raise NotUnderstood
    return found


def read_completion(body: bytes) -> Completion:
    """Raises NotUnderstood."""
    document = parse(body)
    found = choices_in(document)
    if not found:
        raise NotUnderstood
    completion = Completion([Choice() for _choice in found])
    completion.add(document)
    for choice, one in zip(completion.choices, found, strict=True):
        choice.add(one, "message")
    return completion


def error_code(body: bytes) -> str:
    """What kind of error a server says it is, where it says so in one word. Nothing else of the body may be shown."""
    try:
        document = parse(body)
    except NotUnderstood:
        return ""
    error = document.get("error")
    words = [error.get("code"), error.get("type")] if isinstance(error, dict) else []
    return next((word for word in words if isinstance(word, str) and ERROR_CODE.fullmatch(word)), "")
