from datetime import date

import pytest
from django.utils import translation
from hypothesis import given, settings
from hypothesis import strategies as st

from evaluation.charts.axis import COUNT, Axis
from evaluation.charts.dates import days_along, label_days
from evaluation.charts.drawing import Drawing
from evaluation.charts.words import fitted, shortened, width_of
from tests.evaluation.charts.reading import words

SHARE = Axis("Share", percent=True)
ALPHA = Axis("α", digits=3)


@pytest.mark.parametrize(
    ("axis", "value", "shown"),
    [
        (SHARE, 0.7264, "72.6 %"),
        (SHARE, 0.9996, "100.0 %"),
        (ALPHA, 0.64686, "0.647"),
        (ALPHA, -0.0214, "−0.021"),
        (ALPHA, -0.0001, "0.000"),
        (COUNT, 12345, "12,345"),
        (SHARE, None, "–"),
    ],
)
def test_values_are_written_with_their_digits_and_unit(axis: Axis, value: float | None, shown: str) -> None:
    assert axis.written(value) == shown


def test_an_interval_has_its_unit_once_and_nothing_without_ends() -> None:
    assert SHARE.span(0.58, 0.672) == "58.0 – 67.2 %"
    assert SHARE.span(0.58, None) == ""


def test_ticks_are_round_and_within_the_ends() -> None:
    assert SHARE.scale([0.37, 0.75], 0, 100, ticks=5).ticks() == pytest.approx([0.3, 0.4, 0.5, 0.6, 0.7, 0.8])
    bounded = Axis("Share", percent=True, low=0, high=1).scale([0.5], 0, 100, ticks=5)
    assert bounded.ticks() == pytest.approx([0, 0.2, 0.4, 0.6, 0.8, 1])
    assert (bounded(0.25), bounded(1.5), bounded(-1)) == (25, 100, 0)


def test_counts_have_no_ticks_between_them() -> None:
    assert COUNT.scale([0, 1], 0, 100, ticks=5).ticks() == [0, 1]


@settings(deadline=None, max_examples=50)
@given(st.lists(st.floats(-1e6, 1e6), max_size=5), st.integers(2, 8))
def test_every_value_has_a_place_and_order_is_kept(values: list[float], ticks: int) -> None:
    scale = ALPHA.scale(values, 10, 90, ticks=ticks)
    places = [scale(value) for value in sorted(values)]
    assert places == sorted(places)
    assert all(10 <= place <= 90 for place in places)
    assert 2 <= len(scale.ticks()) <= ticks + 3


def test_chinese_takes_a_whole_square_and_long_words_are_cut() -> None:
    assert width_of("通义千问", 12) == 48
    assert fitted("通义千问", 12, 48) == "通义千问"
    assert fitted("通义千问", 12, 40) == "通义…"


def test_names_that_begin_alike_stay_apart() -> None:
    names = [f"llama-3.1-8b-instruct-{step}" for step in ("sft-checkpoint-12000", "dpo-checkpoint-4000")]
    short = [shortened(name, 12, 140) for name in names]
    assert len(set(short)) == 2
    assert all(
        name.startswith(cut.split("…")[0]) and name.endswith(cut.split("…")[1])
        for name, cut in zip(names, short, strict=True)
    )
    assert shortened("通义千问", 12, 48) == "通义千问"


@settings(deadline=None, max_examples=50)
@given(st.text(max_size=60), st.floats(12, 300))
def test_what_is_cut_fits(label: str, room: float) -> None:
    assert width_of(fitted(label, 12, room), 12) <= room
    assert width_of(shortened(label, 12, room), 12) <= room


@pytest.mark.parametrize(("language", "shown"), [("en", ["Mar 9", "Mar 2"]), ("zh-hans", ["3月9日", "3月2日"])])
def test_days_are_written_as_the_reader_does(language: str, shown: list[str]) -> None:
    days = [date(2026, 3, 2), date(2026, 3, 9)]
    drawing = Drawing(300, 20)
    with translation.override(language):
        label_days(drawing, days, days_along(days, 40, 250), 10)
    assert words(drawing) == shown


def test_days_that_have_no_room_are_left_out_but_the_last_stays() -> None:
    days = [date(2026, 3, day) for day in range(1, 31)]
    drawing = Drawing(200, 20)
    label_days(drawing, days, days_along(days, 20, 180), 10)
    assert words(drawing)[0] == "Mar 30"
    assert 2 <= len(words(drawing)) <= 4
