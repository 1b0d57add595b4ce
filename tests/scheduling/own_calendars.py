"""Calendars that we read, added and read in one line, and the reasons that the free times then have."""

import datetime as dt
import time
from typing import Any

import pytest

from scheduling import slots
from scheduling.calendars import reading
from scheduling.models import AppointmentType, OutsideCalendar, Practitioner
from tests.calendar_servers import CalDavServer, FeedServer
from tests.factories import NOW, a_staff_member

DAY = dt.datetime(2026, 12, 9, 5, 0, tzinfo=dt.UTC)  # Wednesday, midnight in Miami
AT_TEN = ("DTSTART;TZID=America/New_York:20261209T100000", "DTEND;TZID=America/New_York:20261209T103000")
MINUTE = dt.timedelta(minutes=1)
SECRETS = ("5ecre7", "k3y", "dahlia")


def added(server: FeedServer | CalDavServer, *, now: dt.datetime = NOW, **facts: Any) -> OutsideCalendar:
    facts = {"form": "feed", "url": server.url} | facts
    if isinstance(server, CalDavServer):
        facts |= {"form": "caldav", "username": "rosa", "password": server.password}
    who = Practitioner.objects.active().get()
    return reading.add(practitioner=who, name="own", by=a_staff_member(), now=now, **facts)


def read(now: dt.datetime) -> int:
    return reading.read_due(now=now, until=time.monotonic() + 60)


def reasons(kind: AppointmentType, now: dt.datetime = NOW, day: dt.datetime = DAY) -> dict[str, str]:
    found = slots.explain(kind=kind, start=day, end=day + dt.timedelta(days=1), now=now)
    return {f"{slots.in_zone(start, 'America/New_York'):%H:%M}": why for _who, start, why in found}


def refusal_of(server: FeedServer, **facts: Any) -> str:
    with pytest.raises(reading.NotRead) as refused:
        added(server, **facts)
    assert not OutsideCalendar.objects.exists()
    return refused.value.why
