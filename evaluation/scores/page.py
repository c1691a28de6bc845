"""What the page of scores shows, and of which endpoints."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from evaluation import wording
from evaluation.charts.axis import Axis
from evaluation.charts.chart import Chart
from evaluation.scores import charts
from evaluation.scores.models import ScoreReport
from evaluation.scores.reading import Difference, differences
from evaluation.scores.report import MOST_SIDE_BY_SIDE
from evaluation.stats.results import IS_BASELINE, NEVER_MET, NO_COMPARISONS
from labeling.projects.models import Project

Stored = Mapping[str, Any]

TIES = {"half": "bradley_terry", "davidson": "bradley_terry_davidson", "rao_kupper": "bradley_terry_rao_kupper"}
"""The rating by how ties are taken."""

TIES_NAMES = {
    "half": gettext_lazy("half a win for each"),
    "davidson": gettext_lazy("likelier between equals (Davidson)"),
    "rao_kupper": gettext_lazy("differences too small to tell (Rao–Kupper)"),
}
IN_SHORT = Axis("", digits=0, percent=True)
VERDICTS = ["instruction_following", "instruction_following_weighted", "error_rate"]
PARTS = {
    "use_case": (gettext_lazy("By use case"), gettext_lazy("Use case")),
    "language": (gettext_lazy("By language"), gettext_lazy("Language")),
    "constraint": (gettext_lazy("By constraint"), gettext_lazy("Constraint")),
}
"""What the prompts are parted by: the heading, and what heads the rows."""


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
    """How two endpoints fared. rate: a tie being half a win; at_equal_length: None where it is not stored."""

    name: str
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


@dataclass(frozen=True)
class Spread:
    chart: Chart
    means: list[tuple[str, Stored]]


@dataclass(frozen=True)
class Table:
    """Figures of a score, by what stands at the row and by endpoint, and the chart of them."""

    chart: Chart
    score: str
    columns: list[str]
    rows: list[tuple[str, list[Stored | None]]]


class Page:
    """asked: `ties`, how they are taken; `baseline`; `first` and `second`, the endpoints to be set side by side."""

    def __init__(self, report: ScoreReport, project: Project, asked: Mapping[str, str]) -> None:
        self.report, self.content = report, report.content
        self.names: list[str] = [name for _pk, name in self.content["endpoints"]]
        self.ties = asked.get("ties", "") if asked.get("ties") in TIES else "half"
        self.figures: dict[str, list[Stored]] = defaultdict(list)
        for figure in self.content["figures"]:
            self.figures[figure["score"]].append(figure)
        self.questions = [
            question for instrument in project.instruments.order_by("version") for question in instrument.questions
        ]
        self.titles = wording.measure_titles(self.questions)
        self.baseline = self.numbered(asked.get("baseline"), self.compared or self.order)
        beside = self.set_side_by_side or self.order
        self.first = self.numbered(asked.get("first"), beside)
        self.second = self.numbered(asked.get("second"), [one for one in beside if one != self.first] or beside)

    def numbered(self, name: str | None, otherwise: Sequence[int]) -> int:
        return self.names.index(name) if name in self.names else otherwise[0]

    @property
    def query(self) -> str:
        """What was asked, for addresses."""
        named = {one: self.names[getattr(self, one)] for one in ("baseline", "first", "second")}
        return urlencode({"ties": self.ties, **named})

    @property
    def ways_with_ties(self) -> Iterable[tuple[str, str]]:
        return [(name, str(title)) for name, title in TIES_NAMES.items()]

    @cached_property
    def order(self) -> list[int]:
        """Of endpoints: the best rated first, by comparisons or else by the first score there is."""
        rated = self.figures.get(TIES[self.ties]) or next(iter(self.figures.values()))
        known = [one for one in range(len(self.names)) if rated[one]["value"] is not None]
        others = [one for one in range(len(self.names)) if rated[one]["value"] is None]
        return [*sorted(known, key=lambda one: -rated[one]["value"]), *others]

    @cached_property
    def compared(self) -> list[int]:
        """The endpoints that were compared with another, in the order in which they were set up."""
        return [one["endpoint"] for one in self.figures.get("win_rate", ()) if one["n"]]

    @property
    def never_compared(self) -> list[str]:
        return [self.names[one] for one in self.order if one not in self.compared] if self.compared else []

    def ordered(self, score: str) -> list[tuple[str, Stored]]:
        """The figures of a score, each with its endpoint's name."""
        return [(self.names[one], self.figures[score][one]) for one in self.order]

    @cached_property
    def groups(self) -> list[Group]:
        score = TIES[self.ties]
        members: dict[int, list[Rated]] = defaultdict(list)
        for one in self.order if self.compared else ():
            figure = self.figures[score][one]
            if figure["undefined"] != NO_COMPARISONS:
                rated = Rated(self.names[one], figure, self.figures["style_controlled"][one])
                members[figure["group"]].append(rated)
        return [
            Group(charts.ratings([(one.name, one.figure) for one in rows], score, f"ratings-{number}"), rows)
            for number, rows in enumerate(members.values(), 1)
        ]

    @cached_property
    def fought(self) -> list[int]:
        """Those of the matrix, the best rated first."""
        return [one for one in self.order if one in self.compared]

    @property
    def fought_names(self) -> list[str]:
        return [self.names[one] for one in self.fought]

    @cached_property
    def matrix_chart(self) -> Chart | None:
        if not self.compared:
            return None
        rate = self.content["matrix"]["rate"]
        return charts.each_against_each(
            self.fought_names, [[rate[row][column] for column in self.fought] for row in self.fought]
        )

    @property
    def matrix(self) -> list[tuple[str, list[Met]]]:
        return [(self.names[row], [self.met(row, column) for column in self.fought]) for row in self.fought]

    def met(self, one: int, other: int) -> Met:
        """How the first fared against the second; the name is the second's."""
        tables = self.content["matrix"]
        won, tied, lost = (
            int(count) for count in (tables["won"][one][other], tables["tied"][one][other], tables["won"][other][one])
        )
        at_equal_length = self.content["lengths"][other]
        why = None if won + tied + lost else (IS_BASELINE if one == other else NEVER_MET)
        rate = {
            "value": tables["rate"][one][other],
            "low": tables["low"][one][other],
            "high": tables["high"][one][other],
            "n": won + tied + lost,
            "undefined": why,
        }
        return Met(self.names[other], won, tied, lost, rate, at_equal_length[one] if at_equal_length else None)

    @cached_property
    def against(self) -> list[tuple[str, Met]]:
        """Every other endpoint that was compared, against the baseline."""
        others = [one for one in self.fought if one != self.baseline]
        return [(self.names[one], self.met(one, self.baseline)) for one in others]

    @cached_property
    def against_chart(self) -> Chart | None:
        rates = [(name, met.rate) for name, met in self.against]
        return charts.against(rates, self.names[self.baseline]) if rates else None

    @cached_property
    def spreads(self) -> list[Spread]:
        found = self.content["distributions"]
        return [
            Spread(
                charts.spread(
                    [(self.names[one], scale["counts"][one]) for one in self.order],
                    scale["domain"],
                    scale["name"],
                    self.titles.get(scale["name"], scale["name"]),
                ),
                self.ordered("likert" if len(found) == 1 else f"likert.{scale['name']}"),
            )
            for scale in found
        ]

    @cached_property
    def verdicts(self) -> list[Chart]:
        return [charts.shares_of_labels(self.ordered(score), score) for score in VERDICTS if score in self.figures]

    @cached_property
    def flags(self) -> Table | None:
        labels = {
            flag: _(label)
            for question in self.questions
            if question.kind == "flags"
            for flag, label in question.options["flags"].items()
        }
        found = {score: flag for score in self.figures for kind, _dot, flag in [score.partition(".")] if kind == "flag_rate"}
        rows = {labels.get(flag, flag): self.figures[score] for score, flag in found.items()}
        highest = max((one["value"] or 0 for figures in rows.values() for one in figures), default=0)
        axis = Axis(_("Flagged"), percent=True, low=0, high=highest or 1)
        about = {"title": _("Flags"), "description": _("In how many per cent of its labels each endpoint got each flag.")}
        return self.table("flag_rate", rows, axis, row_title=_("Flag"), name="flags", **about) if rows else None

    @cached_property
    def parts(self) -> list[tuple[str, list[Table]]]:
        """By what the prompts are parted: a table of each score."""
        found = [(str(title), list(self.tables_by(by, str(head)))) for by, (title, head) in PARTS.items()]
        return [(title, tables) for title, tables in found if tables]

    def tables_by(self, by: str, head: str) -> Iterator[Table]:
        scores: dict[str, dict[str, list[Stored | None]]] = defaultdict(dict)
        for figure in self.content["by"][by]:
            row = scores[figure["score"]].setdefault(wording.part_name(by, figure["part"]), [None] * len(self.names))
            row[figure["endpoint"]] = figure
        for score, rows in scores.items():
            yield self.table(
                score,
                rows,
                self.axis_of(score),
                name=f"{by}-{score}",
                title=self.score_title(score),
                description=charts.explained(score),
                row_title=head,
            )

    def table(
        self, score: str, rows: Mapping[str, Sequence[Stored | None]], axis: Axis, *, row_title: str, **about: str
    ) -> Table:
        """Of the endpoints that have a value in it."""
        there = [one for one in self.order if any((row[one] or {}).get("value") is not None for row in rows.values())]
        columns = [self.names[one] for one in there]
        kept = [(label, [row[one] for one in there]) for label, row in rows.items()]
        return Table(charts.table(kept, columns, axis=axis, row_title=row_title, **about), score, columns, kept)

    def axis_of(self, score: str) -> Axis:
        kind, _dot, scale = score.partition(".")
        if kind in wording.AS_PERCENT:
            return Axis(self.score_title(score), percent=True, low=0, high=1)
        found = self.content["distributions"]
        domain = next(one["domain"] for one in found if scale in ("", one["name"]))
        return Axis(self.score_title(score), digits=2, low=domain[0], high=domain[-1])

    def score_title(self, score: str) -> str:
        kind, _dot, scale = score.partition(".")
        title = str(wording.SCORES[kind])
        return f"{title}: {self.titles.get(scale, scale)}" if scale else title

    @cached_property
    def set_side_by_side(self) -> list[int]:
        """The endpoints of which every two are stored."""
        stored = {one[side] for one in self.content["paired"] for side in ("first", "second")}
        return [one for one in self.order if one in stored]

    @property
    def left_aside(self) -> list[str]:
        """Of the two to be set side by side, those that are not stored."""
        return [self.names[one] for one in (self.first, self.second) if one not in self.set_side_by_side]

    @property
    def most_side_by_side(self) -> int:
        return MOST_SIDE_BY_SIDE

    @cached_property
    def differences(self) -> list[Difference]:
        return list(differences(self.content["paired"], self.names, self.first, self.second, self.titles))

    @property
    def shown_baseline(self) -> str:
        return self.names[self.baseline]

    @property
    def shown_first(self) -> str:
        return self.names[self.first]

    @property
    def shown_second(self) -> str:
        return self.names[self.second]

    def charts(self) -> Iterator[Chart]:
        yield from (group.chart for group in self.groups)
        yield from (chart for chart in (self.matrix_chart, self.against_chart) if chart)
        yield from (spread.chart for spread in self.spreads)
        yield from self.verdicts
        yield from (table.chart for table in [self.flags] if table)
        yield from (table.chart for _title, tables in self.parts for table in tables)


def summary(report: ScoreReport) -> list[tuple[str, Stored]]:
    """Win rates, the highest first, as they are shown elsewhere."""
    names = [name for _pk, name in report.content["endpoints"]]
    rates = [one for one in report.content["figures"] if one["score"] == "win_rate" and one["n"]]
    return [(names[one["endpoint"]], one) for one in sorted(rates, key=lambda one: -one["value"])]
