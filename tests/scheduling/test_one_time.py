"""Offered = bookable = mailed = in the calendar, on the days on which clocks change, half hours and all."""

import datetime as dt
from email import message_from_string, policy
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.test import Client

from inquiries import story
from notifications import messages, planner
from notifications.models import Notification
from scheduling import booking
from scheduling.models import Appointment, AppointmentType, HoursOverride, Practitioner
from tests.factories import a_clinic, a_staff_member, an_inquiry
from tests.notifications.strict_ical import parse

DAYS = [
    ("America/New_York", "2027-03-14"),
    ("America/New_York", "2027-11-07"),
    ("Australia/Lord_Howe", "2027-04-04"),  # half an hour back
    ("Australia/Lord_Howe", "2027-10-03"),  # half an hour on
    ("Australia/Adelaide", "2028-04-02"),
    ("America/St_Johns", "2029-03-11"),
    ("Pacific/Chatham", "2029-09-30"),  # three quarters of an hour beside the others
    ("America/Havana", "2030-11-03"),  # midnight occurs twice
    ("America/Santiago", "2028-09-03"),  # midnight does not exist
    ("Africa/Cairo", "2027-04-30"),
    ("Europe/Dublin", "2026-10-25"),
    ("Asia/Kathmandu", "2026-12-09"),  # no change, and 5:45 beside UTC
]

pytestmark = pytest.mark.django_db


def offered(client: Client, zone: str, day: dt.date) -> list[str]:
    asked = f"appointment_type=screening-call&time_zone={zone}&start={day}&end={day + dt.timedelta(days=1)}"
    return [slot["start"] for slot in client.get(f"/api/v1/slots/?{asked}").json()["slots"]]


def is_near_a_change(start: dt.datetime, place: ZoneInfo) -> bool:
    hour = dt.timedelta(hours=1)
    before, after = (at.astimezone(dt.UTC).astimezone(place) for at in (start - hour, start + hour))
    return before.utcoffset() != after.utcoffset()


def round_the_clock(zone: str, day: dt.date) -> AppointmentType:
    kind = a_clinic(practitioners=1, horizon_days=366, slot_step_minutes=30, buffer_after_minutes=0)
    Practitioner.objects.update(time_zone=zone)
    for person in Practitioner.objects.active():
        HoursOverride.objects.create(practitioner=person, date=day, intervals=[[0, 1440]])
    return kind


def confirmed(kind: AppointmentType, start: dt.datetime, zone: str, now: dt.datetime) -> Appointment:
    inquiry = an_inquiry(given_name=f"N{start:%H%M}", time_zone=zone, now=now)
    row = booking.request(inquiry=inquiry, kind=kind, start=start, by=story.PATIENT, now=now)
    return booking.confirm(appointment=row, by=a_staff_member(), now=now)


def told(row: Appointment, now: dt.datetime) -> tuple[str, dt.datetime]:
    """What the confirmation says, and when its calendar entry starts."""
    while planner.plan_pending(now=now):
        pass
    letter = Notification.objects.get(appointment=row, kind="appointment_confirmed")
    mail = message_from_string(messages.render([letter], now=now)[0], policy=policy.default)
    text, entry = (part for part in mail.walk() if part.get_content_type() in ("text/plain", "text/calendar"))
    calendar = "\r\n".join([*entry.get_content().splitlines(), ""])
    (event,) = [each for each in parse(calendar).components if each.name == "VEVENT"]
    starts = dt.datetime.strptime(event.value("DTSTART"), "%Y%m%dT%H%M%SZ").replace(tzinfo=dt.UTC)
    return text.get_content(), starts


@pytest.mark.parametrize(("zone", "date"), DAYS)
def test_a_time_is_the_same_wherever_it_is_read(zone: str, date: str, client: Client) -> None:
    day, place = dt.date.fromisoformat(date), ZoneInfo(zone)
    kind = round_the_clock(zone, day)
    now = dt.datetime(day.year, day.month, day.day, 15, tzinfo=dt.UTC) - dt.timedelta(days=4)
    with time_machine.travel(now, tick=False):
        starts = [dt.datetime.fromisoformat(start) for start in offered(client, zone, day)]
        utc = [start.astimezone(dt.UTC) for start in starts]
        midnights = [dt.datetime(at.year, at.month, at.day, tzinfo=place) for at in (day, day + dt.timedelta(days=1))]
        first, last = (at.astimezone(dt.UTC) for at in midnights)
        assert utc == sorted(set(utc))
        assert all(later - earlier == dt.timedelta(minutes=30) for earlier, later in pairwise(utc))
        assert (utc[0], utc[-1]) == (first, last - dt.timedelta(minutes=30))

        for start in [start for start in starts if is_near_a_change(start, place)] or starts[:2]:
            row = confirmed(kind, start, zone, now)
            text, entry = told(row, now)
            wall = start.astimezone(place)
            assert start.utcoffset() == wall.utcoffset()
            assert (row.start, entry) == (start, start)
            assert f"{wall:%-I:%M %p} (" in text
            assert f"{wall:%A, %B %-d, %Y}" in text
