"""The colours of files are the light ones of the style sheets, and what is written on them can be read."""

import re
from itertools import pairwise

import pytest

from evaluation.charts.palette import ON_PAPER, ON_RAMP, RAMP, on_paper
from tests.embedded import ROOT

CSS = "".join((ROOT / "static" / "css" / file).read_text() for file in ("base.css", "components/charts.css"))
COLOURS = dict(re.findall(r"(--[\w-]+): light-dark\((#\w{6}, #\w{6})\)", CSS))


def light_and_dark(colour: str) -> list[str]:
    return COLOURS[colour.removeprefix("var(").removesuffix(")")].split(", ")


def luminance(colour: str) -> float:
    """WCAG 2, relative luminance."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def test_files_have_the_light_colours_of_the_pages() -> None:
    colours = {name: value for name, value in ON_PAPER.items() if name != "--sans"}
    assert {name: light_and_dark(name)[0] for name in colours} == colours


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
def test_every_step_of_the_ramp_can_be_written_on_and_told_from_the_next(scheme: int) -> None:
    steps = [light_and_dark(step)[scheme] for step in RAMP]
    inks = [light_and_dark(ink)[scheme] for ink in ON_RAMP]
    assert min(contrast(step, ink) for step, ink in zip(steps, inks, strict=True)) >= 4.5
    away = [contrast(step, light_and_dark("--surface")[scheme]) for step in steps]
    assert all(further / nearer >= 1.1 for nearer, further in pairwise(away))


def test_a_colour_without_a_value_on_paper_is_an_error() -> None:
    assert on_paper('<rect fill="var(--accent)"/>') == '<rect fill="#3451c7"/>'
    with pytest.raises(KeyError):
        on_paper('<rect fill="var(--nothing)"/>')
