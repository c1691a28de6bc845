"""The rows of the page's tables."""

from dataclasses import dataclass

from evaluation.enough import reading
from evaluation.enough.answer import Needed, Stored
from evaluation.enough.units import about
from evaluation.stats.results import BEYOND_REACH
from evaluation.wording import AS_PERCENT


@dataclass(frozen=True)
class Row:
    stored: Stored
    needed: Needed | None

    @property
    def more(self) -> str:
        return about(self.needed.more) if self.needed else ""

    @property
    def why(self) -> str:
        """Why it is not told how many are needed."""
        return str(self.stored["undefined"] or BEYOND_REACH)

    @property
    def hours(self) -> str:
        return reading.hours(self.needed.hours) if self.needed and self.needed.hours else ""


@dataclass(frozen=True)
class Figure(Row):
    """One figure with its interval. of: the endpoint's name, "" where it is of none."""

    key: str
    of: str
    target: float | None

    @property
    def kind(self) -> str:
        return str(self.stored["figure"])

    @property
    def title(self) -> str:
        kind = reading.title(self.kind)
        return f"{kind} · {self.of}" if self.of else kind

    @property
    def now(self) -> float | None:
        return self.stored["half_widths"][0] if self.stored["half_widths"] else None

    @property
    def percent(self) -> bool:
        return self.kind in AS_PERCENT

    @property
    def wanted(self) -> str:
        """The target as it is written in a field: of shares in points."""
        return f"{self.target * (100 if self.percent else 1):.6g}" if self.target else ""


@dataclass(frozen=True)
class Pair(Row):
    """Two endpoints: the id and the name of each."""

    first: tuple[int, str]
    second: tuple[int, str]

    @property
    def title(self) -> str:
        return f"{self.first[1]} · {self.second[1]}"


@dataclass(frozen=True)
class Kind:
    """The figures of one kind, which have one target."""

    figures: list[Figure]

    @property
    def name(self) -> str:
        return self.figures[0].kind

    @property
    def title(self) -> str:
        return reading.title(self.name)

    @property
    def target(self) -> float | None:
        return self.figures[0].target
