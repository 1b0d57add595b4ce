"""The resources of SMART Scheduling Links as dicts ready for JSON: one place, a schedule a kind of call, its slots.

A slot is free while anybody could take the call at that time, by the same decisions that the public list is made of;
it is busy when those who work then are taken. Who they are stays inside.
"""

import datetime as dt
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.urls import reverse
from django.utils import translation

from inquiries.clinic import clinic
from scheduling import availability, slots
from scheduling.models import AppointmentType

Resource = dict[str, Any]
EXTENSION = "http://fhir-registry.smarthealthit.org/StructureDefinition/booking-"
SERVICE_TYPES = "http://terminology.hl7.org/CodeSystem/service-type"
GENERAL_PRACTICE = {"system": SERVICE_TYPES, "code": "124", "display": "General Practice"}
US_ADDRESS = re.compile(r"(?P<line>.+), *(?P<city>[^,]+), *(?P<state>[A-Z]{2}) +(?P<postal>\d{5}(?:-\d{4})?)")
PLACE = "clinic"
BUSY = frozenset({availability.TAKEN, availability.BUFFER, availability.EXTERNAL_BUSY})
WEEK_NAME = "%G-W%V"


def location() -> Resource:
    return {
        "resourceType": "Location",
        "id": PLACE,
        "identifier": [{"system": settings.SITE_URL, "value": PLACE}],
        "name": clinic().name,
        "telecom": [
            {"system": "phone", "value": clinic().phone},
            {"system": "url", "value": settings.SITE_URL},
        ],
        "address": _address(settings.CLINIC_ADDRESS),
    }


def state() -> str:
    """The postal code of the clinic's state, such as FL; '' when the address does not say it."""
    return str(_address(settings.CLINIC_ADDRESS).get("state", ""))


def _address(text: str) -> Resource:
    """FHIR's Address of a line such as `100 Example Avenue, Miami, FL 33131`; of any other line, its text alone."""
    parts = US_ADDRESS.fullmatch(text.strip())
    if parts is None:
        return {"text": text}
    line = [piece.strip() for piece in parts["line"].split(",")]
    return {"line": line, "city": parts["city"], "state": parts["state"], "postalCode": parts["postal"]}


def schedule(kind: AppointmentType) -> Resource:
    own = {"system": f"{settings.SITE_URL}/appointment-types", "code": kind.slug, "display": kind.name}
    return {
        "resourceType": "Schedule",
        "id": kind.slug,
        "actor": [{"reference": f"Location/{PLACE}"}],
        "serviceType": [{"coding": [GENERAL_PRACTICE, own]}],
    }


def slots_of(kind: AppointmentType, *, start: dt.datetime, end: dt.datetime, now: dt.datetime) -> Iterator[Resource]:
    """A Slot for each start in the window that somebody works at, earliest first."""
    found: dict[dt.datetime, str] = {}
    for _practitioner, at, reason in slots.explain(kind=kind, start=start, end=end, now=now):
        if reason == availability.FREE:
            found[at] = "free"
        elif reason in BUSY:
            found.setdefault(at, "busy")
    for at in sorted(found):
        yield _slot(kind, at, found[at])


def _slot(kind: AppointmentType, start: dt.datetime, status: str) -> Resource:
    with translation.override("en"):
        link = f"{settings.SITE_URL}{reverse('contact')}?{urlencode({'start': start.isoformat()})}"
    resource: Resource = {
        "resourceType": "Slot",
        "id": f"{kind.slug}-{start:%Y%m%dT%H%MZ}",
        "schedule": {"reference": f"Schedule/{kind.slug}"},
        "status": status,
        "start": start.isoformat(),
        "end": slots.end_of(kind, start).isoformat(),
    }
    if status == "free":
        resource["extension"] = [
            {"url": EXTENSION + "deep-link", "valueUrl": link},
            {"url": EXTENSION + "phone", "valueString": clinic().phone},
        ]
    return resource


def weeks(kind: AppointmentType, now: dt.datetime) -> list[str]:
    """The ISO weeks, such as `2026-W49`, that calls can be booked in, in the clinic's zone."""
    first = slots.in_zone(now, settings.CLINIC_TIME_ZONE).date()
    days = (first + dt.timedelta(days=ahead) for ahead in range(kind.horizon_days + 1))
    return sorted({f"{day:{WEEK_NAME}}" for day in days})


def window_of(week: str) -> tuple[dt.datetime, dt.datetime]:
    """A week's first instant and its end, exclusive. Raises ValueError for what names no week."""
    monday = dt.datetime.strptime(f"{week}-1", f"{WEEK_NAME}-%u").date()  # noqa: DTZ007 a date has no zone
    zone = settings.CLINIC_TIME_ZONE
    return slots.local_midnight(monday, zone), slots.local_midnight(monday + dt.timedelta(days=7), zone)
