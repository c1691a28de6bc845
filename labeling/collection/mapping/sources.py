"""Where a value of a judgment comes from in somebody else's row, and what it is called there."""

import dataclasses
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, Generic, TypeVar

from django.utils.translation import gettext as _

from labeling.collection.judgments import preference_of
from labeling.prompts.files import Row, RowRefused
from labeling.prompts.staging import printable

T = TypeVar("T")

SHOWN = 60
"""Characters of a value in a message."""

TRUTH = {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}
DECIMAL = re.compile(r"-?[0-9]+\.[0-9]+")
WHOLE = re.compile(r"-?[0-9]{1,9}")
NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?(e-?[0-9]{1,3})?", re.IGNORECASE)


@dataclasses.dataclass(frozen=True)
class Source(Generic[T]):
    """A field of the row, or a constant, and how to understand what is there."""

    name: str
    """What it is a source of, for messages: preference, scores.helpfulness."""
    take: Callable[[str, object], T]
    """Of the source's name and what was found. Raises RowRefused."""
    field: str = ""
    constant: str | None = None
    codes: Mapping[str, str] = dataclasses.field(default_factory=dict)
    """What stands in the file → what it means; where there are any, nothing else may stand there."""
    before: str = ""
    after: str = ""
    """Only what stands before, or after, the first of these signs."""
    missing: frozenset[str] = frozenset()
    """What stands in the file where nobody said anything."""

    def read(self, row: Row, codes: Mapping[str, str] | None = None) -> T | None:
        """The value, None for a blank; `codes` are others that this row alone has. Raises RowRefused."""
        value = found(row, self.field, self.name) if self.constant is None else self.constant
        if is_blank(value) or code_of(value) in self.missing:
            return None
        if self.before or self.after:
            value = self._part(str(value))
        known = {**(codes or {}), **self.codes}
        return self.take(self.name, self._meant(value, known) if known else value)

    def _part(self, text: str) -> str:
        first, sign, rest = text.partition(self.before or self.after)
        if not sign:
            raise RowRefused(
                _("“%(name)s”: there is no “%(sign)s” in “%(value)s”.")
                % {"name": self.name, "sign": self.before or self.after, "value": printable(text, SHOWN)}
            )
        return first if self.before else rest

    def _meant(self, value: object, codes: Mapping[str, str]) -> str:
        code = code_of(value)
        if code not in codes:
            raise RowRefused(
                _("“%(name)s”: “%(value)s” is not among the codes, which are %(codes)s.")
                % {"name": self.name, "value": printable(code, SHOWN), "codes": ", ".join(codes)}
            )
        return codes[code]


def at(row: Row, path: str) -> Any:
    """What is in the field called so; or else, the dots taken for steps, within lists and objects. None where none."""
    if path in row:
        return row[path]
    value: Any = row
    for step in path.split("."):
        if isinstance(value, dict):
            value = value.get(step)
        elif isinstance(value, list) and WHOLE.fullmatch(step) and -len(value) <= int(step) < len(value):
            value = value[int(step)]
        else:
            return None
    return value


def found(row: Row, path: str, name: str) -> object:
    """What is `at` the path. Raises RowRefused for a list or an object."""
    value = at(row, path)
    if isinstance(value, (dict, list)):
        raise RowRefused(
            _("“%(name)s”: “%(field)s” holds a list or an object; name a field in it, as in %(field)s.0.")
            % {"name": name, "field": path}
        )
    return value


def is_blank(value: object) -> bool:
    return value is None or (isinstance(value, str) and not value.strip())


def code_of(value: object) -> str:
    """A value as codes are written: 2, 2.0, "2" and "2.0" are the same code."""
    text = str(value).strip()
    if isinstance(value, bool):
        return text.lower()
    return text.rstrip("0").rstrip(".") if DECIMAL.fullmatch(text) else text


def text(_name: str, value: object) -> str:
    return value if isinstance(value, str) else str(value)


def moment(name: str, value: object) -> str:
    """An ISO 8601 time; numbers are seconds since 1970."""
    try:
        seconds = float(str(value))
    except ValueError:
        return text(name, value)
    try:
        return datetime.fromtimestamp(seconds, UTC).isoformat()
    except (ValueError, OverflowError, OSError):
        return text(name, value)


def preference(_name: str, value: object) -> str:
    return preference_of(value)


def whole(name: str, value: object) -> int:
    code = code_of(value)
    if not WHOLE.fullmatch(code):
        raise RowRefused(
            _("“%(name)s”: “%(value)s” is not a whole number.") % {"name": name, "value": printable(code, SHOWN)}
        )
    return int(code)


def number(name: str, value: object) -> float:
    code = code_of(value)
    if not NUMBER.fullmatch(code):
        raise RowRefused(
            _("“%(name)s”: “%(value)s” is not a number.") % {"name": name, "value": printable(code, SHOWN)}
        )
    return float(code)


def truth(name: str, value: object) -> bool:
    code = code_of(value)
    if code.lower() not in TRUTH:
        raise RowRefused(
            _("“%(name)s”: “%(value)s” is neither yes nor no; say by codes what it means.")
            % {"name": name, "value": printable(code, SHOWN)}
        )
    return TRUTH[code.lower()]


def joined(sources: Iterable[Source[str]], row: Row) -> str:
    """Texts with a blank line between them; those that are blank are left out."""
    return "\n\n".join(part for source in sources if (part := source.read(row)) is not None)
