"""What a row of judgments made elsewhere means."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NamedTuple

from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from labeling.collection.kinds.base import LETTERS
from labeling.generation.import_responses import AnsweredPrompt, responses_of
from labeling.projects.questions import MOST_RESPONSES
from labeling.prompts.files import Row, RowRefused, refuse_unknown, text_of
from labeling.prompts.rows import FIELDS as PROMPT_FIELDS
from labeling.prompts.rows import USE_CASES, one_of, prompt_of

LONGEST_NAME = 120

GRADED = re.compile(r"[AB][1-4]")
PREFERENCES: dict[str, str] = {
    **dict.fromkeys(("a", "left", "first", "1"), "A"),
    **dict.fromkeys(("b", "right", "second", "2"), "B"),
    "tie": "tie",
    **dict.fromkeys(("both_bad", "both bad", "tie (both bad)"), "both_bad"),
}


class JudgedField(NamedTuple):
    """A field of a row, and the question or flag in it; "" for the only question of its kind."""

    field: str
    name: str

    def __str__(self) -> str:
        return f"{self.field}.{self.name}" if self.name else self.field


@dataclass(frozen=True)
class Judgment:
    answered: AnsweredPrompt
    annotator: str
    said: Mapping[JudgedField, Any]
    """Lists are in the order of the responses."""
    created_at: datetime | None
    active_ms: int | None = None


def parse_judgment(row: Row) -> Judgment:
    """Raises RowRefused."""
    refuse_unknown(row, FIELDS)
    responses = [] if row.get("responses") == [] else responses_of(row)
    if len(responses) > MOST_RESPONSES:
        raise RowRefused(_("a task has at most %(n)d responses.") % {"n": MOST_RESPONSES})
    said = dict(said_in(row, len(responses)))
    if not said:
        raise RowRefused(_("a judgment needs at least one of %(fields)s.") % {"fields": ", ".join(ANSWER_FIELDS)})
    return Judgment(AnsweredPrompt(prompt_of(row), responses), annotator_of(row), said, time_of(row))


def said_in(row: Row, n_responses: int) -> Iterator[tuple[JudgedField, Any]]:
    for field, read in ANSWER_FIELDS.items():
        given = row.get(field)
        if given is None:
            continue
        if not isinstance(given, dict) and field in ALWAYS_BY_NAME:
            raise RowRefused(_("“%(field)s” must be %(what)s.") % {"field": field, "what": _("an object")})
        if field in OF_RESPONSES and not n_responses:
            raise RowRefused(_("“%(field)s” is about responses, and there are none.") % {"field": field})
        for name, value in given.items() if isinstance(given, dict) else [("", given)]:
            said = JudgedField(field, name)
            if isinstance(given, dict) and not 0 < len(name) <= LONGEST_NAME:
                raise RowRefused(
                    _("names in “%(field)s” have 1 to %(n)d characters.") % {"field": field, "n": LONGEST_NAME}
                )
            if value is not None:
                yield said, read(str(said), value, n_responses)


def preference_of(value: object, field: str = "preference") -> str:
    if value == 0 and not isinstance(value, bool):
        raise RowRefused(
            _("“%(field)s” 0 could mean a tie or the first response: write tie, A or B.") % {"field": field}
        )
    written = str(value).strip()
    if GRADED.fullmatch(written.upper()):
        return written.upper()
    preference = PREFERENCES.get(written.lower())
    if preference is None or isinstance(value, bool):
        raise RowRefused(
            _(
                "“%(field)s” is “%(value)s”; it can be A, B, tie or both_bad (or left, right, first, second, 1, 2), or "
                "A1 to A4, B1 to B4, with a strength."
            )
            % {"field": field, "value": value}
        )
    return preference


def one_each(field: str, value: object, n_responses: int) -> list[object]:
    """A value for each response; a bare one will do where there is one response."""
    values = value if isinstance(value, list) else [value] if n_responses == 1 else []
    if len(values) != n_responses:
        raise RowRefused(
            _("“%(field)s” must be a list with one value for each of the %(n)d responses.")
            % {"field": field, "n": n_responses}
        )
    return values


def edit_of(field: str, value: object, n_responses: int) -> dict[str, object]:
    """The edited response and its new text, of a list with that text in its place."""
    edits = [
        {"of": letter, "text": text}
        for letter, text in zip(LETTERS, one_each(field, value, n_responses), strict=False)
        if text is not None
    ]
    if len(edits) != 1:
        raise RowRefused(
            _("“%(field)s” must have the new text of one response, and null for each other.") % {"field": field}
        )
    return edits[0]


def truth(value: object) -> object:
    """0 and 1 as they are written in tables; anything else is left for the flags to judge."""
    return bool(value) if value in (0, 1) else value


def truth_of(field: str, value: object) -> bool:
    known = truth(value)
    if not isinstance(known, bool):
        raise RowRefused(_("“%(field)s” is either true or false.") % {"field": field})
    return known


Read = Callable[[str, Any, int], Any]

ANSWER_FIELDS: Mapping[str, Read] = {
    "ranks": lambda _field, value, _n: value,
    "preference": lambda field, value, _n: preference_of(value, field),
    "scores": one_each,
    "flags": lambda field, value, n: [truth(one) for one in one_each(field, value, n)],
    "comment": lambda field, value, _n: text_of({field: value}, field),
    "demonstration": lambda field, value, _n: text_of({field: value}, field),
    "refinement": edit_of,
    "prompt_flags": lambda field, value, _n: truth_of(field, value),
    "said_use_case": lambda field, value, _n: one_of({field: value}, field, USE_CASES),
}
"""What can be said, and how it is read. Each raises RowRefused."""

ALWAYS_BY_NAME = {"scores", "flags", "prompt_flags"}
OF_RESPONSES = {"ranks", "preference", "scores", "flags", "refinement"}
FIELDS = PROMPT_FIELDS | {"responses", "annotator", "created_at", *ANSWER_FIELDS}


def annotator_of(row: Row) -> str:
    value = row.get("annotator")
    name = str(value).strip() if isinstance(value, (str, int)) and not isinstance(value, bool) else ""
    if not 0 < len(name) <= LONGEST_NAME or not name.isprintable():
        raise RowRefused(_("“annotator” must be a name of 1 to %(n)d characters.") % {"n": LONGEST_NAME})
    return name


def time_of(row: Row) -> datetime | None:
    text = text_of(row, "created_at", 40)
    if not text:
        return None
    try:
        time = parse_datetime(text)
    except ValueError:
        time = None
    if time is None:
        raise RowRefused(_("“created_at” is “%(value)s”; write it like 2026-11-22T09:30:00Z.") % {"value": text})
    return time if time.tzinfo else time.replace(tzinfo=UTC)
