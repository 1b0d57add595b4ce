"""The figures: each from calls that went through the verbs, and counted by hand."""

import datetime as dt
from typing import Any

import pytest
from django.test import Client
from pytest_django.asserts import assertContains
from pytest_django.fixtures import DjangoAssertNumQueries

from inquiries import intake
from inquiries.models import Activity, Inquiry
from notifications.insights.desk import how_long
from notifications.insights.figures import Figures, figures
from notifications.insights.questions import month_before, month_of
from scheduling import booking
from scheduling.models import Appointment, AppointmentType
from tests.api.caller import at_the_desk
from tests.factories import NOW, a_staff_member, an_appointment, an_inquiry, free_times

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
Status = Appointment.Status
MINUTES = dt.timedelta(minutes=1)
DECEMBER = {"start": dt.date(2026, 12, 1), "end": dt.date(2027, 1, 1)}


def december() -> Figures:
    return figures(**DECEMBER)


def somebody(name: str, **facts: Any) -> Inquiry:
    return an_inquiry(given_name=name, email=f"{name}@example.com", phone="", **facts)


def settled(status: str, start: dt.datetime, **facts: Any) -> Appointment:
    return an_appointment(status, start=start, inquiry=somebody(f"p{start:%d%H%M}", **facts))


def test_the_funnel_counts_how_far_each_person_came(kind: AppointmentType) -> None:
    first, second, third = free_times(3)
    an_inquiry()
    settled(Status.PENDING, first)
    settled(Status.BOOKED, second)
    settled(Status.FULFILLED, third)

    funnel = december().funnel

    assert (funnel.inquiries, funnel.requested, funnel.booked, funnel.held) == (4, 3, 2, 1)


def test_a_call_that_was_confirmed_and_then_cancelled_was_confirmed(kind: AppointmentType) -> None:
    call = an_appointment(Status.BOOKED)
    booking.cancel(appointment=call, reason="clinic", by=a_staff_member(), now=NOW)
    assert (december().funnel.booked, december().funnel.held) == (1, 0)


@pytest.mark.parametrize(
    ("moment", "counted"),
    [
        (dt.datetime(2026, 12, 1, 4, 59, tzinfo=dt.UTC), 0),
        (dt.datetime(2026, 12, 1, 5, 0, tzinfo=dt.UTC), 1),
        (dt.datetime(2027, 1, 1, 4, 59, tzinfo=dt.UTC), 1),
        (dt.datetime(2027, 1, 1, 5, 0, tzinfo=dt.UTC), 0),
    ],
)
def test_a_day_is_the_clinics(kind: AppointmentType, moment: dt.datetime, counted: int) -> None:
    an_inquiry(now=moment)
    assert december().funnel.inquiries == counted


def test_first_contact_is_the_first_thing_that_staff_did(kind: AppointmentType) -> None:
    for name, minutes in [("leo", 10), ("mia", 30)]:
        intake.note(inquiry=somebody(name), text="Called.", by=a_staff_member(), now=NOW + minutes * MINUTES)
    somebody("noa")

    found = december()

    assert (found.first_contact.count, found.first_contact.median, found.waiting) == (2, 20 * MINUTES, 1)


def test_whom_staff_wrote_down_on_the_phone_did_not_wait(kind: AppointmentType) -> None:
    an_inquiry(by=a_staff_member())
    inquiry = intake.receive(
        person=intake.Person(given_name="Leo", phone="+13055550188"),
        wishes=intake.Wishes(language="en", time_zone="America/New_York"),
        by=a_staff_member(),
        now=NOW,
    )
    assert Activity.objects.get(inquiry=inquiry).actor == Activity.Actor.STAFF
    assert december().first_contact.count == 0


def test_a_promise_is_kept_until_its_last_minute(kind: AppointmentType) -> None:
    first, second = free_times(2)
    in_time, late = settled(Status.PENDING, first), settled(Status.PENDING, second)
    assert in_time.answer_by
    assert late.answer_by
    booking.confirm(appointment=in_time, by=a_staff_member(), now=in_time.answer_by)
    booking.decline(appointment=late, reason="no_capacity", by=a_staff_member(), now=late.answer_by + MINUTES)

    found = december()

    assert (found.answers.count, found.kept, found.kept_share) == (2, 1, 0.5)


def test_a_request_that_lapsed_broke_its_promise(kind: AppointmentType) -> None:
    row = an_appointment()
    assert row.held_until
    booking.expire_overdue(now=row.held_until + MINUTES)
    assert (december().answers.count, december().kept) == (1, 0)


def test_what_a_patient_took_back_was_not_answered(kind: AppointmentType) -> None:
    booking.withdraw(appointment=an_appointment(), now=NOW)
    assert december().answers.count == 0


def test_attendance_by_weekday_and_practitioner(kind: AppointmentType) -> None:
    first, second = free_times(2)
    held, missed = settled(Status.FULFILLED, first), settled(Status.NOSHOW, second)

    found = december()

    assert (found.attendance.held, found.attendance.missed, found.attendance.rate) == (1, 1, 0.5)
    assert {day: (row.held, row.missed) for day, row in found.weekdays.items()} == {2: (1, 1)}
    minutes = {load.id: load.minutes for load in found.practitioners}
    assert minutes[held.practitioner_id] == 20
    assert sum(minutes.values()) == 20
    assert {held.practitioner_id, missed.practitioner_id} == set(minutes)


def test_sources_are_campaigns_or_the_site_that_linked_here(kind: AppointmentType) -> None:
    for name, source in [
        ("leo", {"utm_source": "newsletter", "referrer": "https://www.example.org/a"}),
        ("mia", {"referrer": "https://www.example.org/page"}),
        ("noa", {}),
    ]:
        Inquiry.objects.filter(pk=somebody(name).pk).update(source=source)
    assert {source: row.inquiries for source, row in december().sources.items()} == {
        "newsletter": 1,
        "example.org": 1,
        "": 1,
    }


def test_a_week_in_which_nobody_asked_is_there_too(kind: AppointmentType) -> None:
    an_inquiry()
    assert [(monday.day, row.inquiries) for monday, row in december().weeks.items()] == [
        (30, 0),
        (7, 1),
        (14, 0),
        (21, 0),
        (28, 0),
    ]


def test_queries_are_four_whatever_the_amount(
    kind: AppointmentType, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for amount in (1, 12):
        for start in free_times(amount, days_ahead=2 + amount):
            settled(Status.FULFILLED, start)
        with django_assert_num_queries(4):
            december()


def test_the_page_says_each_figure(desk: Client) -> None:
    an_appointment(Status.FULFILLED)
    page = desk.get("/desk/insights/?first=2026-12-01&last=2026-12-31")
    assertContains(page, "100 %: 1 held, 0 missed.")
    assertContains(page, "The promise was kept for 1 of 1 request (100 %).")


def test_an_empty_month_is_told_in_words(desk: Client) -> None:
    assertContains(desk.get("/desk/insights/"), "Nobody asked in these days.")


@pytest.mark.parametrize(
    ("question", "sentence"),
    [
        ("first=2026-12-02&last=2026-12-01", "The last day is before the first one."),
        ("first=2024-01-01&last=2026-12-01", "Ask for 400 days at most."),
        ("first=nonsense&last=2026-12-01", "Enter a valid date."),
    ],
)
def test_days_that_make_no_span_are_refused_in_words(desk: Client, question: str, sentence: str) -> None:
    assertContains(desk.get(f"/desk/insights/?{question}"), sentence, status_code=400)


def test_the_api_tells_the_same(kind: AppointmentType) -> None:
    an_appointment(Status.FULFILLED)

    told = at_the_desk().get("desk/insights/?start=2026-12-01&end=2027-01-01").json()

    assert told["funnel"] == {"inquiries": 1, "requested": 1, "booked": 1, "held": 1}
    assert told["attendance"] == {"held": 1, "missed": 0, "rate": 1.0}
    assert told["by_weekday"] == [{"weekday": 2, "held": 1, "missed": 0, "rate": 1.0}]


def test_months_follow_each_other() -> None:
    december = month_of(dt.date(2026, 12, 7))
    assert (december.start, december.last) == (dt.date(2026, 12, 1), dt.date(2026, 12, 31))
    assert month_before(month_of(dt.date(2027, 1, 31))) == december


@pytest.mark.parametrize(("minutes", "words"), [(59, "59 min"), (60, "1 h"), (1500, "1 d 1 h")])
def test_spans_are_short(minutes: int, words: str) -> None:
    assert how_long(minutes * MINUTES) == words
