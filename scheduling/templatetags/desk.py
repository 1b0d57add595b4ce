"""The desk's words, as templates use them."""

import datetime as dt
from functools import lru_cache
from html import escape
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django import template
from django.urls import reverse
from django.utils import translation
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from inquiries import fields
from scheduling import presenters
from scheduling.desk import words
from scheduling.desk.calendar.entries import Entry
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
register.filter("span", words.span)
register.filter("date_short", words.date_short)
register.filter("date_near", words.date_near)
register.filter("date_long", words.date_long)
register.filter("month", words.month)
register.filter("day_of_week", words.day_of_week)
register.filter("zone_name", words.zone_name)
register.filter("choice_in_words", words.choice)
register.filter("tongue", words.tongue)
register.filter("state", presenters.state_of)
register.simple_tag(presenters.icon, name="icon")
NOBODY = UUID(int=0)


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


@register.simple_tag
def badge(status: str) -> SafeString:
    """A state as word, icon and colour."""
    look = presenters.state_of(status)
    return format_html('<span class="badge {}">{} {}</span>', look.tone, presenters.icon(look.icon), look.word)


@register.simple_tag(takes_context=True)
def entry(context: dict[str, Any], row: Entry, *, agenda: bool = False) -> SafeString:
    """A call as the calendar shows it, written by hand: a week has hundreds, and the time went into escaping icons."""
    look, is_wide = presenters.state_of(row.status), agenda or context["span"].view == "day"
    moved, said = context["purpose"].moved, "soft" if is_wide else "unseen"
    return SafeString(  # nosec B703: whatever a person wrote is escaped
        f'<a class="entry {look.tone}{" moving" if moved and row.pk == moved.pk else ""}"'
        f' href="{_address_of(context, row.appointment)}">{presenters.icon(look.icon)}'
        f' <span class="at">{words.clock(row.start)}</span> <b>{escape(row.called)}</b>'
        f'{_with_whom(context, row, agenda)} <span class="{said}">{escape(_state_word(row))}</span></a>'
    )


def _state_word(row: Entry) -> str:
    if row.held_for and row.status == "booked":
        return _("Kept while a move waits")
    return _word(row.status, translation.get_language())


@lru_cache
def _word(status: str, language: str) -> str:
    return str(presenters.state_of(status).word)


def _address_of(context: dict[str, Any], pk: UUID) -> str:
    """Found once for a page: finding hundreds takes longer than all else of them."""
    pattern: str = context.get("address_of_nobody") or reverse("desk-appointment", args=[NOBODY])
    context["address_of_nobody"] = pattern
    return pattern.replace(str(NOBODY), str(pk))


def _with_whom(context: dict[str, Any], row: Entry, agenda: bool) -> str:
    """The practitioner's first name where several are shown together, and their own clock where it differs."""
    if row.person is None:
        return ""
    name = first_word(row.person.name) if agenda or context["shared"] else ""
    other = words.their_clock(row.start, row.person.time_zone) if context["span"].view == "day" else ""
    said = filter(None, (name, other and f"({other})"))
    return "".join(f' <span class="soft">{escape(one)}</span>' for one in said)
