"""The patient's night, in which nobody is reminded of anything."""

import datetime as dt
from zoneinfo import ZoneInfo

from scheduling import slots, wallclock

# Hours on the patient's clock: nobody is reminded from the first to the second, but in the evening before.
NIGHT_BEGINS, NIGHT_ENDS, EVENING = 21, 8, 20


def by_day(due: dt.datetime, zone: str) -> dt.datetime:
    """The moment itself, or, when it is night in that zone, eight in the evening before.

    >>> by_day(dt.datetime(2026, 12, 2, 11, 0, tzinfo=dt.UTC), "America/New_York").isoformat()
    '2026-12-02T01:00:00+00:00'
    >>> by_day(dt.datetime(2026, 12, 2, 13, 0, tzinfo=dt.UTC), "America/New_York").isoformat()
    '2026-12-02T13:00:00+00:00'
    """
    local = due.astimezone(ZoneInfo(zone))
    if NIGHT_ENDS <= local.hour < NIGHT_BEGINS:
        return due
    evening = local.date() - (dt.timedelta() if local.hour >= NIGHT_BEGINS else dt.timedelta(days=1))
    return slots.instant(wallclock.first_instant_from(zone, evening, EVENING * 60))
