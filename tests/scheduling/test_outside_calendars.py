"""What an outside calendar says, and what its silence means."""

import datetime as dt

import pytest
from django.db import IntegrityError, connection
from django.test.utils import CaptureQueriesContext

from scheduling import slots
from scheduling.calendars import busy
from scheduling.models import AppointmentType, BusyTime, Practitioner
from tests.factories import NOW, a_clinic

HOUR = dt.timedelta(hours=1)
DAY = dt.datetime(2026, 12, 9, 5, 0, tzinfo=dt.UTC)  # Wednesday, midnight in Miami
TEN = DAY + 10 * HOUR

pytestmark = pytest.mark.django_db


@pytest.fixture
def alone() -> AppointmentType:
    return a_clinic(practitioners=1)


def read(*times: tuple[dt.datetime, dt.datetime], at: dt.datetime = NOW, when_stale: str = "close") -> None:
    who = Practitioner.objects.active().get()
    busy.keep(practitioner=who, name="outlook", busy=times, now=at, when_stale=when_stale)


def reasons(kind: AppointmentType, now: dt.datetime = NOW) -> dict[str, str]:
    found = slots.explain(kind=kind, start=DAY, end=DAY + 24 * HOUR, now=now)
    return {f"{slots.in_zone(start, 'America/New_York'):%H:%M}": why for _who, start, why in found}


def test_busy_times_close_the_starts_they_overlap(alone: AppointmentType) -> None:
    read((TEN, TEN + HOUR / 2))
    found = reasons(alone)
    assert [found[time] for time in ("09:40", "10:00", "10:20", "10:40")] == [
        "free",
        "external_busy",
        "external_busy",
        "free",
    ]


def test_a_new_copy_replaces_the_old_one(alone: AppointmentType) -> None:
    read((TEN, TEN + HOUR))
    read((TEN + HOUR, TEN + 2 * HOUR))
    assert (reasons(alone)["10:00"], reasons(alone)["11:00"]) == ("free", "external_busy")


@pytest.mark.parametrize(
    ("when_stale", "at_ten", "at_noon"),
    [("close", "external_busy", "stale_calendar"), ("trust", "external_busy", "free"), ("ignore", "free", "free")],
)
def test_silence_means_what_the_calendar_says(
    alone: AppointmentType, when_stale: str, at_ten: str, at_noon: str
) -> None:
    read((TEN, TEN + HOUR), when_stale=when_stale)
    found = reasons(alone, now=NOW + HOUR + dt.timedelta(seconds=1))
    assert (found["10:00"], found["12:00"]) == (at_ten, at_noon)


def test_a_calendar_is_fresh_to_the_end_of_its_time(alone: AppointmentType) -> None:
    read(when_stale="close")
    assert reasons(alone, now=NOW + HOUR)["12:00"] == "free"


def test_a_half_read_calendar_changes_nothing(alone: AppointmentType) -> None:
    read((TEN, TEN + HOUR))
    with pytest.raises(IntegrityError):
        read((TEN + HOUR, TEN + 2 * HOUR), (TEN, TEN))
    assert (reasons(alone)["10:00"], reasons(alone)["11:00"]) == ("external_busy", "free")


def test_outside_calendars_cost_no_query_of_their_own(alone: AppointmentType) -> None:
    read(*((TEN + n * HOUR, TEN + (n + 0.5) * HOUR) for n in range(50)))
    with CaptureQueriesContext(
        connection,
    ) as queries:
        slots.offered(kind=alone, start=DAY, end=DAY + 24 * HOUR, now=NOW)
    assert (len(queries), BusyTime.objects.count()) == (1, 50)
