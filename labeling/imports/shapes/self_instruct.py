"""Self-instruct: an instruction with instances, each an input and its output."""

from collections.abc import Iterator, Sequence, Set

from django.utils.translation import gettext as _

from labeling.imports.brings import Brings
from labeling.imports.shapes.base import Shape, made, text_in, together
from labeling.prompts.files import Row, RowRefused
from labeling.prompts.use_cases import UseCase

USED = {"instruction", "instances", "is_classification"}


def recognizes(fields: Set[str], _rows: Sequence[Row]) -> bool:
    return {"instruction", "instances"} <= fields


def rows(row: Row) -> Iterator[Row]:
    instances = row.get("instances")
    if not isinstance(instances, list) or not all(isinstance(instance, dict) for instance in instances):
        raise RowRefused(_("“%(field)s” must be a list of objects.") % {"field": "instances"})
    for instance in instances:
        yield made(
            row,
            USED,
            prompt=together(text_in(row, "instruction"), text_in(instance, "input")),
            reference=text_in(instance, "output"),
            use_case=UseCase.CLASSIFICATION.value if row.get("is_classification") is True else "",
        )


SHAPE = Shape("self-instruct", "Self-instruct", Brings.PROMPTS, recognizes, rows)
