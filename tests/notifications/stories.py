"""What has to happen for a message of each kind to be planned, told by the real verbs."""

import datetime as dt
from collections.abc import Callable
from typing import Any

from inquiries import intake, story
from inquiries.models import Inquiry
from notifications import broken_calendars, planner
from notifications.models import Notification
from scheduling import booking
from scheduling.models import Appointment
from tests.factories import NOW, a_broken_calendar, a_staff_member, an_appointment, an_inquiry, free_times

Kind, Status = Notification.Kind, Appointment.Status
A_MINUTE = dt.timedelta(minutes=1)


def a_call(status: str, inquiry: Inquiry) -> Appointment:
    """One five days ahead, so that both reminders have their moment."""
    return an_appointment(status, inquiry=inquiry, start=free_times(days_ahead=5)[0])


def expired(inquiry: Inquiry) -> None:
    held_until = a_call(Status.PENDING, inquiry).held_until
    assert held_until is not None
    booking.expire_overdue(now=held_until)


def rescheduled(inquiry: Inquiry) -> None:
    row = a_call(Status.BOOKED, inquiry)
    later = free_times(days_ahead=8)[0]
    booking.reschedule(appointment=row, start=later, by=a_staff_member(), now=NOW + A_MINUTE)


def cancelled(inquiry: Inquiry) -> None:
    booking.cancel(appointment=a_call(Status.BOOKED, inquiry), by=a_staff_member(), now=NOW + A_MINUTE)


def withdrawn(inquiry: Inquiry) -> None:
    booking.withdraw(appointment=a_call(Status.BOOKED, inquiry), now=NOW + A_MINUTE)


def nothing_more(inquiry: Inquiry) -> None:
    """The inquiry is all there is."""


def at(status: str) -> Callable[[Inquiry], Any]:
    return lambda inquiry: a_call(status, inquiry)


def lost_link(inquiry: Inquiry) -> None:
    intake.ask_for_link(email="ana@example.com", now=NOW + A_MINUTE)
    intake.answer_link_requests(now=NOW + A_MINUTE)


STORIES: dict[str, Callable[[Inquiry], Any]] = {
    Kind.INQUIRY_RECEIVED: nothing_more,
    Kind.REQUEST_RECEIVED: at(Status.PENDING),
    Kind.APPOINTMENT_CONFIRMED: at(Status.BOOKED),
    Kind.REQUEST_DECLINED: at(Status.CANCELLED),
    Kind.TIMES_PROPOSED: at(Status.PROPOSED),
    Kind.REQUEST_EXPIRED: expired,
    Kind.APPOINTMENT_RESCHEDULED: rescheduled,
    Kind.APPOINTMENT_CANCELLED: cancelled,
    Kind.REMINDER: at(Status.BOOKED),
    Kind.NO_SHOW_FOLLOW_UP: at(Status.NOSHOW),
    Kind.FRESH_LINK: lost_link,
    Kind.ERASED: lambda inquiry: intake.request_erasure(inquiry=inquiry, by=story.PATIENT, now=NOW),
    Kind.STAFF_NEW_REQUEST: at(Status.PENDING),
    Kind.STAFF_UNANSWERED: at(Status.PENDING),
    Kind.STAFF_PATIENT_CHANGED: withdrawn,
    Kind.URGENT_INQUIRY: nothing_more,
    Kind.CALENDAR_BROKEN: lambda inquiry: a_broken_calendar(now=NOW - dt.timedelta(hours=2)),
}


def a_letter(kind: str, *, language: str = "en", **facts: Any) -> Notification:
    """The newest planned message of that kind to Ana, or about her to staff who read `language`."""
    staff = a_staff_member(language=language)
    type(staff).objects.filter(pk=staff.pk).update(language=language)
    urgent = "yes" if kind == Kind.URGENT_INQUIRY else "no"
    inquiry = an_inquiry(language=language, needs_help_now=urgent, **facts)
    STORIES[kind](inquiry)
    planner.plan_pending(now=NOW)
    broken_calendars.tell(now=NOW)
    about = {} if kind == Kind.CALENDAR_BROKEN else {"inquiry": inquiry}
    return Notification.objects.filter(kind=kind, **about).order_by("-activity", "due_at", "pk")[0]
