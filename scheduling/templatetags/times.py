"""Instants in the words of the active language; `zone` is the reader's."""

import datetime as dt

from django import template
from django.utils import translation

from scheduling import moments

register = template.Library()


@register.filter
def in_words(moment: dt.datetime, zone: str) -> str:
    return moments.in_words(moment, zone=zone, language=translation.get_language() or "en")


@register.filter
def day_in_words(moment: dt.datetime, zone: str) -> str:
    return moments.day_in_words(moment, zone=zone, language=translation.get_language() or "en", year=False)


@register.filter
def time_in_words(moment: dt.datetime, zone: str) -> str:
    return moments.time_in_words(moment, zone=zone, language=translation.get_language() or "en")


@register.filter
def zone_in_words(moment: dt.datetime, zone: str) -> str:
    return moments.zone_in_words(moment, zone=zone, language=translation.get_language() or "en")
