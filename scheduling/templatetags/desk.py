"""The desk's words, as templates use them."""

import datetime as dt

from django import template
from django.utils import translation

from inquiries import fields
from scheduling import presenters
from scheduling.desk import words

register = template.Library()

register.filter("short", words.short)
register.filter("near", words.near)
register.filter("stretch", words.stretch)
register.filter("clock", words.clock)
register.filter("theirs", words.theirs)
register.filter("their_clock", words.their_clock)
register.filter("spoken", words.spoken)
register.filter("left", words.left)
register.filter("ago", words.ago)
register.filter("date_short", words.date_short)
register.filter("date_near", words.date_near)
register.filter("choice_in_words", words.choice)
register.filter("state", presenters.state_of)


@register.filter
def clinic_date(moment: dt.datetime) -> dt.date:
    return words.clinic_date(moment)


@register.filter
def language_name(code: str) -> str:
    return str(translation.get_language_info(code)["name_translated"])


@register.filter
def contact_ways(ways: list[str]) -> str:
    return ", ".join(str(fields.CONTACT_WAYS.get(way, way)) for way in ways)
