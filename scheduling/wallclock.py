"""Wall time and instants. Pure: no Django, no clock, no database.

This is the one place that turns local rules into instants. Instants are whole seconds since the epoch (UTC); wall time
is minutes after midnight of a date in an IANA zone. A wall time that a clock change skips is no instant; one that
occurs twice is two.
"""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

MINUTE = 60
DAY = 86_400
EPOCH_DAY = date(1970, 1, 1).toordinal()


@lru_cache(maxsize=8192)
def steady_midnight(zone: str, day: date) -> int | None:
    """The instant at which a date begins whose every wall time occurs once; None on the day of a clock change."""
    midnight = datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(zone))
    first, last = midnight.utcoffset(), (midnight + timedelta(days=1)).utcoffset()
    assert first is not None  # noqa: S101 - a ZoneInfo always knows
    if first != last:
        return None
    return (day.toordinal() - EPOCH_DAY) * DAY - int(first.total_seconds())


def instants(zone: str, day: date, minute: int) -> tuple[int, ...]:
    """The instants at which the wall clock shows `minute` of `day`: none in a gap, two in a fold, else one."""
    midnight = steady_midnight(zone, day)
    if midnight is not None and minute < DAY // MINUTE:
        return (midnight + minute * MINUTE,)
    wall = datetime(day.year, day.month, day.day) + timedelta(minutes=minute)  # noqa: DTZ001 - a wall time, on purpose
    place = ZoneInfo(zone)
    found = {int(wall.replace(tzinfo=place, fold=fold).timestamp()) for fold in (0, 1)}
    shown = (stamp for stamp in found if datetime.fromtimestamp(stamp, place).replace(tzinfo=None) == wall)
    return tuple(sorted(shown))


def first_instant_from(zone: str, day: date, minute: int) -> int:
    """The first instant at or after the wall time: in a gap, the moment of the change."""
    while not (found := instants(zone, day, minute)):
        minute += 1
    return found[0]


def local_date(zone: str, instant: int) -> date:
    return datetime.fromtimestamp(instant, ZoneInfo(zone)).date()


def dates_of(zone: str, start: int, end: int) -> Iterator[date]:
    """The local dates that `[start, end)` touches."""
    day, last = local_date(zone, start), local_date(zone, max(start, end - 1))
    while day <= last:
        yield day
        day += timedelta(days=1)
