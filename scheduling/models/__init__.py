"""Practitioners, the rules of their time, and the appointments that hold it.

Instants are aware UTC; rules are local wall time (minutes after midnight) in a practitioner's IANA zone.
"""

from scheduling.models.appointments import Appointment, AppointmentQuerySet
from scheduling.models.calls import CallAnswer, CallAttempt, ChecklistLine, FollowUp
from scheduling.models.closures import Closure
from scheduling.models.earlier import FreedTime
from scheduling.models.feeds import CalendarFeed
from scheduling.models.lists import Export, SavedView
from scheduling.models.outside import BusyTime, CalendarSource, OutsideCalendar
from scheduling.models.practitioners import (
    LAST_MINUTE,
    HoursOverride,
    Practitioner,
    PractitionerQuerySet,
    WorkingHours,
)
from scheduling.models.presence import Presence, PresenceQuerySet
from scheduling.models.ranges import IdRange, MinuteRange
from scheduling.models.types import AppointmentType

__all__ = [
    "LAST_MINUTE",
    "Appointment",
    "AppointmentQuerySet",
    "AppointmentType",
    "BusyTime",
    "CalendarFeed",
    "CalendarSource",
    "CallAnswer",
    "CallAttempt",
    "ChecklistLine",
    "Closure",
    "Export",
    "FollowUp",
    "FreedTime",
    "HoursOverride",
    "IdRange",
    "MinuteRange",
    "OutsideCalendar",
    "Practitioner",
    "PractitionerQuerySet",
    "Presence",
    "PresenceQuerySet",
    "SavedView",
    "WorkingHours",
]
