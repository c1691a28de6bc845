from datetime import date

from babel.dates import format_interval, format_skeleton
from django import template
from django.utils import timezone
from django.utils.translation import get_language, to_locale

register = template.Library()


@register.filter
def short_day(day: date) -> str:
    """Dec 4, with the year where it is another than this."""
    return str(format_skeleton(skeleton(day), day, locale=locale()))


@register.filter
def until_day(first: date, last: date) -> str:
    """Dec 3 – 8."""
    return str(format_interval(first, last, skeleton(last), locale=locale()))


def skeleton(day: date) -> str:
    return "MMMd" if day.year == timezone.localdate().year else "yMMMd"


def locale() -> str:
    return to_locale(get_language() or "en")
