"""A prompt as somebody gives it."""

from dataclasses import dataclass, field
from typing import Any

from labeling.prompts.images import CheckedImage


@dataclass(slots=True)
class GivenPrompt:
    """One that is not stored yet. Rows of the table take ten times as long to make."""

    text: str
    history: list[dict[str, str]]
    system: str
    source: str
    owner: str
    use_case: str
    language: str
    reference: str
    constraints: list[dict[str, Any]]
    metadata: dict[str, Any]
    images: list[CheckedImage]
    """Which the file that they came in will keep."""
    digest: str
    personal: list[str] = field(default_factory=list)
    clearance: str = ""
