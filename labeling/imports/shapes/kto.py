"""Single labels, as KTO is trained on: a prompt, one response, and whether it is desirable."""

from collections.abc import Iterator, Sequence, Set

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from labeling.imports.brings import Brings
from labeling.imports.shapes.base import Shape, Turn, carried, made
from labeling.imports.shapes.chat import are_messages, messages_of
from labeling.prompts.files import Row, RowRefused
from labeling.prompts.rows import FIELDS

USED = {"prompt", "completion", "messages"}
MODELS = {True: "desirable", False: "undesirable"}


def recognizes(fields: Set[str], rows: Sequence[Row]) -> bool:
    has_both = {"prompt", "completion"} <= fields or any(are_messages(row.get("messages")) for row in rows)
    return has_both and "label" in fields and all(truth(row.get("label")) is not None for row in rows)


def truth(label: object) -> bool | None:
    if isinstance(label, str):
        return {"true": True, "false": False}.get(label.strip().lower())
    return label if isinstance(label, bool) else None


def rows(row: Row) -> Iterator[Row]:
    is_desirable = truth(row.get("label"))
    if is_desirable is None:
        raise RowRefused(_("“%(field)s” is either true or false.") % {"field": "label"})
    if row.get("messages") is not None:
        turns = messages_of(row["messages"], "messages")
    else:
        turns = [*turns_in(row, "prompt", "user"), *turns_in(row, "completion", "assistant")]
    if not turns or turns[-1]["role"] != "assistant":
        raise RowRefused(_("“%(field)s” must end with what the assistant says.") % {"field": "messages"})
    response = {"model": MODELS[is_desirable], "text": turns[-1]["content"]}
    yield made(row, FIELDS | USED, **carried(row, USED), messages=turns[:-1], responses=[response])


def turns_in(row: Row, field: str, role: str) -> list[Turn]:
    """Of messages, or of a text that `role` says. Raises RowRefused."""
    value = row.get(field)
    if value is None or isinstance(value, str):
        return [{"role": role, "content": value or ""}]
    return messages_of(value, field)


SHAPE = Shape("kto", gettext_lazy("Single labels (KTO)"), Brings.RESPONSES, recognizes, rows)
