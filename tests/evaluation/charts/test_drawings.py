"""Each chart with nothing, one thing and much to show."""

import math
from collections.abc import Callable, Sequence
from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from evaluation.charts.axis import COUNT, Axis
from evaluation.charts.bars import Bar, bars
from evaluation.charts.chart import Chart
from evaluation.charts.curve import CurvePoint, curve
from evaluation.charts.drawing import NARROW, WIDE
from evaluation.charts.frame import Reference
from evaluation.charts.heat_map import Matrix, heat_map
from evaluation.charts.histogram import histogram
from evaluation.charts.intervals import IntervalRow, intervals
from evaluation.charts.over_time import TimePoint, over_time
from evaluation.charts.palette import ACCENT, RAMP, SUNKEN
from evaluation.charts.per_day import Day, per_day
from evaluation.charts.shares import SharesRow, shares
from evaluation.charts.spreads import Spread, spreads
from tests.evaluation.charts.reading import both, drawn, extents, words

ABOUT = {"name": "any", "title": "Title", "description": "Description"}
SHARE = Axis(
    "Share of what was asked, in the words of somebody who had many of them to spare", percent=True, low=0, high=1
)
SECONDS = Axis("Seconds", digits=0)
LONG = "a name that goes on and on until it has no room beside anything else at all"
START = date(2026, 3, 2)
CHANCE = Reference("chance 33 %", 1 / 3)
FIGURE = Reference(f"published: {LONG}", 0.9)


def some_intervals(values: Sequence[float | None]) -> Chart:
    names = [LONG if n % 2 else "通义千问" for n in range(len(values))]
    rows = [IntervalRow(name, value, value and value / 2, value) for name, value in zip(names, values, strict=True)]
    return intervals(rows, axis=SHARE, references=[CHANCE, FIGURE], **ABOUT)


def some_weeks(values: Sequence[float | None]) -> Chart:
    points = [
        TimePoint(START + timedelta(weeks=n), value, value and value / 2, value) for n, value in enumerate(values)
    ]
    return over_time(points, axis=SHARE, references=[CHANCE, FIGURE], **ABOUT)


def some_cells(values: Sequence[float | None]) -> Chart:
    names = [LONG if n % 2 else f"标注员{n}" for n in range(len(values))]
    return heat_map(Matrix(names, names, [values for _name in names], LONG, LONG), axis=SHARE, nothing=LONG, **ABOUT)


def some_shares(values: Sequence[float | None]) -> Chart:
    rows = [SharesRow(LONG if n % 2 else "通义", [round(100 * (value or 0)), 0, 3]) for n, value in enumerate(values)]
    return shares(rows, levels=["1", "2", "3"], axis=SHARE, nothing="no ratings", **ABOUT)


def some_curve(values: Sequence[float | None]) -> Chart:
    points = [CurvePoint(100 * n, value or 0, LONG if n % 7 == 3 else "") for n, value in enumerate(values)]
    return curve(points, present=300, target=FIGURE, axis=SHARE, labels=COUNT, **ABOUT)


def some_days(values: Sequence[float | None]) -> Chart:
    days = [Day(START + timedelta(n), value, forecast=n > 3) for n, value in enumerate(values)]
    return per_day(days, axis=COUNT, **ABOUT)


def some_seconds(values: Sequence[float | None]) -> Chart:
    return histogram([value and 100 * value for value in values], axis=SECONDS, counts=COUNT, **ABOUT)


def some_bars(values: Sequence[float | None]) -> Chart:
    counts = [round(5000 * (value or 0)) for value in values]
    rows = [Bar(LONG if n % 2 else "通义", count, count // 3, n % 5 == 4) for n, count in enumerate(counts)]
    return bars(rows, axis=COUNT, of=sum(counts), part=LONG, **ABOUT)


def some_spreads(values: Sequence[float | None]) -> Chart:
    rows = [Spread(LONG if n % 2 else "通义", n, [n * (v or 0) for n in range(5)]) for n, v in enumerate(values)]
    return spreads(rows, axis=SECONDS, **ABOUT)


EVERY: list[Callable[[Sequence[float | None]], Chart]] = [
    *[some_intervals, some_weeks, some_cells, some_shares, some_curve, some_days, some_seconds],
    *[some_bars, some_spreads],
]


@pytest.mark.parametrize("make", EVERY)
def test_without_rows_a_chart_says_so(make: Callable[[Sequence[float | None]], Chart]) -> None:
    chart = make([])
    assert [words(drawing) for drawing in both(chart)] == [["No labels yet"]] * 2
    assert chart.rows == []


@settings(deadline=None, max_examples=20)
@pytest.mark.parametrize("make", EVERY)
@given(values=st.lists(st.none() | st.floats(0, 1), min_size=1, max_size=30))
def test_nothing_is_cut_off(make: Callable[[Sequence[float | None]], Chart], values: list[float | None]) -> None:
    for drawing in both(make(values)):
        assert all(start >= -0.1 and end <= drawing.width + 0.1 for start, end in extents(drawing))
        heights = [float(mark[y]) for tag, y in DOWN for mark in drawn(drawing, tag)]
        assert all(0 <= y <= drawing.height for y in heights)


DOWN = [("text", "y"), ("line", "y1"), ("line", "y2"), ("rect", "y"), ("circle", "cy")]


def test_intervals_are_drawn_where_their_ends_are_and_written_beside() -> None:
    chart = intervals([IntervalRow("a", 0.5, 0.25, 0.75, 8)], axis=SHARE, references=[CHANCE], **ABOUT)
    for drawing in both(chart):
        assert {"a", "50.0 %", "25.0 – 75.0 %", "chance 33 %"} <= set(words(drawing))
        (dot,) = drawn(drawing, "circle")
        (bar,) = [line for line in drawn(drawing, "line") if line["stroke"] == ACCENT]
        ticks = [float(line["x1"]) for line in drawn(drawing, "line") if line["x1"] == line["x2"]]
        low, high = min(ticks), max(ticks)
        share = [(float(x) - low) / (high - low) for x in (bar["x1"], dot["cx"], bar["x2"])]
        assert share == pytest.approx([0.25, 0.5, 0.75], abs=0.001)
    assert chart.rows == [["a", 0.5, 0.25, 0.75, 8]]


def test_a_value_without_interval_is_a_dot_and_an_undefined_one_its_reason() -> None:
    chart = intervals([IntervalRow("a", 0.5), IntervalRow("b", None, undefined="No pairs.")], axis=SHARE, **ABOUT)
    for drawing in both(chart):
        assert len(drawn(drawing, "circle")) == 1
        assert not [line for line in drawn(drawing, "line") if line["stroke"] == ACCENT]
        assert "No pairs." in words(drawing)


def test_labels_of_close_references_are_in_rows_of_their_own() -> None:
    close = [Reference(f"published figure {n}", 0.6 + n / 100) for n in range(3)]
    chart = intervals([IntervalRow("a", 0.5)], axis=SHARE, references=close, **ABOUT)
    for drawing in both(chart):
        heights = {text["y"] for text in drawn(drawing, "text")[-20:] if text["font-size"] == "11"}
        assert len(heights) >= 3


def test_a_heat_map_of_forty_has_each_value_in_its_cell() -> None:
    names = [f"annotator {n}" for n in range(40)]
    cells = [[None if x == y or (x, y) == (0, 1) else (x * 40 + y) % 100 / 100 for x in range(40)] for y in range(40)]
    chart = heat_map(Matrix(names, names, cells), axis=SHARE, nothing="no task in common", **ABOUT)
    assert chart.wide is chart.narrow
    assert chart.scrolls
    inside = words(chart.wide)
    assert inside.count("63") == sum(value == 0.63 for row in cells for value in row) > 0
    assert inside.count("–") == 1
    assert "–  no task in common" in inside
    grounds = [cell["fill"] for cell in drawn(chart.wide, "rect")]
    assert (len(grounds), grounds.count(SUNKEN)) == (40 * 39, 1)
    assert set(grounds) == {SUNKEN, *RAMP}


def test_a_matrix_of_counts_need_not_be_symmetrical() -> None:
    matrix = Matrix(["first", "tie"], ["first", "second", "tie"], [[1200, 30, 5], [0, 40, 600]], "one", "another")
    chart = heat_map(matrix, axis=Axis("Pairs", digits=0, grouped=True, low=0, high=1200), nothing="", **ABOUT)
    cells = [cell["fill"] for cell in drawn(chart.narrow, "rect")]
    assert cells == [RAMP[6], RAMP[0], RAMP[0], RAMP[0], RAMP[0], RAMP[3]]
    assert {"1,200", "one", "another"} <= set(words(chart.narrow))
    assert chart.head == ["one", "first", "second", "tie"]
    assert not chart.scrolls


def test_a_week_without_a_value_breaks_the_line_and_the_last_is_written() -> None:
    chart = some_weeks([0.5, 0.6, None, 0.7, 0.8, None])
    for drawing in both(chart):
        assert len([path for path in drawn(drawing, "path") if path["fill"] == "none"]) == 2
        assert len(drawn(drawing, "circle")) == 4
        assert "80.0 %" in words(drawing)
    assert chart.rows[2] == ["2026-03-16", None, None, None]


@settings(deadline=None, max_examples=50)
@given(st.lists(st.lists(st.integers(0, 500), min_size=5, max_size=5), min_size=1, max_size=4))
def test_shares_fill_the_bar(counts: list[list[int]]) -> None:
    rows = [SharesRow("a", one) for one in counts]
    chart = shares(rows, levels=list("12345"), axis=SHARE, nothing="no ratings", **ABOUT)
    for row in chart.rows:
        given_shares = [share for share in row[1:-1] if isinstance(share, float)]
        assert sum(given_shares) == pytest.approx(1 if row[-1] else 0)
    said = words(chart.wide)
    assert said.count("no ratings") == sum(not any(one) for one in counts)
    assert [word for word in said if word.startswith("n = ")] == [f"n = {sum(one):,}" for one in counts]


def test_bars_are_as_long_as_their_counts_and_end_with_their_pale_part() -> None:
    rows = [Bar("a", 40), Bar("b", 20, part=10), Bar("rest", 4, quiet=True)]
    chart = bars(rows, axis=COUNT, of=80, part="detected", **ABOUT)
    for drawing in both(chart):
        _legend, first, second, pale, quiet = drawn(drawing, "rect")
        assert float(first["width"]) == pytest.approx(4 * float(second["width"]), abs=0.4)
        assert float(pale["x"]) == pytest.approx(float(second["x"]) + float(second["width"]), abs=0.11)
        assert "fill-opacity" in pale
        assert quiet["fill"] != ACCENT
        assert {"a", "40", "50.0 %", "25.0 %", "detected"} <= set(words(drawing))
    assert chart.rows == [["a", 40, 0.5, 0], ["b", 20, 0.25, 10], ["rest", 4, 0.05, 0]]


def test_a_box_stands_around_the_middle_half() -> None:
    chart = spreads([Spread("a", 9, [0, 25, 50, 75, 100])], axis=SECONDS, **ABOUT)
    for drawing in both(chart):
        ground, box = drawn(drawing, "rect")
        assert ground["width"] == box["width"]
        (line,) = [one for one in drawn(drawing, "line") if one["y1"] == one["y2"]]
        assert float(box["width"]) == pytest.approx((float(line["x2"]) - float(line["x1"])) / 2, abs=0.11)
        assert {"a", "50"} <= set(words(drawing))
    assert chart.rows == [["a", 0, 25, 50, 75, 100, 9]]


def test_what_is_foreseen_is_broken_and_what_is_marked_is_written() -> None:
    points = [CurvePoint(n, n**-0.5, {400: "now", 1600: "needed"}.get(n, "")) for n in (100, 400, 900, 1600)]
    chart = curve(points, present=400, target=Reference("target", 0.025), axis=SHARE, labels=COUNT, **ABOUT)
    for drawing in both(chart):
        known, foreseen = drawn(drawing, "path")
        assert (known["d"].count("L"), foreseen["d"].count("L")) == (1, 2)
        assert (known["stroke-dasharray"], foreseen["stroke-dasharray"]) == ("none", "5 4")
        assert {"now", "needed", "target"} <= set(words(drawing))
        filled, hollow = drawn(drawing, "circle")
        assert (filled["fill"], hollow["stroke"]) == (ACCENT, ACCENT)
        assert hollow["fill"] != ACCENT


def test_days_stand_apart_by_the_calendar_and_forecasts_look_different() -> None:
    days = [Day(START, 10), Day(START + timedelta(1), 20), Day(START + timedelta(3), 40, forecast=True)]
    chart = per_day(days, axis=COUNT, **ABOUT)
    for drawing in both(chart):
        first, second, ahead = drawn(drawing, "rect")
        assert float(second["height"]) == pytest.approx(2 * float(first["height"]), abs=0.11)
        step = float(second["x"]) - float(first["x"])
        assert float(ahead["x"]) - float(second["x"]) == pytest.approx(2 * step, abs=0.11)
        assert "fill-opacity" in ahead
        assert "fill-opacity" not in first
        assert {"10", "20", "40", "forecast"} <= set(words(drawing))
    assert chart.rows[1:] == [["2026-03-03", 20, None], ["2026-03-05", None, 40]]


@settings(deadline=None, max_examples=50)
@example([5e-324])
@given(st.lists(st.floats(0, 10_000), min_size=1, max_size=200))
def test_a_histogram_counts_every_value_once(values: list[float]) -> None:
    chart = histogram(values, axis=SECONDS, counts=COUNT, **ABOUT)
    starts, ends, counts = zip(*chart.rows, strict=True)
    assert sum(counts) == len(values)
    assert len(counts) <= 33
    assert starts[1:] == pytest.approx(ends[:-1])
    edges = [*starts, math.inf if ends[-1] is None else ends[-1]]
    assert counts == tuple(np.histogram(values, edges)[0])


def test_few_long_ones_do_not_flatten_a_histogram() -> None:
    chart = histogram([*range(1, 200), 90_000.0], axis=SECONDS, counts=COUNT, **ABOUT)
    assert chart.rows[-1] == [200, None, 1]
    for drawing in both(chart):
        assert {"≥ 200", "median 100"} <= set(words(drawing))
        assert len(drawn(drawing, "rect")) == len(chart.rows)
        assert drawing.width in (WIDE, NARROW)


def test_what_lies_beyond_is_written_above_the_bars_before_it() -> None:
    chart = histogram([*range(1, 200), *[199.0] * 300, 90_000.0], axis=SECONDS, counts=COUNT, **ABOUT)
    for drawing in both(chart):
        label = drawn(drawing, "text")[words(drawing).index("≥ 200")]
        assert float(label["y"]) < float(drawn(drawing, "rect")[-2]["y"])
