"""Charts of invented numbers, for the patterns page."""

from collections.abc import Iterator

from evaluation.charts.axis import Axis
from evaluation.charts.chart import Chart
from evaluation.charts.frame import Reference
from evaluation.charts.heat_map import Matrix, heat_map
from evaluation.charts.intervals import IntervalRow, intervals

SHARE = Axis("Agreement, ties counted", percent=True, low=0, high=1)
PEOPLE = ["ann", "ben", "陈思远", "dora", "a-participant-with-a-long-name", "eve"]
PUBLISHED = [
    Reference("chance 33 %", 1 / 3),
    Reference("MT-bench 63 %", 0.63),
    Reference("InstructGPT 72.6 %", 0.726),
]


def charts() -> Iterator[Chart]:
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


def together(y: int, x: int) -> float | None:
    return None if x == y or {x, y} == {1, 4} else 0.9 - 0.11 * abs(x - y) - 0.04 * (x + y)
