"""By when staff answer, in the clinic's open hours and holidays, and what happens when they do not."""

import datetime as dt
from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.utils import timezone

from inquiries.models import StaffMember
from notifications.models import Notification
from notifications.work import Done, drain
from scheduling import booking, promise
from scheduling.models import Appointment, AppointmentType, WorkingHours
from tests.factories import NOW, a_staff_member, an_appointment, free_times
from tests.sink import SmtpSink

MIAMI = ZoneInfo("America/New_York")
A_MINUTE = dt.timedelta(minutes=1)
SIX = 18 * 60


def miami(*moment: int) -> dt.datetime:
    return dt.datetime(*moment, tzinfo=MIAMI)  # type: ignore[arg-type,misc]


@pytest.fixture
def office_until_six(kind: AppointmentType) -> AppointmentType:
    """The office answers from nine to six; 240 minutes of that are promised."""
    WorkingHours.objects.filter(practitioner=None).update(end_minute=SIX)
    return kind


# 2027-01-15 is a Friday; the Monday after it is Martin Luther King Jr. Day
@pytest.mark.parametrize(
    ("asked", "answer_by", "held_until"),
    [
        (miami(2027, 1, 15, 13, 59), miami(2027, 1, 15, 17, 59), miami(2027, 1, 19, 12, 59)),
        (miami(2027, 1, 15, 14, 0), miami(2027, 1, 15, 18, 0), miami(2027, 1, 19, 13, 0)),
        (miami(2027, 1, 15, 14, 1), miami(2027, 1, 19, 9, 1), miami(2027, 1, 19, 13, 1)),
        (miami(2027, 1, 15, 17, 55), miami(2027, 1, 19, 12, 55), miami(2027, 1, 19, 16, 55)),
        (miami(2027, 1, 15, 18, 0), miami(2027, 1, 19, 13, 0), miami(2027, 1, 19, 17, 0)),
        (miami(2027, 1, 15, 18, 1), miami(2027, 1, 19, 13, 0), miami(2027, 1, 19, 17, 0)),
        (miami(2027, 1, 18, 11, 0), miami(2027, 1, 19, 13, 0), miami(2027, 1, 19, 17, 0)),
        (miami(2027, 1, 19, 8, 59), miami(2027, 1, 19, 13, 0), miami(2027, 1, 19, 17, 0)),
    ],
)
def test_a_promise_counts_neither_nights_nor_weekends_nor_holidays(
    office_until_six: AppointmentType, asked: dt.datetime, answer_by: dt.datetime, held_until: dt.datetime
) -> None:
    made = promise.made(kind=office_until_six, start=miami(2027, 1, 22, 10), now=asked)

    assert made == (answer_by, held_until)


def test_without_holidays_that_monday_would_count(office_until_six: AppointmentType, settings: Any) -> None:
    """The control: it is the holiday that carries the promise to Tuesday."""
    settings.CLINIC_HOLIDAYS = ""

    answer_by, _ = promise.made(kind=office_until_six, start=miami(2027, 1, 22, 10), now=miami(2027, 1, 15, 17, 55))

    assert answer_by == miami(2027, 1, 18, 12, 55)


@pytest.mark.parametrize(
    ("ahead", "answered"),
    [
        (dt.timedelta(minutes=40), dt.timedelta(minutes=20)),
        (dt.timedelta(minutes=60), dt.timedelta(minutes=30)),
        (dt.timedelta(minutes=61), dt.timedelta(minutes=31)),
        (dt.timedelta(minutes=180), dt.timedelta(minutes=150)),
        (dt.timedelta(minutes=271), dt.timedelta(minutes=240)),
    ],
)
def test_a_call_that_is_near_is_answered_before_it(
    kind: AppointmentType, ahead: dt.timedelta, answered: dt.timedelta
) -> None:
    answer_by, held_until = promise.made(kind=kind, start=NOW + ahead, now=NOW)

    assert (answer_by - NOW, held_until <= NOW + ahead) == (answered, True)


def test_a_wish_to_move_is_answered_before_the_call_that_is_kept(kind: AppointmentType) -> None:
    """Else nobody knows which of the two times holds when the first one comes."""
    call = an_appointment(status="booked")
    first, asked = call.start, call.start - dt.timedelta(hours=3)

    moved = booking.ask_to_move(appointment=call, start=free_times(days_ahead=7)[0], now=asked)

    assert moved.status == "pending"
    assert moved.answer_by is not None
    assert moved.held_until is not None
    assert moved.answer_by <= first - promise.LAST_ANSWER_BEFORE_START
    assert moved.held_until <= first


@pytest.mark.parametrize(
    ("off", "status"), [(-A_MINUTE, "pending"), (dt.timedelta(), "cancelled"), (A_MINUTE, "cancelled")]
)
def test_a_time_is_let_go_when_it_was_held_long_enough(kind: AppointmentType, off: dt.timedelta, status: str) -> None:
    row = an_appointment()
    assert row.held_until is not None

    booking.expire_overdue(now=row.held_until + off)

    assert Appointment.objects.get().status == status


@pytest.fixture
def at(clock: time_machine.Traveller, kind: AppointmentType, smtp_sink: SmtpSink) -> Callable[[dt.datetime], Done]:
    """Do what is due at that moment."""

    def work(moment: dt.datetime) -> Done:
        clock.move_to(moment)
        return drain(clock=timezone.now, seconds=30)[0]

    return work


def heard(kind: str) -> list[str]:
    sent = Notification.objects.filter(kind=kind, status="sent").select_related("staff_member").order_by("sent_at")
    return [row.staff_member.username if row.staff_member else "patient" for row in sent]


def test_an_unanswered_request_reaches_a_coordinator_then_a_manager_then_ends_openly(
    at: Callable[[dt.datetime], Done], smtp_sink: SmtpSink
) -> None:
    a_staff_member("cleo")
    a_staff_member("mara", role=StaffMember.Role.MANAGER)
    row = an_appointment()
    assert row.answer_by is not None
    assert row.held_until is not None
    halfway = row.answer_by + (row.held_until - row.answer_by) / 2
    reached = []

    for moment in (row.answer_by - A_MINUTE, row.answer_by, halfway - A_MINUTE, halfway, row.held_until):
        at(moment)
        reached.append((heard("staff_unanswered"), heard("request_expired")))

    assert reached == [
        ([], []),
        (["cleo"], []),
        (["cleo"], []),
        (["cleo", "mara"], []),
        (["cleo", "mara"], ["patient"]),
    ]


def test_who_was_answered_in_time_is_nobodys_alarm(at: Callable[[dt.datetime], Done]) -> None:
    row = an_appointment()
    assert row.held_until is not None
    at(NOW)
    booking.confirm(appointment=row, by=a_staff_member(), now=NOW)

    at(row.held_until)

    assert (heard("staff_unanswered"), Appointment.objects.get().status) == ([], "booked")


def test_the_apology_comes_with_three_fresh_times(at: Callable[[dt.datetime], Done], smtp_sink: SmtpSink) -> None:
    row = an_appointment()
    assert row.held_until is not None

    at(row.held_until)

    bodies = [str(mail.message.get_body(("plain",)).get_content()) for mail in smtp_sink.messages]
    (letter,) = [text for text in bodies if "did not keep our promise" in " ".join(text.split())]
    _, _, after = letter.partition("These times are free at the moment:")
    assert len([line for line in after.splitlines() if line.startswith("- ")]) == 3


def test_an_offer_made_during_a_move_ends_before_the_call_that_is_kept(kind: AppointmentType) -> None:
    soon, next_week = free_times(1, days_ahead=1)[0], free_times(4, days_ahead=6)
    call = an_appointment("booked", start=soon)
    call = booking.ask_to_move(appointment=call, start=next_week[0], now=NOW)

    call = booking.propose(appointment=call, starts=next_week[1:3], by=a_staff_member(), now=NOW)

    assert call.held_until is not None
    assert call.held_until < soon
