"""Which times are free, in at most two queries whatever the size: reads the diaries and asks `availability`.

Instants are aware UTC here; `availability` counts them in seconds.
"""

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from scheduling import availability, wallclock
from scheduling.availability import Diary, Rules
from scheduling.diaries import load_diaries
from scheduling.models import AppointmentType

NEARBY_DAYS = (1, 7)


@dataclass(frozen=True, slots=True, order=True)
class Slot:
    """A time that a call can be booked at; who would take it stays inside."""

    start: dt.datetime
    end: dt.datetime


def instant(seconds: int) -> dt.datetime:
    return dt.datetime.fromtimestamp(seconds, dt.UTC)


def seconds(moment: dt.datetime) -> int:
    return int(moment.timestamp())


def rules_of(kind: AppointmentType) -> Rules:
    return Rules(**{name: getattr(kind, name) for name in Rules.__slots__})


def occupied(kind: AppointmentType, start: dt.datetime) -> DateTimeTZRange:
    """What a call at `start` takes of its practitioner's time, buffers included; half-open."""
    before = dt.timedelta(minutes=kind.buffer_before_minutes)
    after = dt.timedelta(minutes=kind.duration_minutes + kind.buffer_after_minutes)
    return DateTimeTZRange(start - before, start + after, "[)")


def end_of(kind: AppointmentType, start: dt.datetime) -> dt.datetime:
    return start + dt.timedelta(minutes=kind.duration_minutes)


def _free(
    diaries: Iterable[Diary], rules: Rules, *, now: dt.datetime, start: dt.datetime, end: dt.datetime
) -> list[Slot]:
    starts: set[int] = set()
    for diary in diaries:
        starts.update(availability.free_starts(diary, rules, now=seconds(now), start=seconds(start), end=seconds(end)))
    length = dt.timedelta(minutes=rules.duration_minutes)
    return [Slot(instant(at), instant(at) + length) for at in sorted(starts)]


@dataclass(frozen=True, slots=True)
class Offer:
    """The free times of a window, and the first free time from its start on, even beyond it (None: none is left)."""

    slots: list[Slot]
    next_available: dt.datetime | None


def offered(
    *, kind: AppointmentType, start: dt.datetime, end: dt.datetime, now: dt.datetime, language: str = ""
) -> Offer:
    """The free times of anybody in `[start, end)`, earliest first. One query."""
    rules = rules_of(kind)
    horizon = max(end, now + dt.timedelta(days=rules.horizon_days, seconds=1))
    diaries = load_diaries(start=start, end=horizon, now=now, language=language, with_past=rules.have_caps)
    slots = _free(diaries, rules, now=now, start=start, end=end)
    later = slots or _free(diaries, rules, now=now, start=end, end=horizon)
    return Offer(slots, later[0].start if later else None)


def nearest(
    *,
    kind: AppointmentType,
    start: dt.datetime,
    now: dt.datetime,
    language: str = "",
    count: int = 3,
    within_a_day: Sequence[Diary] | None = None,
) -> list[Slot]:
    """The `count` free times nearest to `start`, earliest first; looked for nearby first, then as far as calls go.

    `within_a_day` are everybody's diaries of the day before and after, where the caller has just read them.
    """
    rules = rules_of(kind)
    found: list[Slot] = []
    for days in (*NEARBY_DAYS, max(14, kind.horizon_days)):
        around = dt.timedelta(days=days)
        first, last = max(now, start - around), max(now, start) + around
        if days == 1 and within_a_day is not None:
            diaries = [diary for diary in within_a_day if not language or language in diary.languages]
        else:
            diaries = load_diaries(start=first, end=last, now=now, language=language, with_past=rules.have_caps)
        by_distance = sorted(
            _free(diaries, rules, now=now, start=first, end=last), key=lambda slot: abs(slot.start - start)
        )
        found = by_distance[:count]
        if len(found) == count and abs(found[-1].start - start) <= around:
            break
    return sorted(found)


def explain(
    *, kind: AppointmentType, start: dt.datetime, end: dt.datetime, now: dt.datetime, language: str = ""
) -> Iterator[tuple[int, dt.datetime, str]]:
    """(practitioner id, start, reason) for every candidate start in the window: the same decisions as `offered`."""
    rules = rules_of(kind)
    for diary in load_diaries(start=start, end=end, now=now, language=language, with_past=rules.have_caps):
        window = {"now": seconds(now), "start": seconds(start), "end": seconds(end)}
        for at, reason in availability.decisions(diary, rules, **window):
            yield diary.practitioner, instant(at), reason


def local_midnight(day: dt.date, zone: str) -> dt.datetime:
    """The first instant of a local date, as UTC."""
    return instant(wallclock.first_instant_from(zone, day, 0))


def in_zone(moment: dt.datetime, zone: str) -> dt.datetime:
    return moment.astimezone(ZoneInfo(zone))
