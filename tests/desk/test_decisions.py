"""Every decision that staff take through a form, and how a refusal is said."""

import datetime as dt

import psycopg
import pytest
import time_machine
from django.db import connection
from django.http import HttpResponse
from django.test import Client

from inquiries.models import StaffMember, Statement
from scheduling import booking
from scheduling.models import Appointment, Practitioner
from tests.desk.conftest import back_at_the_desk
from tests.factories import NOW, a_staff_member, an_appointment, an_inquiry, free_times
from tests.pages.reader import Page

pytestmark = pytest.mark.django_db
Status = Appointment.Status


def press(desk: Client, row: Appointment, verb: str, **facts: object) -> HttpResponse:
    data = {"version": row.version, **facts}
    return desk.post(f"/desk/appointments/{row.pk}/{verb}/", data)


def now_is(row: Appointment) -> Appointment:
    row.refresh_from_db()
    return row


def test_confirm_books_and_goes_back_to_the_queue(desk: Client) -> None:
    row = an_appointment()

    answer = press(desk, row, "confirm", back="queue")

    assert answer["Location"] == "/desk/"
    assert now_is(row).status == Status.BOOKED
    page = Page(desk.get("/desk/"))
    assert "Confirmed. Ana Ruiz, Wed, Dec 9, 10:00 AM" in page.text
    assert "undo" in [button.get("id") for button in page.all("button")]


def test_a_decision_can_be_taken_back_for_a_minute(desk: Client, clock: time_machine.Traveller) -> None:
    row = an_appointment()
    press(desk, row, "confirm")

    clock.shift(dt.timedelta(seconds=59))
    press(desk, now_is(row), "undo")

    assert now_is(row).status == Status.PENDING


def test_after_a_minute_the_banner_is_gone_and_undo_is_refused(desk: Client, clock: time_machine.Traveller) -> None:
    row = an_appointment()
    press(desk, row, "confirm")
    clock.shift(dt.timedelta(seconds=60))

    assert "Undo" not in Page(desk.get("/desk/")).text
    answer = press(desk, now_is(row), "undo")

    assert answer.status_code == 409
    assert "The time to take this decision back is over." in Page(answer).text
    assert now_is(row).status == Status.BOOKED


def test_a_colleagues_decision_can_be_taken_back_on_its_page(desk: Client) -> None:
    row = an_appointment()
    booking.confirm(appointment=row, by=a_staff_member("mona"), now=NOW)

    assert "Undo the last decision" in Page(desk.get(f"/desk/appointments/{row.pk}/")).text


def test_decline_needs_one_of_the_reasons(desk: Client) -> None:
    row = an_appointment()

    without = press(desk, row, "decline")
    invented = press(desk, row, "decline", reason="rude words")
    given = press(desk, row, "decline", reason="no_capacity")

    assert [without.status_code, invented.status_code, given.status_code] == [400, 400, 302]
    assert "Choose one of the reasons." in Page(invented).text
    assert now_is(row).reason == Appointment.Reason.DECLINED


def test_up_to_three_times_are_offered(desk: Client) -> None:
    row, starts = an_appointment(), free_times(4, days_ahead=3)

    many = press(desk, row, "propose", starts=[start.isoformat() for start in starts])
    three = press(desk, row, "propose", starts=[start.isoformat() for start in starts[:3]])

    assert many.status_code == 400
    assert "Choose one to three times to offer." in Page(many).text
    assert three.status_code == 302
    assert now_is(row).status == Status.PROPOSED
    assert row.holds.count() == 2


def test_a_time_agreed_on_the_phone_is_booked_at_once(desk: Client) -> None:
    row, (start,) = an_appointment(), free_times(1, days_ahead=3)

    press(desk, row, "reschedule", starts=[start.isoformat()])

    assert (now_is(row).status, row.start) == (Status.BOOKED, start)


def test_an_offered_time_that_they_take_on_the_phone_is_one_press(desk: Client, cleo: StaffMember) -> None:
    row, starts = an_appointment(), free_times(3, days_ahead=3)
    row = booking.propose(appointment=row, starts=starts, by=cleo, now=NOW)
    second = row.holds.order_by("start")[0]

    page = Page(desk.get(f"/desk/appointments/{row.pk}/"))
    offered = [button["value"] for button in page.all("button") if button.get("name") == "starts"]
    press(desk, row, "reschedule", starts=[offered[1]], practitioner=second.practitioner_id)

    assert [dt.datetime.fromisoformat(value) for value in offered] == starts
    assert (now_is(row).status, row.start, row.practitioner_id) == (Status.BOOKED, starts[1], second.practitioner_id)
    assert row.holds.count() == 0


@pytest.mark.parametrize("starts", [[], ["soon"], ["2026-12-10T10:00:00"], ["9999-12-31T23:59:59+00:00"]])
def test_a_time_that_no_page_showed_is_refused_with_a_sentence(desk: Client, starts: list[str]) -> None:
    row = an_appointment()

    answer = press(desk, row, "reschedule", starts=starts)

    assert answer.status_code == 400
    assert "Choose one" in Page(answer).text


def test_a_time_outside_the_hours_is_not_on_offer(desk: Client) -> None:
    answer = press(desk, an_appointment(), "propose", starts=["2026-12-09T03:00:00+00:00"])

    assert answer.status_code == 409
    assert "This time is not on offer." in Page(answer).text


def test_a_time_that_has_just_gone_comes_with_the_nearest_ones(desk: Client) -> None:
    Practitioner.objects.exclude(pk=Practitioner.objects.order_by("pk")[0].pk).update(is_active=False)
    (taken,) = free_times(1, days_ahead=3)
    an_appointment(start=taken)
    row = an_appointment(inquiry=an_inquiry(given_name="Late"))

    answer = press(desk, row, "reschedule", starts=[taken.isoformat()])

    assert answer.status_code == 409
    assert "This time has just been taken." in Page(answer).text
    assert "Nearest free times" in Page(answer).text


def test_another_practitioner_takes_the_call_if_free(desk: Client) -> None:
    row = an_appointment()
    other = Practitioner.objects.exclude(pk=row.practitioner_id).last()
    an_appointment(start=row.start, inquiry=an_inquiry(given_name="Other"))
    busy = Appointment.objects.exclude(pk=row.pk).get().practitioner

    refused = press(desk, row, "reassign", practitioner=busy.pk)
    free = Practitioner.objects.exclude(pk__in=[row.practitioner_id, busy.pk]).get()
    given = press(desk, row, "reassign", practitioner=free.pk)

    assert other is not None
    assert refused.status_code == 409
    assert "This practitioner is not free at that time." in Page(refused).text
    assert given.status_code == 302
    assert now_is(row).practitioner == free


def test_the_clinic_cancels_with_a_reason(desk: Client) -> None:
    row = an_appointment("booked")

    press(desk, row, "cancel", reason="staff_ill")

    assert (now_is(row).status, row.reason) == (Status.CANCELLED, "clinic")


def test_a_call_that_was_held_has_an_outcome_and_a_note(desk: Client, clock: time_machine.Traveller) -> None:
    row = an_appointment("booked")
    clock.move_to(row.start + dt.timedelta(minutes=20))
    back_at_the_desk(desk)

    press(desk, row, "complete", outcome="needs_records", note="Sends her records.")

    assert (now_is(row).status, row.outcome) == (Status.FULFILLED, "needs_records")
    assert Statement.objects.get(kind=Statement.Kind.OUTCOME).text.reveal() == "Sends her records."
    page = Page(desk.get(f"/desk/appointments/{row.pk}/")).text
    assert "Recorded that the call was held : Records needed first" in page.replace("held:", "held :")
    assert "Sends her records." in page


@pytest.mark.parametrize("verb", ["complete", "no_show"])
def test_no_call_is_over_before_it_begins(desk: Client, verb: str) -> None:
    row = an_appointment("booked")

    answer = press(desk, row, verb, outcome="eligible")

    assert answer.status_code == 409
    assert now_is(row).status == Status.BOOKED


def test_a_missed_call_is_recorded_by_a_person(desk: Client, clock: time_machine.Traveller) -> None:
    row = an_appointment("booked")
    clock.move_to(row.start + dt.timedelta(minutes=20))
    back_at_the_desk(desk)

    press(desk, row, "no_show")

    assert now_is(row).status == Status.NOSHOW


def given_away_meanwhile(row: Appointment) -> Practitioner:
    """A colleague gives the call to somebody else while this page is open."""
    other = Practitioner.objects.exclude(pk=row.practitioner_id).order_by("pk")[0]
    booking.reassign(
        appointment=row, practitioner=other, by=a_staff_member("mona", first_name="Mona"), now=NOW, version=row.version
    )
    return other


def test_a_stale_page_says_what_happened_meanwhile(desk: Client) -> None:
    row = an_appointment()
    other = given_away_meanwhile(row)

    answer = press(desk, row, "confirm")

    assert answer.status_code == 409
    text = Page(answer).text
    assert "The appointment has changed since you read it." in text
    assert f"Since you opened it: Mona · Gave the call to {other.name}" in text
    assert now_is(row).status == Status.PENDING


def test_control_a_press_without_a_version_is_not_stopped(desk: Client) -> None:
    row = an_appointment()
    given_away_meanwhile(row)

    assert press(desk, row, "confirm", version="").status_code == 302
    assert now_is(row).status == Status.BOOKED


@pytest.mark.parametrize("status", list(Status))
@pytest.mark.parametrize("verb", ["confirm", "decline", "propose", "reschedule", "reassign", "cancel", "undo"])
def test_no_press_in_any_state_is_an_error_of_ours(desk: Client, status: str, verb: str) -> None:
    row = an_appointment(status)
    facts = {
        "reason": "no_capacity",
        "starts": [free_times(5, days_ahead=4)[4].isoformat()],
        "practitioner": Practitioner.objects.last().pk,
    }

    answer = press(desk, row, verb, **facts)

    assert answer.status_code in (302, 409)
    assert desk.get(f"/desk/appointments/{row.pk}/").status_code == 200


@pytest.mark.parametrize("version", ["", "x", "-1", "99999999999999999999", "\x00"])
def test_a_broken_version_is_refused_or_left_out(desk: Client, version: str) -> None:
    row = an_appointment()

    answer = desk.post(f"/desk/appointments/{row.pk}/confirm/", {"version": version})

    assert answer.status_code == (302 if version == "" else 400)


@pytest.mark.django_db(transaction=True)
def test_waiting_for_a_colleague_ends_with_a_sentence(desk: Client) -> None:
    row = an_appointment()
    with connection.cursor() as cursor:
        cursor.execute("set lock_timeout = '100ms'")

    with psycopg.connect(**connection.get_connection_params()) as colleague:
        colleague.execute("select 1 from scheduling_appointment where id = %s for update", [row.pk])
        answer = press(desk, row, "confirm")

    assert answer.status_code == 409
    assert "Somebody else is changing this at the moment. Try again." in Page(answer).text
    assert press(desk, row, "confirm").status_code == 302
