from django import template

register = template.Library()


@register.filter
def percent(share: float) -> str:
    """0.725 as 72 %."""
    return f"{share * 100:.0f} %"
