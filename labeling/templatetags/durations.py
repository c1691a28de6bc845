from datetime import timedelta

from babel.dates import format_timedelta
from django import template
from django.utils.translation import get_language, to_locale

register = template.Library()


@register.filter
def duration(seconds: float) -> str:
    """Roughly, in words: 3 minutes."""
    return format_timedelta(timedelta(seconds=seconds), locale=to_locale(get_language() or "en"))
