"""What pages and files get of a chart."""

import csv
from html.parser import HTMLParser

import pytest
from django.template.loader import render_to_string
from django.test import Client
from hypothesis import given, settings
from hypothesis import strategies as st

from config import examples
from evaluation.charts.axis import Axis
from evaluation.charts.chart import Chart
from evaluation.charts.intervals import IntervalRow, intervals
from tests.evaluation.charts.reading import SVG, read
from tests.factories import make_user

AXIS = Axis("Value", digits=2)


def chart_of(*rows: IntervalRow) -> Chart:
    return intervals(rows, name="any", title='A "title" <&>', description="What & why", axis=AXIS)


class Page(HTMLParser):
    """Tags, attributes and words of a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: set[str] = set()
        self.words: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes |= {name for name, _value in attrs}

    def handle_data(self, data: str) -> None:
        if data.strip():
            self.words.append(data.strip())


@settings(deadline=None, max_examples=50)
@given(st.text(), st.text())
def test_any_name_is_written_as_text(label: str, reason: str) -> None:
    chart = chart_of(IntervalRow(label, 1), IntervalRow(label, None, undefined=reason))
    read(chart.file)
    read(f"<div>{chart.svg}</div>")


def test_what_goes_into_pages_needs_no_style_and_no_script() -> None:
    page = Page(chart_of(IntervalRow('<script>alert(1)</script><p style="x">', 1)).svg)
    assert set(page.tags) == {"svg", "desc", "line", "text", "circle"}
    assert not {name for name in page.attributes if name == "style" or name.startswith("on")}


def test_an_image_says_what_it_shows_and_a_file_is_complete() -> None:
    chart = chart_of(IntervalRow("通义千问", 0.5, 0.4, 0.6))
    root = read(chart.file)
    assert (root.get("role"), root.get("aria-label")) == ("img", chart.title)
    assert root.findtext(f"{SVG}title") == chart.title
    assert root.findtext(f"{SVG}desc") == chart.description
    assert root.get("font-family") == "sans-serif"
    assert "var(" not in chart.file
    assert "通义千问" in chart.file
    assert chart.svg.count('role="img"') == 2, "one for a wide place and one for a narrow"
    assert chart.svg.count("<desc>What &amp; why</desc>") == 2


def test_the_table_has_all_digits_and_no_formulas() -> None:
    chart = chart_of(
        IntervalRow("=1+1", 1 / 3, 0.25, 0.5, 7), IntervalRow("a, b", None, undefined="-because"), IntervalRow("c", 2)
    )
    head, *rows = csv.reader(chart.csv().splitlines())
    assert head == ["Name", "Value", "Interval (95 %), low", "Interval (95 %), high", "n", "Undefined because"]
    assert rows == [
        ["'=1+1", str(1 / 3), "0.25", "0.5", "7", ""],
        ["a, b", "", "", "", "", "'-because"],
        ["c", "2", "", "", "", ""],
    ]


def test_the_component_shows_the_numbers_and_where_the_files_are() -> None:
    chart = chart_of(IntervalRow("first", 0.333, 0.25, 0.5, 1234), IntervalRow("second", None))
    html = render_to_string("components/_chart.html", {"chart": chart, "svg_url": "/x.svg", "csv_url": "/x.csv"})
    page = Page(html.partition("<details>")[2])
    assert page.words[1:] == [
        *["Name", "Value", "Interval (95 %), low", "Interval (95 %), high", "n"],
        *["first", "0.33", "0.25", "0.50", "1,234", "second", "–", "–", "–", "–", "SVG", "CSV"],
    ]
    assert 'href="/x.svg"' in html
    assert "files" not in render_to_string("components/_chart.html", {"chart": chart})


@pytest.mark.django_db
def test_the_patterns_page_has_every_chart_in_light_and_dark(client: Client) -> None:
    client.force_login(make_user("kim"))
    html = client.get("/patterns/").text
    for chart in examples.charts():
        assert html.count(f"<h3>{chart.title}</h3>") == 2
    assert "style" not in Page(html).attributes
