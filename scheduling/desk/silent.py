"""Outside calendars that nobody has read for too long, for the pages of whom that concerns."""

import datetime as dt

from inquiries.models import StaffMember
from scheduling import policy
from scheduling.models import OutsideCalendar

LIMIT = 20


def silent_calendars(member: StaffMember, now: dt.datetime) -> list[OutsideCalendar]:
    """Of those practitioners whose calendar the member sees; one query."""
    theirs = OutsideCalendar.objects.stale(now).filter(practitioner__in=policy.practitioners(member))
    return list(theirs.select_related("practitioner", "source")[:LIMIT])
