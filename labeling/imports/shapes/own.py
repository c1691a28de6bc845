"""Our own rows: prompts, prompts with responses, judgments."""

from collections.abc import Sequence, Set

from django.utils.translation import gettext_lazy

from labeling.collection.judgments import FIELDS as JUDGMENT_FIELDS
from labeling.imports.brings import Brings
from labeling.imports.shapes.base import Shape
from labeling.prompts.files import Row
from labeling.prompts.rows import FIELDS


def as_they_are(row: Row) -> list[Row]:
    return [row]


def has_prompt(fields: Set[str]) -> bool:
    return bool({"prompt", "messages"} & fields)


def are_prompts(fields: Set[str], _rows: Sequence[Row]) -> bool:
    return has_prompt(fields) and fields <= FIELDS


def are_responses(fields: Set[str], _rows: Sequence[Row]) -> bool:
    return has_prompt(fields) and "responses" in fields and fields <= FIELDS | {"responses"}


def are_judgments(fields: Set[str], _rows: Sequence[Row]) -> bool:
    return has_prompt(fields) and {"responses", "annotator"} <= fields and fields <= JUDGMENT_FIELDS


PROMPTS = Shape("prompts", gettext_lazy("Concord’s prompts"), Brings.PROMPTS, are_prompts, as_they_are)
RESPONSES = Shape("responses", gettext_lazy("Concord’s responses"), Brings.RESPONSES, are_responses, as_they_are)
JUDGMENTS = Shape("judgments", gettext_lazy("Concord’s judgments"), Brings.JUDGMENTS, are_judgments, as_they_are)
