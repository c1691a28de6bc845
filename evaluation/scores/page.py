"""What the page of scores shows, and of which endpoints."""

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from urllib.parse import urlencode

from django.utils.translation import gettext_lazy

from evaluation import wording
from evaluation.charts.chart import Chart
from evaluation.scores import charts
from evaluation.scores.leaderboard import Group, Met, against, each_against_each, groups
from evaluation.scores.models import ScoreReport
from evaluation.scores.reading import Difference, differences
from evaluation.scores.report import MOST_SIDE_BY_SIDE
from evaluation.scores.standings import Standings, Stored
from evaluation.scores.tables import ByEndpoint, Table, flags, parts, spreads, verdict
from labeling.projects.models import Project
from labeling.projects.questions import Question

TIES = {
    "half": ("bradley_terry", gettext_lazy("half a win for each")),
    "davidson": ("bradley_terry_davidson", gettext_lazy("likelier between equals (Davidson)")),
    "rao_kupper": ("bradley_terry_rao_kupper", gettext_lazy("differences too small to tell (Rao–Kupper)")),
}
"""How ties may be taken: the rating, and what that is called."""

VERDICTS = ["instruction_following", "instruction_following_weighted", "error_rate"]


class Page:
    """asked: `ties`, how they are taken; `baseline`; `first` and `second`, the endpoints to be set side by side."""

    most_side_by_side = MOST_SIDE_BY_SIDE

    def __init__(self, report: ScoreReport, project: Project, asked: Mapping[str, str]) -> None:
        self.ties = asked["ties"] if asked.get("ties") in TIES else "half"
        rating, _title = TIES[self.ties]
        self.standings = Standings(report.content, rating)
        self.names = self.standings.names
        self.questions = questions_of(project)
        self.titles = wording.measure_titles(self.questions)
        beside = self.side_by_side or self.standings.order
        self.baseline = self.chosen(asked.get("baseline"), sorted(self.standings.compared or self.standings.order))
        self.first = self.chosen(asked.get("first"), beside)
        self.second = self.chosen(asked.get("second"), [one for one in beside if one != self.names.index(self.first)])

    def chosen(self, name: str | None, otherwise: Sequence[int]) -> str:
        """An endpoint's name."""
        return name if name in self.names else self.names[otherwise[0] if otherwise else 0]

    @property
    def query(self) -> str:
        """What was asked, for addresses."""
        return urlencode({name: getattr(self, name) for name in ("ties", "baseline", "first", "second")})

    @property
    def ways_with_ties(self) -> list[tuple[str, str]]:
        return [(name, str(title)) for name, (_rating, title) in TIES.items()]

    @cached_property
    def groups(self) -> list[Group]:
        return groups(self.standings)

    @cached_property
    def matrix(self) -> list[tuple[str, list[Met]]]:
        return each_against_each(self.standings)

    @cached_property
    def matrix_chart(self) -> Chart | None:
        names = [name for name, _row in self.matrix]
        rates = [[met.rate["value"] for met in row] for _name, row in self.matrix]
        return charts.each_against_each(names, rates) if names else None

    @cached_property
    def against(self) -> list[Met]:
        return against(self.standings, self.names.index(self.baseline))

    @cached_property
    def against_chart(self) -> Chart | None:
        return charts.against([(met.name, met.rate) for met in self.against], self.baseline) if self.against else None

    @cached_property
    def side_by_side(self) -> list[int]:
        """The endpoints of which every two are stored."""
        stored = {one[side] for one in self.standings.content["paired"] for side in ("first", "second")}
        return [one for one in self.standings.order if one in stored]

    @property
    def left_aside(self) -> list[str]:
        """Of the two to be set side by side, those that are not stored."""
        known = {self.names[one] for one in self.side_by_side}
        return [name for name in (self.first, self.second) if name not in known]

    @cached_property
    def differences(self) -> list[Difference]:
        first, second = self.names.index(self.first), self.names.index(self.second)
        return list(differences(self.standings.content["paired"], self.names, first, second, self.titles))

    @cached_property
    def spreads(self) -> list[ByEndpoint]:
        return list(spreads(self.standings, self.titles))

    @cached_property
    def verdicts(self) -> list[ByEndpoint]:
        return [verdict(self.standings, score) for score in VERDICTS if score in self.standings.figures]

    @cached_property
    def flags(self) -> Table | None:
        return flags(self.standings, self.questions)

    @cached_property
    def parts(self) -> list[tuple[str, list[Table]]]:
        return parts(self.standings, self.titles)

    def charts(self) -> Iterator[Chart]:
        yield from (group.chart for group in self.groups)
        yield from (chart for chart in (self.matrix_chart, self.against_chart) if chart)
        yield from (spread.chart for spread in self.spreads)
        yield from (one.chart for one in self.verdicts)
        yield from (table.chart for table in [self.flags] if table)
        yield from (table.chart for _title, tables in self.parts for table in tables)


def questions_of(project: Project) -> list[Question]:
    """All that were ever asked, a later wording after an earlier one."""
    return [question for instrument in project.instruments.order_by("version") for question in instrument.questions]


def summary(report: ScoreReport) -> list[tuple[str, Stored]]:
    """Win rates, the highest first, as they are shown elsewhere."""
    return Standings(report.content, "win_rate").of("win_rate")
