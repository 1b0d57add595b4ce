"""One person's call from the request to its end, as their mailbox and their calendar see it."""

import datetime as dt
from collections.abc import Callable
from email.message import EmailMessage
from typing import Any

import pytest
import time_machine
from django.utils import timezone
from icalendar import Calendar

from inquiries import intake
from inquiries.models import DO_NOT_CONTACT
from notifications.models import Notification
from notifications.work import Done
from scheduling import booking
from scheduling.models import Appointment, Practitioner
from tests.factories import NOW, a_staff_member, an_appointment, an_inquiry, free_times
from tests.notifications.conftest import kinds
from tests.sink import SmtpSink

pytestmark = pytest.mark.django_db
Status = Appointment.Status
Work = Callable[..., Done]
UNDO_IS_OVER = 61
THREE_DAYS = dt.timedelta(days=3)


def to_ana(sink: SmtpSink) -> list[EmailMessage]:
    return [copy.message for copy in sink.messages if copy.recipients == ("ana@example.com",)]


def entry_of(message: EmailMessage) -> Any:
    (part,) = (part for part in message.walk() if part.get_content_type() == "text/calendar")
    calendar = Calendar.from_ical(part.get_content())
    assert part.get_param("method") == calendar["METHOD"]
    return calendar


def test_a_call_moved_twice_and_cancelled_has_one_entry_and_no_stale_mail(clinic: SmtpSink, work: Work) -> None:
    staff, times = a_staff_member(), free_times(3, days_ahead=5)
    row = an_appointment(Status.BOOKED, start=times[0])
    work(UNDO_IS_OVER)
    for start in times[1:]:
        booking.reschedule(appointment=row, start=start, by=staff, now=NOW)
        work(UNDO_IS_OVER)
    booking.cancel(appointment=row, by=staff, now=NOW)
    work(UNDO_IS_OVER)
    work(14 * 24 * 3600)

    assert [str(message["Subject"]).split(":")[0].split(" on ")[0] for message in to_ana(clinic)] == [
        "Your call",
        "Your call has a new time",
        "Your call has a new time",
        "Your call",
    ]
    calendars = [entry_of(message) for message in to_ana(clinic)]
    events = [calendar.walk("VEVENT")[0] for calendar in calendars]
    assert [calendar["METHOD"] for calendar in calendars] == ["REQUEST", "REQUEST", "REQUEST", "CANCEL"]
    assert [event["SEQUENCE"] for event in events] == [0, 1, 2, 3]
    assert {str(event["UID"]) for event in events} == {row.uid}
    assert [event["DTSTART"].dt for event in events] == [*times, times[-1]]


def test_mail_comes_in_the_order_of_what_happened(clinic: SmtpSink, work: Work) -> None:
    row = an_appointment(start=free_times(days_ahead=5)[0])
    work()
    booking.confirm(appointment=row, by=a_staff_member(), now=NOW)
    work()
    assert len(to_ana(clinic)) == 1, "the confirmation waits for the undo"
    work(UNDO_IS_OVER)
    work(5 * 24 * 3600)
    work(24 * 3600)

    assert [str(message["Subject"]).partition(":")[0] for message in to_ana(clinic)] == [
        "We are holding a time for your call",
        "Your call on Monday, December 14 at 9",
        "Reminder",
        "Reminder",
    ]


def test_a_call_cancelled_before_anybody_was_told_has_no_entry_to_cancel(clinic: SmtpSink, work: Work) -> None:
    row = an_appointment()
    work()
    booking.confirm(appointment=row, by=a_staff_member(), now=NOW)
    booking.withdraw(appointment=row, now=NOW)
    work()

    last = to_ana(clinic)[-1]
    assert "cancelled" in str(last["Subject"])
    assert last.get_content_type() == "multipart/alternative"


def reminders_by_mail(sink: SmtpSink) -> int:
    return len([message for message in to_ana(sink) if str(message["Subject"]).startswith("Reminder")])


def test_a_decision_taken_back_reminds_nobody_twice(
    clinic: SmtpSink, clock: time_machine.Traveller, work: Work
) -> None:
    row, staff = an_appointment(Status.BOOKED, start=free_times(days_ahead=5)[0]), a_staff_member()
    work(UNDO_IS_OVER)
    clock.move_to(row.start - THREE_DAYS)
    work()
    other = Practitioner.objects.exclude(pk=row.practitioner_id)[0]
    booking.reassign(appointment=row, practitioner=other, by=staff, now=timezone.now())
    work(20)

    booking.undo(appointment=row, by=staff, now=timezone.now())
    work(UNDO_IS_OVER)

    assert reminders_by_mail(clinic) == 1
    assert kinds(kind="reminder", sequence=1) == ["reminder skipped", "reminder due"]


def test_a_reminder_whose_moment_came_while_its_call_was_cancelled_by_mistake_still_goes(
    clinic: SmtpSink, clock: time_machine.Traveller, work: Work
) -> None:
    row, staff = an_appointment(Status.BOOKED, start=free_times(days_ahead=5)[0]), a_staff_member()
    work(UNDO_IS_OVER)
    clock.move_to(row.start - THREE_DAYS - dt.timedelta(seconds=10))
    booking.cancel(appointment=row, by=staff, now=timezone.now())
    work(20)

    booking.undo(appointment=row, by=staff, now=timezone.now())
    work(UNDO_IS_OVER)

    assert [str(message["Subject"]).split(" on ")[0] for message in to_ana(clinic)] == [
        "Your call",
        "Reminder: your call is",
    ]


def test_who_may_be_contacted_again_is_reminded_and_told_what_was_decided_meanwhile(
    clinic: SmtpSink, clock: time_machine.Traveller, work: Work
) -> None:
    times, staff = free_times(2, days_ahead=5), a_staff_member()
    row = an_appointment(Status.BOOKED, start=times[0])
    work(UNDO_IS_OVER)
    intake.close(inquiry=row.inquiry, reason=DO_NOT_CONTACT, by=staff, now=timezone.now())
    booking.reschedule(appointment=row, start=times[1], by=staff, now=timezone.now())
    work(UNDO_IS_OVER)
    assert len(to_ana(clinic)) == 1, "nothing but the confirmation from before"

    intake.reopen(inquiry=row.inquiry, by=staff, now=timezone.now())
    work()
    clock.move_to(times[1] - THREE_DAYS)
    work()

    assert [str(message["Subject"]).split(":")[0] for message in to_ana(clinic)[1:]] == [
        "Your call has a new time",
        "Reminder",
    ]


@pytest.mark.parametrize("facts", [{"contact_by": ["phone"]}, {"email": ""}])
def test_who_wants_no_mail_gets_none_when_they_may_be_contacted_again(
    facts: dict[str, Any], clinic: SmtpSink, work: Work
) -> None:
    row, staff = an_appointment(Status.BOOKED, inquiry=an_inquiry(**facts)), a_staff_member()
    intake.close(inquiry=row.inquiry, reason=DO_NOT_CONTACT, by=staff, now=NOW)
    work()

    intake.reopen(inquiry=row.inquiry, by=staff, now=timezone.now())
    work(UNDO_IS_OVER)

    assert to_ana(clinic) == []


def test_patient_and_staff_each_read_their_own_language(clinic: SmtpSink, work: Work) -> None:
    a_staff_member(language="en")
    an_inquiry(language="es")

    work()

    subjects = {copy.recipients[0]: str(copy.message["Subject"]) for copy in clinic.messages}
    assert subjects["ana@example.com"] == "Hemos recibido su mensaje"
    assert subjects["cleo@example.com"].startswith("New request")


def test_staff_read_nothing_about_the_person(clinic: SmtpSink, work: Work) -> None:
    a_staff_member()
    an_appointment(inquiry=an_inquiry(message="I am so tired", concerns=("bipolar",), needs_help_now="yes"))

    work()

    to_staff = [copy.raw.decode() for copy in clinic.messages if copy.recipients == ("cleo@example.com",)]
    assert len(to_staff) == 2
    for fact in ("Ana", "Ruiz", "ana@example.com", "5550123", "tired", "bipolar", "today in this"):
        assert not [mail for mail in to_staff if fact in mail.replace("305 555 0100", "")], fact


def test_every_row_of_the_ledger_has_an_end(clinic: SmtpSink, work: Work) -> None:
    row = an_appointment(Status.BOOKED, start=free_times(days_ahead=5)[0])
    work(UNDO_IS_OVER)
    booking.ask_to_move(appointment=row, start=free_times(days_ahead=9)[0], now=NOW)
    work()
    work(30 * 24 * 3600)
    work(2 * 24 * 3600)

    assert list(Notification.objects.open()) == []
