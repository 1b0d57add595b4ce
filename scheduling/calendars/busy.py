"""What an outside calendar says about a practitioner's time: that it is busy, never with what or with whom.

Whoever reads that calendar (we do, in `reading`; a script beside it; a sync service) puts its busy times here whole.
How long it has not done so is known, and each calendar says what that means: `trust` the last copy, `ignore` it, or
`close`, offering nothing until it answers again.
"""

import datetime as dt
from collections.abc import Iterable

from django.db import transaction

from scheduling.models import BusyTime, CalendarSource, OutsideCalendar, Practitioner

Busy = tuple[dt.datetime, dt.datetime]


class ReadByUs(Exception):
    """We read this calendar at its address: nobody else puts its busy times here."""

    code = "read_by_us"
    permanent = True


@transaction.atomic
def keep(
    *,
    practitioner: Practitioner,
    name: str,
    busy: Iterable[Busy],
    now: dt.datetime,
    stale_after: dt.timedelta = dt.timedelta(hours=1),
    when_stale: str = OutsideCalendar.WhenStale.CLOSE,
) -> OutsideCalendar:
    """Replace what the calendar of this name says, whole, as read `now`; made when it is new. Raises ReadByUs."""
    if CalendarSource.objects.filter(calendar__practitioner=practitioner, calendar__name=name).exists():
        raise ReadByUs
    kept = {"read_at": now, "stale_after": stale_after, "when_stale": when_stale}
    calendar, _new = OutsideCalendar.objects.update_or_create(practitioner=practitioner, name=name, defaults=kept)
    replace(calendar, busy)
    return calendar


def replace(calendar: OutsideCalendar, busy: Iterable[Busy]) -> None:
    """Put these busy times in place of those that are known; nothing is written where they are the same."""
    wanted = sorted(busy)
    if list(calendar.busy_times.order_by("start", "end").values_list("start", "end")) == wanted:
        return
    calendar.busy_times.all().delete()
    BusyTime.objects.bulk_create(BusyTime(calendar=calendar, start=start, end=end) for start, end in wanted)
