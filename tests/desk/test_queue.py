"""What the queue shows, in which order, and that its size does not cost queries."""

import datetime as dt

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from inquiries import intake
from inquiries.models import StaffMember
from scheduling import booking, closures
from scheduling.desk import words
from scheduling.models import Appointment, Closure
from tests.desk.conftest import back_at_the_desk
from tests.factories import NOW, an_appointment, an_inquiry, free_times
from tests.pages.reader import Page

pytestmark = pytest.mark.django_db


def pressed(page: Page) -> list[str]:
    return [attributes["id"] for attributes in page.all("button") if attributes.get("id")]


def test_requests_stand_in_the_order_of_their_promises(desk: Client) -> None:
    late, early = free_times(2, days_ahead=3)
    second = an_appointment(start=late, inquiry=an_inquiry(given_name="Second"), now=NOW)
    first = an_appointment(start=early, inquiry=an_inquiry(given_name="First"), now=NOW - dt.timedelta(minutes=30))

    page = Page(desk.get("/desk/"))

    assert pressed(page) == [f"confirm-{first.pk}", f"confirm-{second.pk}"]
    assert "2 need an answer" in page.text
    assert "<title>(2) Queue" in page.source


def test_a_promise_is_said_as_time_left_and_then_as_overdue(desk: Client, clock: time_machine.Traveller) -> None:
    row = an_appointment()

    before = Page(desk.get("/desk/")).text
    clock.move_to(row.answer_by + dt.timedelta(minutes=10))
    back_at_the_desk(desk)
    after = Page(desk.get("/desk/")).text

    assert "4 h 0 min left Today, 2:00 PM" in before
    assert "overdue by 10 min" in after


def test_who_needs_help_today_stands_above_everything_until_acknowledged(desk: Client) -> None:
    an_appointment()
    urgent = an_inquiry(given_name="Urgent", needs_help_now="yes", now=NOW - dt.timedelta(minutes=5))

    before = Page(desk.get("/desk/"))
    desk.post(f"/desk/inquiries/{urgent.pk}/acknowledge/", {"back": "queue"})
    after = Page(desk.get("/desk/"))

    assert pressed(before)[0] == f"acknowledge-{urgent.pk}"
    assert "Needs help today said so 5 min ago" in before.text
    assert f"acknowledge-{urgent.pk}" not in pressed(after)
    assert "Urgent Ruiz" in after.text  # still to be contacted


def test_an_inquiry_without_a_time_waits_for_a_first_contact(desk: Client) -> None:
    an_inquiry()

    assert "No time chosen" in Page(desk.get("/desk/")).text


@pytest.mark.parametrize(("verb", "why"), [("refuse", "No offered time suited"), ("expire", "Not answered in time")])
def test_a_request_that_came_to_nothing_is_to_be_followed_up(
    desk: Client, clock: time_machine.Traveller, verb: str, why: str
) -> None:
    row = an_appointment("proposed")
    if verb == "refuse":
        booking.refuse(appointment=row, now=NOW)
    else:
        booking.expire_overdue(now=row.held_until)

    assert why in Page(desk.get("/desk/")).text


def test_a_closed_inquiry_waits_for_nobody(desk: Client, cleo: StaffMember) -> None:
    intake.close(inquiry=an_inquiry(), reason="settled", by=cleo, now=NOW)

    assert "Nothing waits for an answer." in Page(desk.get("/desk/")).text


def test_a_call_that_is_over_asks_what_came_of_it(desk: Client, clock: time_machine.Traveller) -> None:
    row = an_appointment("booked")

    assert "what came of them?" not in Page(desk.get("/desk/")).text
    clock.move_to(row.end)
    back_at_the_desk(desk)
    assert "what came of them?" in Page(desk.get("/desk/")).text


def test_a_wish_to_move_a_confirmed_call_is_marked(desk: Client) -> None:
    row = an_appointment("booked")
    booking.ask_to_move(appointment=row, start=free_times(3)[2], now=NOW)

    assert "wants to move a confirmed call" in Page(desk.get("/desk/")).text


def test_the_part_that_renews_itself_brings_lists_and_title_only(desk: Client) -> None:
    an_appointment()

    part = desk.get("/desk/", headers={"hx-request": "true"}).content.decode()

    assert part.startswith("<title>(1) Queue")
    assert "<html" not in part


def queries_of(desk: Client, address: str) -> int:
    desk.get(address)  # the first visit keeps the sign of life
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert desk.get(address).status_code == 200
    return len(queries)


def fill(rows: int) -> None:
    for number, start in enumerate(free_times(rows)):
        an_appointment(start=start, inquiry=an_inquiry(given_name=f"P{number}"))
        an_inquiry(given_name=f"N{number}")
        an_inquiry(given_name=f"U{number}", needs_help_now="yes")


@pytest.mark.parametrize("rows", [1, 30])
def test_the_queue_costs_eight_queries(desk: Client, rows: int) -> None:
    fill(rows)

    assert queries_of(desk, "/desk/") == 8


@pytest.mark.parametrize("rows", [1, 30])
def test_the_lists_cost_as_many_queries_whatever_they_show(desk: Client, rows: int) -> None:
    fill(rows)
    for row in Appointment.objects.all():
        booking.confirm(appointment=row, by=StaffMember.objects.get(), now=NOW)

    assert queries_of(desk, "/desk/inquiries/") == 6
    assert queries_of(desk, "/desk/calls/?date=2026-12-09") == 6


@pytest.mark.parametrize("notes", [1, 30])
def test_a_case_costs_seven_queries_at_most(desk: Client, cleo: StaffMember, notes: int) -> None:
    row = an_appointment("proposed")
    for number in range(notes):
        intake.note(inquiry=row.inquiry, text=f"note {number}", by=cleo, now=NOW)
        an_inquiry()

    assert queries_of(desk, f"/desk/appointments/{row.pk}/") == 7
    assert queries_of(desk, f"/desk/inquiries/{row.inquiry_id}/") == 8
    assert queries_of(desk, f"/desk/appointments/{row.pk}/times/") == 5
    assert queries_of(desk, f"/desk/appointments/{row.pk}/messages/") == 4


@pytest.mark.parametrize(
    ("days", "email", "expected"),
    [
        (1, "", "Times are held for them, and no mail tells them so"),
        (90, "", "We cancelled the call, and no mail tells them so"),
        (1, "ana@example.com", ""),
        (90, "ana@example.com", ""),
    ],
)
def test_whom_a_closure_moved_and_no_mail_reaches_is_to_be_called(
    desk: Client, cleo: StaffMember, days: int, email: str, expected: str
) -> None:
    row = an_appointment("booked", inquiry=an_inquiry(email=email))
    closure = Closure.objects.create(start=row.start, end=row.start + dt.timedelta(days=days))
    closures.apply(closure=closure, text="storm", by=cleo, now=NOW)

    text = Page(desk.get("/desk/")).text

    assert [sentence for sentence in SAID if sentence in text] == list(filter(None, [expected]))


SAID = ["Times are held for them, and no mail tells them so", "We cancelled the call, and no mail tells them so"]


def test_the_banner_says_every_time_that_was_offered(desk: Client) -> None:
    row, times = an_appointment(), free_times(3, days_ahead=6)
    desk.post(f"/desk/appointments/{row.pk}/propose/", {"starts": [time.isoformat() for time in times]})

    banner = Page(desk.get("/desk/")).text.partition("Times offered.")[2]

    assert all(words.short(time) in banner.partition("Undo")[0] for time in times)


def test_of_equal_promises_who_asked_first_stands_first(desk: Client) -> None:
    evening = NOW.replace(hour=23)
    for minutes, name in enumerate(("Ana", "Tom", "Eva", "Leo")):
        asked = evening + dt.timedelta(minutes=minutes)
        person = an_inquiry(given_name=name, email=f"{name}@example.com", phone="", now=asked)
        an_appointment(inquiry=person, now=asked)

    assert [row.inquiry.contact.called for row in desk.get("/desk/").context["requests"]] == [
        "Ana",
        "Tom",
        "Eva",
        "Leo",
    ]
