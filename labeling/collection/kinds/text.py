"""What the kinds have in common whose answers are written."""

from typing import Any

from django.utils.translation import gettext as _

from labeling.collection.kinds.base import AnswerRefused


def clean_text(text: Any, longest: int) -> str:
    """Raises AnswerRefused."""
    if not isinstance(text, str):
        raise AnswerRefused(_("The answer to this question is text."))
    if len(text) > longest:
        raise AnswerRefused(
            _("The text has %(n)d characters; it can have %(most)d.") % {"n": len(text), "most": longest}
        )
    if "\0" in text:
        raise AnswerRefused(_("A text cannot hold the NUL character."))
    return text


def shown_text(text: Any) -> str:
    return text if isinstance(text, str) else ""


def as_written(text: str) -> str:
    """A text area's content: forms send line breaks as CR LF."""
    return text.replace("\r\n", "\n")
