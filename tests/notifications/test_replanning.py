"""Rules that are changed while calls are to come: future reminders follow, and nothing is sent at once."""

import datetime as dt
from collections.abc import Callable

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from inquiries import intake
from inquiries.models import DO_NOT_CONTACT
from notifications.models import Notification
from notifications.work import Done
from scheduling import booking
from scheduling.models import Appointment, AppointmentType
from tests.factories import a_clinic, a_staff_member, an_appointment, an_inquiry, free_times
from tests.notifications.conftest import kinds
from tests.sink import SmtpSink

pytestmark = pytest.mark.django_db
Work = Callable[..., Done]
AN_HOUR, A_DAY = 3600, 24 * 3600
UNDO_IS_OVER = 61


@pytest.fixture
def call(clinic: SmtpSink, work: Work) -> Appointment:
    """Confirmed on a Monday for the Monday after, at 9 in the morning, with reminders 72 and 24 hours before it."""
    row = an_appointment(Appointment.Status.BOOKED, start=free_times(days_ahead=5)[0])
    work(UNDO_IS_OVER)
    clinic.clear()
    return row


def remind(*offsets: int, quiet: int = 120) -> None:
    AppointmentType.objects.update(reminder_offsets_minutes=list(offsets), reminder_quiet_minutes=quiet)


def reminders() -> dict[str, str]:
    """Status and reason of each, by minutes before the call."""
    rows = Notification.objects.filter(kind="reminder").order_by("due_at")
    return {row.variant: f"{row.status} {row.reason}".strip() for row in rows}


def test_a_rule_that_is_switched_on_is_planned_for_calls_to_come(
    call: Appointment, clinic: SmtpSink, work: Work
) -> None:
    remind(4320, 2880, 1440)

    work()

    assert reminders() == {"4320": "due", "2880": "due", "1440": "due"}
    assert clinic.messages == []
    earlier, switched_on, _ = Notification.objects.filter(kind="reminder").order_by("due_at")
    assert switched_on.due_at == call.start - dt.timedelta(minutes=2880)
    assert earlier.expires_at == switched_on.due_at


def test_a_rule_whose_moment_has_passed_sends_nothing(call: Appointment, clinic: SmtpSink, work: Work) -> None:
    work(3 * A_DAY)
    remind(9000, 8000, 4320, 1440)

    work()

    assert reminders() == {"9000": "skipped too_late", "8000": "skipped too_late", "4320": "due", "1440": "due"}
    assert clinic.messages == []


def test_many_calls_and_a_new_rule_make_no_burst(clinic: SmtpSink, work: Work) -> None:
    for number, start in enumerate(free_times(12, days_ahead=1)):
        an_appointment(Appointment.Status.BOOKED, inquiry=an_inquiry(email=f"p{number}@example.com"), start=start)
    work(UNDO_IS_OVER)
    clinic.clear()
    remind(4320, 2880, 1440, 1200, 1000, 60)

    work()

    assert clinic.messages == []


def test_a_rule_that_is_switched_off_takes_its_reminders_with_it(call: Appointment, work: Work) -> None:
    remind(1440)
    work()

    assert reminders() == {"4320": "cancelled rules", "1440": "due"}


def test_a_rule_that_comes_too_late_for_a_call_leaves_it_the_reminder_it_has(
    call: Appointment, clinic: SmtpSink, clock: time_machine.Traveller, work: Work
) -> None:
    """A day becomes 25 hours, half an hour after the 25 hours have begun."""
    clock.move_to(call.start - dt.timedelta(minutes=1470))
    work()
    remind(4320, 1500)
    work()
    assert reminders() == {"4320": "sent", "1500": "skipped too_late", "1440": "due"}

    work(AN_HOUR)

    assert (reminders()["1440"], len(clinic.messages)) == ("sent", 2)


def test_a_call_whose_reminders_are_all_switched_off_has_none(call: Appointment, work: Work) -> None:
    remind()
    work()

    assert reminders() == {"4320": "cancelled rules", "1440": "cancelled rules"}


def test_a_rule_that_is_switched_on_again_brings_its_reminders_back(call: Appointment, work: Work) -> None:
    remind(1440)
    work()
    remind(4320, 1440)
    work()

    assert reminders() == {"4320": "due", "1440": "due"}


def test_what_was_sent_is_neither_sent_again_nor_taken_back(call: Appointment, clinic: SmtpSink, work: Work) -> None:
    work(4 * A_DAY + AN_HOUR)
    assert reminders()["4320"] == "sent"
    remind(1440)
    work()
    remind(4320, 1440)
    work()

    assert (reminders(), len(clinic.messages)) == ({"4320": "sent", "1440": "due"}, 1)


def test_a_longer_quiet_time_silences_what_came_too_soon(call: Appointment, work: Work) -> None:
    remind(4320, 1440, quiet=5 * 24 * 60)

    work()

    assert reminders() == {"4320": "skipped too_late", "1440": "due"}


def test_rules_that_stay_as_they_were_change_nothing(call: Appointment, work: Work) -> None:
    before = list(Notification.objects.values())
    remind(1440, 4320)

    work()

    assert list(Notification.objects.values()) == before


def test_a_call_that_nobody_confirmed_yet_gets_the_rules_of_its_confirmation(clinic: SmtpSink, work: Work) -> None:
    an_appointment(start=free_times(days_ahead=5)[0])
    work()
    remind(60)
    work()

    assert kinds(kind="reminder") == []


def test_a_reminder_that_the_mail_server_put_off_is_left_to_its_next_try(
    call: Appointment, clinic: SmtpSink, clock: time_machine.Traveller, work: Work
) -> None:
    clinic.reply_with("450 4.2.1 Try later")
    clock.move_to(call.start - dt.timedelta(minutes=4320))
    work()
    remind(1440)
    work()
    work(60)

    assert reminders() == {"4320": "sent", "1440": "due"}


def test_who_may_be_contacted_again_is_reminded_by_the_rules_of_today(call: Appointment, work: Work) -> None:
    by = a_staff_member()
    intake.close(inquiry=call.inquiry, reason=DO_NOT_CONTACT, by=by, now=timezone.now())
    work()
    remind(2880, 1440)
    work()

    intake.reopen(inquiry=call.inquiry, by=by, now=timezone.now())
    work()

    assert reminders() == {"4320": "cancelled rules", "2880": "due", "1440": "due"}


@pytest.mark.parametrize("offsets", [[0], [60, 44641], [2_000_000_000]])
def test_no_rule_reminds_at_the_call_or_a_month_before(offsets: list[int]) -> None:
    """Offsets that no date can bear would keep every call of the type from being planned."""
    kind = a_clinic()
    kind.reminder_offsets_minutes = offsets

    with pytest.raises(ValidationError, match="between a minute and 44,640 minutes"):
        kind.full_clean()
    with pytest.raises(IntegrityError, match="type_reminds_within_a_month"), transaction.atomic():
        kind.save()


def test_a_decision_taken_back_leaves_reminders_to_come_as_they_would_be(clinic: SmtpSink, work: Work) -> None:
    """The later of two of one night was set aside; when the rules keep it alone, its moment is still to come."""
    remind(120, 90, quiet=0)
    early = an_appointment(Appointment.Status.BOOKED, start=free_times(days_ahead=5)[0])
    staff = a_staff_member()
    work(UNDO_IS_OVER)
    booking.cancel(appointment=early, reason="clinic", by=staff, now=timezone.now())
    early.refresh_from_db()
    booking.undo(appointment=early, by=staff, now=timezone.now())
    work()
    assert reminders() == {"120": "skipped night", "90": "due"}

    remind(120, quiet=0)
    work()

    assert reminders() == {"120": "due", "90": "cancelled rules"}
