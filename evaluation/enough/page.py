"""What the page shows: one interval and one pair of endpoints with their curves, and all of them in tables."""

from collections.abc import Mapping
from functools import cached_property
from itertools import groupby
from math import floor, inf, log10
from typing import Any

from evaluation.charts.chart import Chart
from evaluation.enough import charts, reading
from evaluation.enough.answer import USUAL_POWER, Stored, for_power, for_width
from evaluation.enough.models import EnoughReport
from evaluation.enough.rows import Figure, Kind, Pair
from evaluation.wording import AS_PERCENT

NARROWER = 2 / 3
"""What is aimed at where nobody says: so much of the present width, to one digit."""

SIDES = "first", "second"
FIRST_SHOWN = ["bradley_terry", "win_rate_adjusted", "likert"]


class Page:
    """asked: of EnoughForm, as far as it was valid."""

    def __init__(self, report: EnoughReport, asked: Mapping[str, Any]) -> None:
        self.content = report.content
        self.asked = asked
        self.power_asked = asked.get("power") or round(100 * USUAL_POWER)
        self.power = self.power_asked / 100

    @cached_property
    def figures(self) -> list[Figure]:
        """Those of one kind have one target: the one asked for, or a round one below the widest of them."""
        stored = self.content["figures"]
        widest: dict[str, float] = {}
        for one in stored:
            if one["half_widths"]:
                widest[one["figure"]] = max(widest.get(one["figure"], 0), one["half_widths"][0])
        targets = {kind: below(width) for kind, width in widest.items()}
        chosen = next((one for one in stored if self.key(one) == self.asked.get("score")), None)
        if chosen is not None and self.asked.get("width"):
            kind = chosen["figure"]
            targets[kind] = self.asked["width"] / (100 if kind in AS_PERCENT else 1)
        return [self.figure(one, targets.get(one["figure"])) for one in stored]

    @property
    def kinds(self) -> list[Kind]:
        return [Kind(list(some)) for _kind, some in groupby(self.figures, key=lambda one: one.kind)]

    def figure(self, stored: Stored, target: float | None) -> Figure:
        needed = for_width(self.content, stored, target) if target else None
        endpoint = stored["endpoint"]
        name = "" if endpoint is None else self.content["endpoints"][endpoint][1]
        return Figure(stored, needed, self.key(stored), name, target)

    def key(self, stored: Stored) -> str:
        """What the figure is called in addresses."""
        kind, endpoint = stored["figure"], stored["endpoint"]
        return kind if endpoint is None else f"{kind}-{self.content['endpoints'][endpoint][0]}"

    @cached_property
    def chosen(self) -> Figure | None:
        """The figure asked for; else the one with the widest interval of the first kind that has any."""
        told = [one for one in self.figures if one.needed]
        asked = [one for one in told if one.key == self.asked.get("score")]
        kinds = [kind for kind in FIRST_SHOWN if any(one.kind == kind for one in told)]
        widest = sorted((one for one in told if one.kind in kinds[:1]), key=lambda one: -(one.now or 0))
        return next(iter([*asked, *widest, *told]), None)

    @cached_property
    def pairs(self) -> list[Pair]:
        """Those that are told apart soonest first, then those beyond reach, then those that are told apart."""
        endpoints = self.content["endpoints"]
        pairs = [
            Pair(one, for_power(self.content, one, self.power), *(tuple(endpoints[one[side]]) for side in SIDES))
            for one in self.content["pairs"]
        ]
        return sorted(pairs, key=lambda pair: (bool(pair.stored["apart"]), pair.needed.more if pair.needed else inf))

    @cached_property
    def chosen_pair(self) -> Pair | None:
        """The two asked for; else those that are told apart next."""
        told = [pair for pair in self.pairs if pair.stored["powers"]]
        wanted = {self.asked.get("first"), self.asked.get("second")}
        asked = [pair for pair in told if {pair.first[0], pair.second[0]} == wanted]
        return next(iter([*asked, *told]), None)

    @property
    def width_sentence(self) -> str:
        one = self.chosen
        if one is None or one.target is None or one.needed is None:
            return ""
        return reading.of_width(one.stored, one.of, one.target, one.needed)

    @property
    def width_work(self) -> str:
        return reading.of_work(self.content, self.chosen.needed if self.chosen else None)

    @property
    def power_sentence(self) -> str:
        pair = self.chosen_pair
        return reading.of_power(pair.stored, pair.first[1], pair.second[1], self.power, pair.needed) if pair else ""

    @property
    def power_work(self) -> str:
        return reading.of_work(self.content, self.chosen_pair.needed if self.chosen_pair else None)

    @property
    def told_by(self) -> str:
        """What differs."""
        return reading.title(self.pairs[0].stored["figure"])

    @cached_property
    def charts(self) -> dict[str, Chart]:
        drawn = []
        one, pair = self.chosen, self.chosen_pair
        if one is not None and one.target is not None and one.needed is not None:
            drawn.append(charts.of_width(self.content, one.stored, one.title, one.target, one.needed))
        if pair is not None:
            drawn.append(charts.of_power(self.content, pair.stored, pair.title, self.power, pair.needed))
        return {chart.name: chart for chart in drawn}


def below(width: float) -> float:
    """A round goal."""
    goal = width * NARROWER
    digit = 10.0 ** floor(log10(goal))
    return floor(goal / digit) * digit
