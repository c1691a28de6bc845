"""What a project asks about each task, as plain data: an instrument is a list of these."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext

FEWEST_RESPONSES, MOST_RESPONSES = 0, 9

RESPONSES = {
    "pairwise": (2, 2),
    "ranking": (2, MOST_RESPONSES),
    "likert": (1, MOST_RESPONSES),
    "flags": (1, MOST_RESPONSES),
    "refinement": (1, MOST_RESPONSES),
    "prompt_flags": (FEWEST_RESPONSES, MOST_RESPONSES),
    "use_case": (FEWEST_RESPONSES, MOST_RESPONSES),
    "demonstration": (FEWEST_RESPONSES, MOST_RESPONSES),
    "comment": (FEWEST_RESPONSES, MOST_RESPONSES),
}
"""How many responses a task may have, fewest and most, for a question of each kind."""


IN_ORDER = {"flags"}
"""Options whose order matters, which JSON objects do not keep in PostgreSQL: stored as pairs."""


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
        options = {name: dict(value) if name in IN_ORDER else value for name, value in stored["options"].items()}
        return cls(**{**stored, "options": options})

    def to_json(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "kind": self.kind,
            "title": self.title,
            "required": self.required,
            "options": {name: [*value.items()] if name in IN_ORDER else value for name, value in self.options.items()},
        }

    @property
    def shown_title(self) -> str:
        """The title in the reader's language where it is one of ours, else as its author wrote it."""
        return gettext(self.title)


def responses_for(questions: Iterable[Question]) -> tuple[int, int]:
    """The fewest and the most responses that a task with these questions can have."""
    ranges = [RESPONSES[question.kind] for question in questions]
    return (
        max((low for low, _high in ranges), default=FEWEST_RESPONSES),
        min((high for _low, high in ranges), default=MOST_RESPONSES),
    )
