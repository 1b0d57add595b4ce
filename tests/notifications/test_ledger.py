"""The desk's ledger: what to act on, and that acting on it settles it once."""

import datetime as dt
from collections.abc import Callable

import pytest
import time_machine
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from notifications import flood
from notifications.models import Notification
from notifications.work import Done
from scheduling import booking
from scheduling.models import Appointment
from tests.factories import NOW, a_staff_member, an_appointment, an_inquiry, free_times
from tests.sink import SmtpSink

pytestmark = pytest.mark.django_db
Work = Callable[..., Done]
Status = Appointment.Status
LEDGER = "/desk/messages/"


@pytest.fixture
def desk(clinic: SmtpSink) -> Client:
    client = Client()
    client.force_login(a_staff_member())
    return client


def shown(desk: Client, show: str = "") -> list[str]:
    """Kind, status and reason of each line."""
    rows = [line["row"] for line in desk.get(LEDGER, {"show": show}).context["rows"]]
    return [" ".join(filter(None, (row.kind, row.status, row.reason))) for row in rows]


def test_a_refused_message_is_acted_on_by_a_call(desk: Client, clinic: SmtpSink, work: Work) -> None:
    clinic.reply_with("554 5.7.1 No", times=2)
    inquiry = an_inquiry()
    work()
    assert shown(desk) == ["inquiry_received failed refused"]

    row = Notification.objects.get(status="failed", kind="inquiry_received")
    page = desk.post(f"{LEDGER}{row.pk}/called/", follow=True)

    assert (shown(desk), "Noted: you called instead." in page.content.decode()) == ([], True)
    assert inquiry.activities.filter(kind="inquiry.called_instead", staff_member=a_staff_member()).count() == 1
    assert (
        "Called, because a message could not reach them" in desk.get(f"/desk/inquiries/{inquiry.pk}/").content.decode()
    )


def test_a_call_is_noted_once(desk: Client, clinic: SmtpSink, work: Work) -> None:
    clinic.reply_with("554 5.7.1 No", times=2)
    inquiry = an_inquiry()
    work()
    row = Notification.objects.get(status="failed", kind="inquiry_received")

    for _ in range(2):
        page = desk.post(f"{LEDGER}{row.pk}/called/", follow=True)

    assert "Somebody has settled this already." in page.content.decode()
    assert inquiry.activities.filter(kind="inquiry.called_instead").count() == 1


def test_a_failed_message_can_be_sent_again(desk: Client, clinic: SmtpSink, work: Work) -> None:
    clinic.reply_with("554 5.7.1 No", times=2)
    an_inquiry()
    work()
    row = Notification.objects.get(status="failed", kind="inquiry_received")

    desk.post(f"{LEDGER}{row.pk}/retry/")
    work()

    row.refresh_from_db()
    assert (row.status, shown(desk)) == ("sent", [])


def test_who_has_no_mail_is_called_with_each_decision_and_not_with_each_acknowledgement(
    desk: Client, work: Work
) -> None:
    row = an_appointment(inquiry=an_inquiry(email=""), start=free_times(days_ahead=5)[0])
    work()
    assert shown(desk) == []

    booking.confirm(appointment=row, by=a_staff_member(), now=NOW)
    work(61)

    assert shown(desk) == ["appointment_confirmed skipped no_email"]


def test_who_was_on_the_phone_when_it_was_booked_is_not_called_again(desk: Client, kind: object, work: Work) -> None:
    inquiry = an_inquiry(email="")
    start = free_times(days_ahead=5)[0]
    booking.request(inquiry=inquiry, kind=kind, start=start, by=a_staff_member(), now=NOW)  # type: ignore[arg-type]
    work(61)

    assert shown(desk) == []


def test_who_took_an_offered_time_on_the_phone_is_not_called_again(desk: Client, work: Work) -> None:
    row, starts = an_appointment(inquiry=an_inquiry(email="")), free_times(2, days_ahead=5)
    row = booking.propose(appointment=row, starts=starts, by=a_staff_member(), now=NOW)
    work(61)
    assert shown(desk) == ["times_proposed skipped no_email"]

    booking.reschedule(appointment=row, start=starts[1], by=a_staff_member(), now=NOW + dt.timedelta(seconds=62))
    work(61)

    assert shown(desk) == []


def test_what_is_no_longer_so_need_not_be_told(desk: Client, work: Work) -> None:
    row = an_appointment(Status.BOOKED, inquiry=an_inquiry(email=""), start=free_times(days_ahead=5)[0])
    work(61)
    booking.withdraw(appointment=row, now=NOW + dt.timedelta(seconds=62))
    work(60)

    assert [line for line in shown(desk) if "confirmed" in line] == []


def test_each_filter_shows_its_own(desk: Client, clinic: SmtpSink, clock: time_machine.Traveller, work: Work) -> None:
    an_appointment(Status.BOOKED, start=free_times(days_ahead=5)[0])
    work(61)
    clock.shift(600)
    an_inquiry(email="late@example.com")
    Notification.objects.filter(kind="appointment_confirmed").update(status="due", sent_at=None, try_at=NOW)

    assert shown(desk, "planned") == ["appointment_confirmed due", "reminder due", "reminder due"]
    assert shown(desk, "late") == ["appointment_confirmed due"]
    assert [line for line in shown(desk, "sent") if "staff" not in line] == []
    assert [line for line in shown(desk, "unsent") if "staff" not in line] == ["request_received cancelled superseded"]


def test_a_call_in_three_hours_that_nobody_confirmed_is_on_the_list(
    desk: Client, clock: time_machine.Traveller, work: Work
) -> None:
    start = free_times(days_ahead=5)[0]
    silent = an_appointment(Status.BOOKED, start=start)
    spoken = an_appointment(Status.BOOKED, inquiry=an_inquiry(email="b@example.com"), start=start)
    work(61)
    clock.move_to(start - dt.timedelta(hours=23))
    work()
    booking.confirm_attendance(appointment=spoken, now=start - dt.timedelta(hours=22))
    lists = []
    for hours in (3.01, 3):
        clock.move_to(start - dt.timedelta(hours=hours))
        desk.force_login(a_staff_member())
        lists.append([row.pk for row in desk.get(LEDGER).context["unconfirmed"]])

    assert lists == [[], [silent.pk]]


@pytest.mark.parametrize("people", [1, 30])
def test_queries_are_seven_whatever_the_amount(
    people: int, desk: Client, work: Work, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(people):
        an_inquiry(email=f"p{number}@example.com")
    work()
    desk.get(LEDGER)
    with django_assert_num_queries(5):
        page = desk.get(LEDGER, {"show": "sent"})

    assert len(page.context["rows"]) == people + min(people, flood.AT_MOST)
    with django_assert_num_queries(6):
        desk.get(LEDGER)


def test_staff_are_named_and_a_patient_too(desk: Client, work: Work) -> None:
    a_staff_member("noa")
    an_inquiry()
    work()

    to = {line["to"] for line in desk.get(LEDGER, {"show": "sent"}).context["rows"]}

    assert to == {"Ana Ruiz", "cleo", "noa"}


def test_who_has_no_mail_is_not_called_about_reminders(desk: Client, work: Work) -> None:
    row = an_appointment(Status.BOOKED, inquiry=an_inquiry(email=""))
    work(61)

    context = desk.get(f"/desk/appointments/{row.pk}/messages/").context

    assert [each.kind for each in context["rows"]] == ["appointment_confirmed"]
    reminders = [each for each in context["folded"] if each.kind == "reminder"]
    assert [each.shown_at >= each.activity.at for each in reminders] == [True, True]


def test_a_skipped_reminder_is_folded_on_the_page_of_its_call(desk: Client, work: Work) -> None:
    row = an_appointment(Status.BOOKED)
    work(61)

    context = desk.get(f"/desk/appointments/{row.pk}/messages/").context

    assert [each.kind for each in context["folded"] if each.kind == "reminder"] == ["reminder"]
    assert "skipped" not in [each.status for each in context["rows"]]
