"""SHA-256, by which equal contents are found."""

import hashlib
import json
from collections.abc import Sequence
from typing import Any

from labeling.prompts.images import CheckedImage

encode = json.JSONEncoder(ensure_ascii=False, sort_keys=True).encode


def text_digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def digest_of(content: Any) -> str:
    """Of a JSON value."""
    return text_digest(encode(content))


def prompt_digest(system: str, history: list[dict[str, str]], text: str, images: Sequence[CheckedImage]) -> str:
    """As `digest_of` a list of these, but text by itself is written several times as fast as in a list."""
    shown = f", {encode([image.sha256 for image in images])}" if images else ""
    return text_digest(f"[{encode(system)}, {encode(history) if history else '[]'}, {encode(text)}{shown}]")
