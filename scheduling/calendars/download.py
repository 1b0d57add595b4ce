"""A booked call as an iCalendar file that a patient adds to their own calendar (RFC 5545)."""

import datetime as dt

from django.utils import translation
from django.utils.translation import gettext as _
from icalendar import Alarm, Calendar, Event

from scheduling.models import Appointment


def event(appointment: Appointment, *, language: str, now: dt.datetime) -> bytes:
    """One event under the appointment's UID, so that a later invitation updates it; neutral words only."""
    with translation.override(language):
        summary = _("Phone call")
    entry = Event()
    entry.add("uid", appointment.uid)
    entry.add("sequence", appointment.sequence)
    entry.add("dtstamp", now.astimezone(dt.UTC))
    entry.add("dtstart", appointment.start.astimezone(dt.UTC))
    entry.add("dtend", appointment.end.astimezone(dt.UTC))
    entry.add("summary", summary)
    entry.add("status", "CONFIRMED")
    entry.add("class", "PRIVATE")
    entry.add_component(_reminder(summary))
    calendar = Calendar()
    calendar.add("prodid", "-//Firstcall//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add_component(entry)
    return bytes(calendar.to_ical())


def _reminder(summary: str) -> Alarm:
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", summary)
    alarm.add("trigger", dt.timedelta(minutes=-15))
    return alarm
