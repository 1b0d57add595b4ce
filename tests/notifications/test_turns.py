"""Letters and calendar entries whose story took a turn: moved before it was confirmed, closed, forgotten."""

import datetime as dt
from collections.abc import Callable
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

import pytest
from django.utils import timezone
from icalendar import Calendar

from inquiries.models import AccessLink
from notifications import letters, messages
from notifications.models import Notification
from scheduling import booking, closures
from scheduling.models import Appointment, Closure
from tests.factories import NOW, a_staff_member, an_appointment, an_inquiry, free_times
from tests.notifications.stories import a_letter
from tests.sink import SmtpSink

pytestmark = pytest.mark.django_db
A_MINUTE = dt.timedelta(minutes=1)
Work = Callable[..., Any]


@pytest.fixture
def booked(clinic: SmtpSink, work: Work) -> Appointment:
    """A call whose confirmation is in the patient's hands."""
    row = an_appointment("booked", start=free_times(days_ahead=5)[0])
    work(61)
    return row


def to_patient(sink: SmtpSink) -> list[EmailMessage]:
    return [each.message for each in sink.messages if each.recipients == ("ana@example.com",)]


def text_of(message: EmailMessage) -> str:
    body: Any = message.get_body(("plain",))
    return str(body.get_content())


def entry_of(message: EmailMessage) -> tuple[str, int, str, dt.datetime]:
    """UID, SEQUENCE, METHOD and start."""
    (part,) = (each for each in message.walk() if each.get_content_type() == "text/calendar")
    calendar: Any = Calendar.from_ical(part.get_content())
    (event,) = calendar.walk("VEVENT")
    assert part.get_param("method") == calendar["METHOD"]
    return str(event["UID"]), int(event["SEQUENCE"]), str(calendar["METHOD"]), event["DTSTART"].dt


def test_what_a_storm_takes_out_of_a_calendar_is_the_time_that_was_in_it(
    booked: Appointment, clinic: SmtpSink, work: Work
) -> None:
    hour = dt.timedelta(hours=1)
    closure = Closure.objects.create(start=booked.start - hour, end=booked.end + hour, reason="storm")
    closures.apply(closure=closure, text="storm", by=a_staff_member(), now=timezone.now())
    work(61)

    last = to_patient(clinic)[-1]

    assert "A storm keeps us closed" in text_of(last)
    assert entry_of(last)[2:] == ("CANCEL", booked.start)


def test_who_withdraws_while_a_move_waits_loses_the_entry_of_the_confirmed_time(
    booked: Appointment, clinic: SmtpSink, work: Work
) -> None:
    moved = booking.ask_to_move(appointment=booked, start=free_times(days_ahead=9)[0], now=timezone.now())
    booking.withdraw(appointment=moved, now=timezone.now())
    work(61)

    last = to_patient(clinic)[-1]

    assert "cancelled" in last["Subject"]
    assert entry_of(last)[2:] == ("CANCEL", booked.start)


@pytest.mark.parametrize(
    ("language", "confirmed", "entry"),
    [
        ("en", "Your call is confirmed, at a new time:", "An entry for your calendar is attached."),
        ("es", "Su llamada está confirmada, con una nueva hora:", "Adjuntamos una entrada para su calendario."),
    ],
)
def test_who_was_never_told_of_a_confirmed_time_is_told_all_of_it_by_the_move(
    clinic: SmtpSink, work: Work, language: str, confirmed: str, entry: str
) -> None:
    row = an_appointment("pending", inquiry=an_inquiry(language=language))
    booking.reschedule(appointment=row, start=free_times(days_ahead=8)[0], by=a_staff_member(), now=NOW)
    work(61)

    text = text_of(to_patient(clinic)[-1])

    assert confirmed in text.splitlines()
    assert entry in text
    assert ("What happens in this call" in text) or ("Qué pasa en esta llamada" in text)


def test_who_knows_the_time_is_told_only_the_new_one(booked: Appointment, clinic: SmtpSink, work: Work) -> None:
    """The control of the one above."""
    start = free_times(days_ahead=8)[0]
    booking.reschedule(appointment=booked, start=start, by=a_staff_member(), now=timezone.now())
    work(61)

    text = text_of(to_patient(clinic)[-1])

    assert "Your call has a new time:" in text.splitlines()
    assert "The attached entry replaces the one in your calendar." in text
    assert "What happens in this call" not in text


@pytest.mark.parametrize("by_staff", [False, True])
def test_who_is_being_forgotten_gets_no_new_link_and_no_offer(
    booked: Appointment, clinic: SmtpSink, work: Work, by_staff: bool
) -> None:
    """Also where the clinic has rewritten the letter: its text could not do without the link."""
    staff, text = a_staff_member(), letters.Text("Ended: {date}", "{when}\n\nSee you:\n{link}")
    letters.rewrite(kind="appointment_cancelled", language="en", text=text, by=staff, now=timezone.now())
    if by_staff:
        booking.cancel(appointment=booked, by=staff, now=timezone.now())
    booking.forget(inquiry=booked.inquiry, now=timezone.now())
    AccessLink.objects.all().delete()
    work(61)

    ended = next(text_of(each) for each in to_patient(clinic) if "cancelled" in each["Subject"])

    assert "/m/" not in ended
    assert "another time" not in ended
    assert not AccessLink.objects.exists()


@pytest.mark.parametrize(
    ("language", "line"), [("en", "the clocks change before that day"), ("es", "el reloj cambia antes de ese día")]
)
@pytest.mark.parametrize(("told_on", "shown"), [(dt.date(2026, 10, 20), True), (dt.date(2026, 11, 20), False)])
@pytest.mark.usefixtures("clinic")
def test_a_change_of_the_clocks_is_pointed_out_beside_each_time_on_offer(
    language: str, line: str, told_on: dt.date, shown: bool
) -> None:
    row = a_letter("times_proposed", language=language)
    row.due_at = now = dt.datetime.combine(told_on, dt.time(12), tzinfo=dt.UTC)

    message: Any = message_from_bytes(messages.render([row], now=now)[0].encode(), policy=default)

    offered = [each for each in text_of(message).splitlines() if each.startswith("- ")]
    assert [line in each for each in offered] == [shown, shown]


@pytest.mark.parametrize(
    ("hours_down", "reminders"),
    [(6, [("skipped", "expired")]), (1, [("sent", "")]), (0, [("sent", "")])],
)
def test_after_an_outage_who_has_just_read_the_time_is_not_reminded_of_it(
    clinic: SmtpSink, work: Work, settings: Any, hours_down: int, reminders: list[tuple[str, str]]
) -> None:
    """Of a call on Tuesday at two, confirmed on Monday at ten: the reminder is due on Monday at two."""
    port, settings.EMAIL_PORT = settings.EMAIL_PORT, 1
    start = next(each for each in free_times(40, days_ahead=1) if each == NOW + dt.timedelta(hours=28))
    an_appointment("booked", start=start)
    work(61)
    work(hours_down * 3600)
    settings.EMAIL_PORT = port
    for _ in range(40):
        work(600)

    known = Notification.objects.filter(kind="reminder", due_at__gt=NOW).values_list("status", "reason")
    assert list(known) == reminders
    assert ["confirmed" in each["Subject"] for each in to_patient(clinic)] == [True, *[False] * (hours_down < 2)]
