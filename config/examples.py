"""Charts of invented numbers, for the patterns page."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta

from evaluation.charts.axis import COUNT, Axis
from evaluation.charts.bars import Bar, bars
from evaluation.charts.chart import Chart
from evaluation.charts.curve import CurvePoint, curve
from evaluation.charts.frame import Reference
from evaluation.charts.heat_map import Matrix, heat_map
from evaluation.charts.histogram import histogram
from evaluation.charts.intervals import IntervalRow, intervals
from evaluation.charts.over_time import TimePoint, over_time
from evaluation.charts.per_day import Day, per_day
from evaluation.charts.shares import SharesRow, shares
from evaluation.charts.spreads import Spread, spreads

SHARE = Axis("Agreement, ties counted", percent=True, low=0, high=1)
PEOPLE = ["ann", "ben", "陈思远", "dora", "a-participant-with-a-long-name", "eve"]
MODELS = ["first-model", "second-model-with-a-longer-name", "通义千问", "base"]
FIRST = date(2026, 3, 2)
PUBLISHED = [
    Reference("chance 33 %", 1 / 3),
    Reference("MT-bench 63 %", 0.63),
    Reference("InstructGPT 72.6 %", 0.726),
]


def charts() -> Iterator[Chart]:
    yield bars(
        [Bar("English", 7120), Bar("中文", 3480, part=2900), Bar("German", 96, part=96), Bar("none", 41, quiet=True)],
        name="bars",
        title="Languages",
        description="Prompts in each language, those that were detected apart.",
        axis=COUNT,
        of=10737,
        part="detected",
    )
    yield spreads(
        [
            Spread(model, 1000, [n * (9 - 2 * place) ** 2 for n in (1, 4, 9, 16, 40)])
            for place, model in enumerate(MODELS)
        ],
        name="spreads",
        title="Length of responses",
        description="The median, the middle half, and all but the shortest and longest 5 %.",
        axis=Axis("characters", digits=0, grouped=True, low=0),
    )
    yield intervals(
        [
            IntervalRow("Brainstorming", 0.694, 0.631, 0.752, 412),
            IntervalRow("Open question answering", 0.648, 0.602, 0.691, 890),
            IntervalRow("摘要", 0.561, 0.478, 0.64, 204),
            IntervalRow("Rewriting with a name that goes on for long", 0.493, 0.371, 0.612, 61),
            IntervalRow("Chat", None, undefined="No item was labeled by two people."),
        ],
        name="intervals",
        title="Agreement by use case",
        description="Share of equal outcomes, with 95 % intervals from resampling prompts.",
        axis=SHARE,
        references=[
            Reference("chance 33 %", 1 / 3),
            Reference("MT-bench 63 %", 0.63),
            Reference("InstructGPT 72.6 %", 0.726),
        ],
    )
    yield heat_map(
        Matrix(PEOPLE, PEOPLE, [[together(y, x) for x in range(6)] for y in range(6)]),
        name="heat-map",
        title="Agreement of each two annotators",
        description="Share of equal outcomes where both labeled the same task.",
        axis=SHARE,
        nothing="no task in common",
    )
    yield over_time(
        [
            TimePoint(FIRST + timedelta(weeks=week), value, low, high)
            for week, (value, low, high) in enumerate(
                [
                    *[(0.512, 0.42, 0.6), (0.548, 0.472, 0.62), (0.571, 0.51, 0.633), (None, None, None)],
                    *[(0.602, 0.551, 0.651), (0.634, 0.59, 0.676), (0.628, 0.587, 0.669), (0.655, 0.617, 0.692)],
                ]
            )
        ],
        name="over-time",
        title="Agreement by week",
        description="Share of equal outcomes of each week's labels, with 95 % intervals.",
        axis=replace(SHARE, low=None, high=None),
        references=PUBLISHED[1:],
    )
    yield heat_map(
        Matrix(
            MODELS,
            MODELS,
            [[0.5 + 0.13 * (x - y) if x != y else None for x in range(4)] for y in range(4)],
            "winner",
            "loser",
        ),
        name="win-rates",
        title="Win rates of each two models",
        description="How often the model of the row is preferred to that of the column, a tie as half, in per cent.",
        axis=Axis("Win rate", percent=True, low=0, high=1),
        nothing="never compared",
    )
    yield shares(
        [
            SharesRow(MODELS[0], [3, 8, 21, 46, 90, 120, 64]),
            SharesRow(MODELS[1], [12, 31, 48, 80, 77, 52, 20]),
            SharesRow(MODELS[2], [60, 72, 55, 41, 30, 9, 2]),
            SharesRow(MODELS[3], [0] * 7),
        ],
        levels=list("1234567"),
        name="ratings",
        title="Overall ratings",
        description="Shares of the ratings from 1, worst, to 7, best.",
        axis=Axis("Share of ratings, %", percent=True),
        nothing="no ratings",
    )
    yield curve(
        [
            *[CurvePoint(n, 0.98 / n**0.5) for n in range(200, 1200, 100)],
            CurvePoint(1200, 0.98 / 1200**0.5, "now ± 2.8 %"),
            *[CurvePoint(n, 0.98 / n**0.5) for n in range(1300, 2400, 100)],
            CurvePoint(2401, 0.02, "2,401 labels"),
            *[CurvePoint(n, 0.98 / n**0.5) for n in range(2500, 3100, 100)],
        ],
        present=1200,
        target=Reference("target ± 2 %", 0.02),
        name="enough",
        title="Labels for an interval of ± 2 %",
        description="Half the breadth of the 95 % interval of the win rate, by the number of labels.",
        axis=Axis("Half-width", percent=True, low=0),
        labels=replace(COUNT, title="Labels", low=0),
    )
    yield per_day(
        [Day(FIRST + timedelta(n), 40 + 37 * n % 90, n >= 10) for n in range(14) if n != 6],
        name="per-day",
        title="Labels per day",
        description="At the pace of the last week the seats are filled on March 14.",
        axis=replace(COUNT, title="Labels"),
    )
    yield histogram(
        [4 + 30 * (1.013 ** (n % 173)) * (1 + n % 7) / 4 for n in range(900)],
        name="seconds",
        title="Active seconds of a label",
        description="From showing a task to its label, without the time away from it.",
        axis=Axis("Active seconds", digits=0),
        counts=replace(COUNT, title="Labels"),
    )


def together(y: int, x: int) -> float | None:
    return None if x == y or {x, y} == {1, 4} else 0.9 - 0.11 * abs(x - y) - 0.04 * (x + y)
