"""Days along the bottom of a chart."""

from collections.abc import Sequence
from datetime import date

from babel.dates import format_skeleton
from django.conf import settings
from django.utils.translation import get_language, to_locale

from evaluation.charts.axis import Scale
from evaluation.charts.drawing import SMALL, Drawing
from evaluation.charts.words import width_of

A_YEAR = 366
APART = 14.0


def days_along(days: Sequence[date], start: float, end: float) -> Scale:
    """From the first to the last of the days, which are in order, by their ordinals."""
    return Scale(days[0].toordinal(), days[-1].toordinal(), 1, start, end)


def label_days(drawing: Drawing, days: Sequence[date], along: Scale, y: float) -> None:
    """As many of the days as there is room for, the last among them. Over a year, only their months."""
    parts = "yMMM" if (days[-1] - days[0]).days > A_YEAR else "MMMd"
    locale = to_locale(get_language() or settings.LANGUAGE_CODE)
    free = drawing.width
    for day in reversed(days):
        words = format_skeleton(parts, day, locale=locale)
        half = width_of(words, SMALL) / 2
        middle = min(along(day.toordinal()), drawing.width - half)
        if middle + half <= free and middle - half >= 0:
            drawing.aside(middle, y, words, text_anchor="middle")
            free = middle - half - APART
