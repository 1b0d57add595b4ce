"""Figures in words, and bars."""

from django import template

from notifications.insights import desk

register = template.Library()
register.filter("how_long", desk.how_long)


@register.filter
def percent(rate: float | None) -> str:
    """
    >>> percent(0.836), percent(None)
    ('84 %', '–')
    """
    return "–" if rate is None else f"{rate * 100:.0f} %"


@register.inclusion_tag("notifications/desk/parts/bar.html")
def bar(part: float | None, whole: float) -> dict[str, float]:
    """A lying bar that is `part` of `whole` long."""
    return {"length": round(100 * (part or 0) / whole, 1) if whole else 0}
