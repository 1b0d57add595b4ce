"""Instants in the words of the active language; `zone` is the reader's."""

import datetime as dt
import re

from django import template
from django.utils import translation

from scheduling import moments

# Between the minutes and what says which half of the day: no line breaks there.
HALF_OF_DAY = re.compile(r"(?<=\d) (?=[AaPp]\.?[Mm])")

register = template.Library()


@register.filter
def in_words(moment: dt.datetime, zone: str) -> str:
    return _unbroken(moments.in_words(moment, zone=zone, language=translation.get_language() or "en"))


@register.filter
def day_in_words(moment: dt.datetime, zone: str) -> str:
    return moments.day_in_words(moment, zone=zone, language=translation.get_language() or "en", year=False)


@register.filter
def time_in_words(moment: dt.datetime, zone: str) -> str:
    return _unbroken(moments.time_in_words(moment, zone=zone, language=translation.get_language() or "en"))


@register.filter
def zone_in_words(moment: dt.datetime, zone: str) -> str:
    return moments.zone_in_words(moment, zone=zone, language=translation.get_language() or "en")


def _unbroken(words: str) -> str:
    """
    >>> _unbroken("Monday, November 30, 9:00 AM")
    'Monday, November 30, 9:00\\xa0AM'
    """
    return HALF_OF_DAY.sub("\N{NO-BREAK SPACE}", words)
