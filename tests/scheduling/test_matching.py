"""The free times that fit what a person wished, on their own clock."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from django.test import Client

from inquiries import intake, story
from inquiries.models import Inquiry
from scheduling import moments
from scheduling.matching import free_times_for, span_of
from scheduling.models import Appointment, AppointmentType, Practitioner
from tests.factories import NOW, a_bearer_token, a_link, a_staff_member, an_appointment, an_inquiry

WEDNESDAY, THURSDAY = "2026-12-09", "2026-12-10"


def wishing(*windows: tuple[str, str], **facts: object) -> Inquiry:
    return an_inquiry(windows=[{"date": date, "part": part} for date, part in windows], **facts)


def clocks(inquiry: Inquiry, kind: AppointmentType, *, limit: int = 6) -> list[str]:
    found = free_times_for(inquiry=inquiry, kind=kind, now=NOW, limit=limit)
    return [f"{moments.local(slot.start, inquiry.time_zone):%d %H:%M}" for slot in found]


@pytest.mark.parametrize(
    ("part", "zone", "first", "count"),
    [
        ("morning", "America/New_York", "09 09:00", 9),
        ("afternoon", "America/New_York", "09 12:00", 15),
        ("evening", "America/New_York", None, 0),
        ("morning", "America/Los_Angeles", "09 06:00", 18),
        ("afternoon", "America/Los_Angeles", "09 12:00", 6),
        ("morning", "Europe/Madrid", None, 0),
        ("evening", "Europe/Madrid", "09 17:00", 18),
    ],
)
def test_a_part_of_a_day_is_read_on_their_clock(
    kind: AppointmentType, part: str, zone: str, first: str | None, count: int
) -> None:
    found = clocks(wishing((WEDNESDAY, part), time_zone=zone), kind, limit=99)

    assert (next(iter(found), None), len(found)) == (first, count)


@pytest.mark.parametrize(
    ("zone", "date", "part", "hours"),
    [
        ("America/New_York", "2026-03-08", "morning", 11),
        ("America/New_York", "2026-03-08", "afternoon", 5),
        ("America/New_York", "2026-11-01", "morning", 13),
        ("America/New_York", "2026-11-01", "evening", 7),
        ("Australia/Lord_Howe", "2026-04-05", "morning", 12.5),
        ("America/Santiago", "2026-09-06", "morning", 11),
        ("Africa/Cairo", "2026-10-29", "evening", 8),
    ],
)
def test_a_part_of_a_day_is_whole_where_the_clocks_change(zone: str, date: str, part: str, hours: float) -> None:
    first, last = span_of({"date": date, "part": part}, zone)

    assert last - first == dt.timedelta(hours=hours)


def test_every_wish_has_its_turn_before_any_has_a_second(kind: AppointmentType) -> None:
    ana = wishing((WEDNESDAY, "morning"), (THURSDAY, "afternoon"))

    assert clocks(ana, kind, limit=3) == ["09 09:00", "09 09:20", "10 12:00"]


def test_a_time_that_is_taken_or_past_does_not_match(kind: AppointmentType) -> None:
    nine = dt.datetime(2026, 12, 9, 9, tzinfo=ZoneInfo("America/New_York"))
    Practitioner.objects.exclude(pk=Practitioner.objects.order_by("pk")[0].pk).update(is_active=False)
    an_appointment("booked", start=nine)
    ana = wishing((WEDNESDAY, "morning"), ("2026-12-07", "morning"), given_name="Berta")

    assert clocks(ana, kind, limit=1) == ["09 09:40"]


def test_who_speaks_their_language_comes_first_and_anybody_is_better_than_nobody(kind: AppointmentType) -> None:
    nine = dt.datetime(2026, 12, 9, 9, tzinfo=ZoneInfo("America/New_York"))
    lucia = wishing((WEDNESDAY, "morning"), language="es")
    an_appointment("booked", start=nine, inquiry=an_inquiry(language="es"))

    assert clocks(lucia, kind, limit=1) == ["09 09:40"]
    Practitioner.objects.filter(languages__contains=["es"]).update(is_active=False)
    assert clocks(lucia, kind, limit=1) == ["09 09:00"]


def test_without_a_wish_nothing_matches(kind: AppointmentType) -> None:
    assert clocks(an_inquiry(), kind) == []


@pytest.fixture
def desk(client: Client, clock: object, kind: AppointmentType) -> Client:
    client.force_login(a_staff_member())
    return client


def test_staff_book_a_time_that_fits_with_one_press(desk: Client) -> None:
    ana = wishing((THURSDAY, "morning"))
    page = desk.get(f"/desk/inquiries/{ana.pk}/")
    assert "Book Thu, Dec 10, 9:00 AM" in page.content.decode()

    desk.post(f"/desk/inquiries/{ana.pk}/book/", {"starts": "2026-12-10T09:00:00-05:00"})

    assert Appointment.objects.get().status == "booked"


def test_staff_offer_a_time_that_fits_with_one_press(desk: Client) -> None:
    row = an_appointment(inquiry=wishing((THURSDAY, "morning")))
    page = desk.get(f"/desk/appointments/{row.pk}/")
    assert "Offer Thu, Dec 10, 9:00 AM" in page.content.decode()

    desk.post(f"/desk/appointments/{row.pk}/propose/", {"starts": "2026-12-10T09:00:00-05:00", "version": row.version})

    assert Appointment.objects.get().status == "proposed"


def test_staff_read_that_nothing_is_free_then(desk: Client) -> None:
    ana = wishing((THURSDAY, "evening"))

    assert "No time is free then." in desk.get(f"/desk/inquiries/{ana.pk}/").content.decode()


def test_a_wish_to_be_called_is_kept_and_shown(desk: Client) -> None:
    ana = wishing((THURSDAY, "morning"))
    desk.post(f"/m/{a_link(ana)}/none-suits/", {"any_time": "on"})

    ana.refresh_from_db()
    assert (ana.preferred_windows, ana.wants_call_back) == ([], True)
    assert "contact them to agree on one" in desk.get(f"/desk/inquiries/{ana.pk}/").content.decode()
    intake.prefer(inquiry=ana, windows=[{"date": THURSDAY, "part": "evening"}], by=story.PATIENT, now=NOW)
    assert not Inquiry.objects.get().wants_call_back


def test_the_api_names_the_times_that_fit(client: Client, clock: object, kind: AppointmentType) -> None:
    ana = wishing((THURSDAY, "evening"), (WEDNESDAY, "morning"))

    headers = {"Authorization": f"Bearer {a_bearer_token()}"}
    answer = client.get(f"/api/v1/desk/inquiries/{ana.pk}/", headers=headers).json()

    assert (answer["matching_times"][0], answer["wants_call_back"]) == (
        {"start": "2026-12-09T09:00:00-05:00", "end": "2026-12-09T09:20:00-05:00"},
        False,
    )
