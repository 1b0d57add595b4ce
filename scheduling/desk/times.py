"""The free times that staff choose among, a week at a time."""

import datetime as dt
from itertools import groupby
from typing import Any

from django.conf import settings
from django.http import HttpRequest

from inquiries.models import Inquiry
from scheduling import slots
from scheduling.desk import words
from scheduling.desk_forms import DayForm
from scheduling.models import AppointmentType, Practitioner

WEEK = dt.timedelta(days=7)


def choice_of_times(
    request: HttpRequest, *, inquiry: Inquiry, kind: AppointmentType, now: dt.datetime
) -> dict[str, Any]:
    """The free times of the seven days from `?date=` (else from the first free one) on, by the clinic's day.

    Two queries, three when nobody is free in those days.
    """
    language = "" if "anybody" in request.GET else inquiry.preferred_language
    first = asked_day(request) or words.clinic_date(now)
    offer = _week(kind, first, now, language)
    if not offer.slots and offer.next_available and "date" not in request.GET:
        first = words.clinic_date(offer.next_available)
        offer = _week(kind, first, now, language)
    today = words.clinic_date(now)
    return {
        "inquiry": inquiry,
        "people": list(Practitioner.objects.active()),
        "contact": inquiry.contact,
        "kind": kind,
        "days": [
            (day, list(free)) for day, free in groupby(offer.slots, key=lambda slot: words.clinic_date(slot.start))
        ],
        "first": first,
        "earlier": max(today, first - WEEK) if first > today else None,
        "later": first + WEEK if first + WEEK <= today + dt.timedelta(days=kind.horizon_days) else None,
        "next_available": offer.next_available,
        "anybody": not language,
        "now": now,
    }


def _clinic_date(slot: slots.Slot) -> dt.date:
    return words.clinic_date(slot.start)


def asked_day(request: HttpRequest) -> dt.date | None:
    form = DayForm(request.GET)
    return form.cleaned_data["date"] if form.is_valid() else None


def _week(kind: AppointmentType, first: dt.date, now: dt.datetime, language: str) -> slots.Offer:
    zone = settings.CLINIC_TIME_ZONE
    start, end = slots.local_midnight(first, zone), slots.local_midnight(first + WEEK, zone)
    return slots.offered(kind=kind, start=start, end=end, now=now, language=language)
