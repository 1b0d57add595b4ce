"""An outside calendar that can't be read is told of once: to those who answer, and to whom it belongs."""

import datetime as dt

from django.db.models import Exists, F, OuterRef, Q

from notifications import planner
from notifications.facts import Message
from notifications.models import Notification
from notifications.readers import Recipient, Staff
from scheduling.models import OutsideCalendar

LASTS = dt.timedelta(days=1)
AT_ONCE = 20
# What a script puts here may have been forgotten long ago: only what has just fallen silent is news.
NEWS = dt.timedelta(days=1)


def tell(*, now: dt.datetime) -> int:
    """Plan a mail of each calendar that has not been read for longer than it may, once a break; how many calendars.

    Of one that we read, only once we have tried in vain: an outage of our own is no news of a calendar.
    """
    told = Notification.objects.filter(calendar=OuterRef("pk"), unread_since=OuterRef("read_at"))
    ours = Q(source__broken_since__isnull=False)
    put_here = Q(source=None, read_at__gt=now - NEWS - F("stale_after"))
    silent = OutsideCalendar.objects.stale(now).filter(ours | put_here, ~Exists(told))
    found = list(silent.select_related("practitioner__staff_member")[:AT_ONCE])
    for calendar in found:
        _plan(calendar, now)
    return len(found)


def _plan(calendar: OutsideCalendar, now: dt.datetime) -> None:
    """A row for each reader; two that do this at once plan each once."""
    message = Message(kind=Notification.Kind.CALENDAR_BROKEN, due_at=now, expires_at=now + LASTS)
    about = {"calendar": calendar, "unread_since": calendar.read_at}
    rows = planner.rows_for(message, recipients_of(calendar), about)
    Notification.objects.bulk_create(rows, ignore_conflicts=True)


def recipients_of(calendar: OutsideCalendar) -> list[Recipient]:
    """Everybody who answers requests, and the practitioner where they have an account and an address."""
    found, own = Staff().everybody, calendar.practitioner.staff_member
    if own is None or not own.is_active or not own.email:
        return found
    known = {address.casefold() for _member, address in found}
    return found if own.email.casefold() in known else [*found, (own, own.email)]
