"""What is no longer true, or out of turn, is not sent."""

import datetime as dt
import time
from typing import Any

import pytest
import time_machine

from notifications import claiming, delivery, planner
from notifications.models import Notification
from notifications.smtp import Conversation
from scheduling import booking
from scheduling.models import Appointment
from tests.factories import NOW, a_staff_member, an_appointment, free_times
from tests.notifications.conftest import kinds
from tests.sink import SmtpSink

pytestmark = pytest.mark.django_db
Status = Appointment.Status
A_MINUTE = 60


def deliver_reminders(now: dt.datetime) -> None:
    Notification.objects.exclude(kind="reminder").delete()
    with Conversation() as conversation:
        delivery.deliver(conversation=conversation, clock=lambda: now, until=time.monotonic() + 5)


def test_a_reminder_of_a_cancelled_call_is_not_sent(clinic: SmtpSink, work: Any) -> None:
    row = an_appointment(Status.BOOKED, start=free_times(days_ahead=5)[0])
    planner.plan_pending(now=NOW)
    # cancelled, and nobody has planned it yet: the claim finds out by itself
    booking.cancel(appointment=row, by=a_staff_member(), now=NOW)
    deliver_reminders(NOW + dt.timedelta(days=4))

    assert kinds(kind="reminder") == ["reminder cancelled", "reminder due"]
    assert clinic.messages == []


def test_without_the_second_look_the_stale_reminder_would_go(clinic: SmtpSink, work: Any, monkeypatch: Any) -> None:
    """The control of the one above."""
    row = an_appointment(Status.BOOKED, start=free_times(days_ahead=5)[0])
    planner.plan_pending(now=NOW)
    booking.cancel(appointment=row, by=a_staff_member(), now=NOW)
    monkeypatch.setattr(claiming, "still_true", lambda _: True)

    deliver_reminders(NOW + dt.timedelta(days=4))

    assert "Reminder" in clinic.messages[0].message["Subject"]


def test_an_earlier_message_to_the_same_reader_goes_first(clinic: SmtpSink, work: Any) -> None:
    row = an_appointment()
    clinic.reply_with("450 4.2.1 Try later", times=20, at="RCPT")
    planner.plan_pending(now=NOW)
    Notification.objects.exclude(kind="request_received").delete()
    work()
    later = Notification.objects.get()
    later.pk, later.kind, later.message_id = None, "appointment_confirmed", "<later@example.com>"
    later.due_at = later.try_at = NOW + dt.timedelta(seconds=1)
    later.attempts, later.body = 0, ""
    Notification(**{f.attname: getattr(later, f.attname) for f in later._meta.fields if f.name != "id"}).save()

    work(5)

    assert kinds(appointment=row) == ["request_received due", "appointment_confirmed due"]
    assert Notification.objects.get(kind="appointment_confirmed").attempts == 0


def test_a_reminder_is_skipped_once_the_call_has_begun(
    clinic: SmtpSink, work: Any, clock: time_machine.Traveller
) -> None:
    row = an_appointment(Status.BOOKED, start=free_times(days_ahead=5)[0])
    work(A_MINUTE + 1)
    clinic.clear()

    clock.move_to(row.start)
    work()

    assert kinds(kind="reminder") == ["reminder skipped", "reminder skipped"]
    assert clinic.subjects() == []


def test_after_an_outage_one_late_reminder_goes_and_not_two(
    clinic: SmtpSink, work: Any, clock: time_machine.Traveller
) -> None:
    row = an_appointment(Status.BOOKED, start=free_times(days_ahead=5)[0])
    work(A_MINUTE + 1)
    clinic.clear()

    clock.move_to(row.start - dt.timedelta(hours=6))
    work()

    assert kinds(kind="reminder") == ["reminder skipped", "reminder sent"]
    assert len(clinic.messages) == 1
