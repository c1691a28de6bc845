"""How endpoints fare against one another: their ratings, each against each, and all against one."""

from collections import defaultdict
from dataclasses import dataclass

from evaluation.charts.axis import Axis
from evaluation.charts.chart import Chart
from evaluation.scores import charts
from evaluation.scores.standings import Standings, Stored
from evaluation.stats.results import NEVER_MET

IN_SHORT = Axis("", digits=0, percent=True)


@dataclass(frozen=True)
class Rated:
    name: str
    figure: Stored
    apart_from_style: Stored


@dataclass(frozen=True)
class Group:
    """Endpoints that were compared with one another, directly or by way of others."""

    chart: Chart
    rows: list[Rated]


@dataclass(frozen=True)
class Met:
    """How an endpoint fared against another. rate: a tie being half a win; at_equal_length: None if not stored."""

    name: str
    other: str
    won: int
    tied: int
    lost: int
    rate: Stored
    at_equal_length: Stored | None

    @property
    def n(self) -> int:
        return self.won + self.tied + self.lost

    @property
    def interval(self) -> str:
        return IN_SHORT.span(self.rate["low"], self.rate["high"])

    @property
    def won_outright(self) -> float | None:
        return self.won / self.n if self.n else None


def groups(standings: Standings) -> list[Group]:
    members: dict[int, list[Rated]] = defaultdict(list)
    for one in standings.compared:
        figure = standings.figures[standings.rating][one]
        rated = Rated(standings.names[one], figure, standings.figures["style_controlled"][one])
        members[figure["group"]].append(rated)
    return [
        Group(charts.ratings([(one.name, one.figure) for one in rows], standings.rating, f"ratings-{number}"), rows)
        for number, rows in enumerate(members.values(), 1)
    ]


def each_against_each(standings: Standings) -> list[tuple[str, list[Met]]]:
    return [
        (standings.names[row], [met(standings, row, column) for column in standings.compared])
        for row in standings.compared
    ]


def against(standings: Standings, baseline: int) -> list[Met]:
    return [met(standings, one, baseline) for one in standings.compared if one != baseline]


def met(standings: Standings, one: int, other: int) -> Met:
    tables, at_equal_length = standings.content["matrix"], standings.content["lengths"][other]
    won, tied, lost = (
        int(count) for count in (tables["won"][one][other], tables["tied"][one][other], tables["won"][other][one])
    )
    n = won + tied + lost
    rate = {
        **{name: tables[of][one][other] for name, of in (("value", "rate"), ("low", "low"), ("high", "high"))},
        "n": n,
        "undefined": None if n else NEVER_MET,
    }
    even = at_equal_length[one] if at_equal_length else None
    return Met(standings.names[one], standings.names[other], won, tied, lost, rate, even)
