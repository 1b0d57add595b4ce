"""The desk's words, as templates use them."""

import datetime as dt
from urllib.parse import urlencode

from django import template
from django.utils import translation

from inquiries import fields
from scheduling import presenters
from scheduling.desk import words
from scheduling.desk.calendar.grid import Free
from scheduling.desk.calendar.purpose import Purpose
from scheduling.desk.calendar.span import Span
from scheduling.models import AppointmentType
from scheduling.picker import iso

register = template.Library()

register.filter("short", words.short)
register.filter("intervals_in_words", words.intervals)
register.filter("week_in_words", words.week)
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
register.filter("date_long", words.date_long)
register.filter("month", words.month)
register.filter("day_of_week", words.day_of_week)
register.filter("zone_name", words.zone_name)
register.filter("choice_in_words", words.choice)
register.filter("state", presenters.state_of)


@register.filter
def clinic_date(moment: dt.datetime) -> dt.date:
    return words.clinic_date(moment)


@register.filter
def contact_ways(ways: list[str]) -> str:
    return ", ".join(str(fields.CONTACT_WAYS.get(way, way)) for way in ways)


@register.filter
def concerns_in_words(codes: str) -> str:
    return ", ".join(str(fields.CONCERNS.get(code, code)) for code in codes.split(","))


@register.filter
def kind_name(kind: AppointmentType) -> str:
    """In the reader's language."""
    return kind.name_in(translation.get_language() or "en")


@register.filter
def first_word(name: str) -> str:
    return name.split()[0] if name.strip() else name


@register.filter
def title(span: Span) -> str:
    """The days that a page of the calendar shows, in words."""
    if span.view == "day":
        return words.date_long(span.date)
    return words.month(span.date) if span.view == "month" else words.dates(span.days[0], span.days[-1])


@register.filter
def leads_to(free: Free, purpose: Purpose) -> str:
    """The address of a free time that was chosen on the calendar; with the person, where only one is free."""
    chosen = {"start": iso(free.start)} | ({"with": free.people[0].pk} if len(free.people) == 1 else {})
    return purpose.address + urlencode(chosen)
