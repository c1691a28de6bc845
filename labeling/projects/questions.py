"""What a project asks about each task, as plain data: an instrument is a list of these."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext


@dataclass(frozen=True)
class Question:
    """One question. `kind` names a module of collection/kinds/, which says what `options` mean."""

    name: str
    kind: str
    title: str
    required: bool = False
    options: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> "Question":
        return cls(**stored)

    def to_json(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "kind": self.kind,
            "title": self.title,
            "required": self.required,
            "options": dict(self.options),
        }

    @property
    def shown_title(self) -> str:
        """The title in the reader's language where it is one of ours, else as its author wrote it."""
        return gettext(self.title)
