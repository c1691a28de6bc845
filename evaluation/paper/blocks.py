"""What a paper is made of, before it is HTML or Markdown. All words are in the reader's language, and not escaped."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

from django.utils.formats import number_format
from django.utils.translation import gettext as _

from evaluation.charts.chart import Chart
from evaluation.notation import figure, interval

SUPERSCRIPT = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


@dataclass(frozen=True)
class Words:
    kind: ClassVar[str] = "words"
    text: str


@dataclass(frozen=True)
class Drawn:
    """Charts, beside one another where there is room. is_told: whether tables beside them say all that they show."""

    kind: ClassVar[str] = "charts"
    charts: Sequence[Chart]
    is_told: bool = False


@dataclass(frozen=True)
class Cell:
    """small: what belongs to the text but is paler, as an interval."""

    text: str
    small: str = ""
    is_number: bool = True


@dataclass(frozen=True)
class Table:
    """The first cell of each row says what the row is about. notes: what is said under the table."""

    kind: ClassVar[str] = "table"
    title: str
    head: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    notes: Sequence[str] = ()

    @property
    def columns(self) -> list[tuple[str, bool]]:
        """The head, each with whether numbers stand under it."""
        return [(title, any(row[place].is_number for row in self.rows)) for place, title in enumerate(self.head)]


Block = Words | Drawn | Table


@dataclass(frozen=True)
class Section:
    title: str
    blocks: Sequence[Block]


@dataclass(frozen=True)
class Paper:
    """facts: what it is about and from, each with its name."""

    title: str
    facts: Sequence[tuple[str, str]]
    sections: Sequence[Section]


@dataclass
class Reasons:
    """Why figures of one table have no value: marked in their cells, and told once under it."""

    found: list[str] = field(default_factory=list)

    def cell(self, stored: Mapping[str, Any] | None, of: str) -> Cell:
        """A stored figure of the statistic or score `of`, with its interval."""
        if stored is None or stored["value"] is None:
            return self.nothing(None if stored is None else stored["undefined"])
        return Cell(figure(stored["value"], of), interval(stored, of))

    def nothing(self, reason: str | None) -> Cell:
        return Cell(f"–{self.mark(reason)}" if reason else "–")

    def mark(self, reason: str) -> str:
        if reason not in self.found:
            self.found.append(reason)
        return str(self.found.index(reason) + 1).translate(SUPERSCRIPT)

    @property
    def notes(self) -> list[str]:
        return [f"{self.mark(reason)} {_(reason)}" for reason in self.found]


def words(text: str) -> Cell:
    return Cell(text, is_number=False)


def whole(number: int | None) -> Cell:
    return Cell("–" if number is None else str(number_format(number, 0, force_grouping=True)))
