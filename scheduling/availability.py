"""When a call can start, and why not otherwise. Pure: no Django, no clock, no database.

This is the one place that turns local rules into instants. Instants are whole seconds since the epoch (UTC); rules
are minutes after midnight of the wall clock in an IANA zone; intervals are half-open pairs `(start, end)`.
A wall time that a clock change skips does not exist and is never offered; one that occurs twice is two instants, and
both are offered.
"""

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

Interval = tuple[int, int]

MINUTE = 60
DAY = 86_400
EPOCH_DAY = date(1970, 1, 1).toordinal()
# An occupied range is at most a call (8 h) with two buffers (8 h each): nothing further away can be in the way.
REACH = DAY

FREE = "free"
OUTSIDE_HOURS = "outside_hours"
CLOSED = "closed"
NOTICE = "notice"
HORIZON = "horizon"
TAKEN = "taken"
BUFFER = "buffer"
EXTERNAL_BUSY = "external_busy"
STALE_CALENDAR = "stale_calendar"
DAILY_CAP = "daily_cap"
WEEKLY_CAP = "weekly_cap"
# Reasons that somebody else's booking brings about; the time was on offer, and may be again.
LOST = frozenset({TAKEN, BUFFER, EXTERNAL_BUSY, STALE_CALENDAR, DAILY_CAP, WEEKLY_CAP})


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """The rules of one appointment type."""

    duration_minutes: int
    slot_step_minutes: int
    buffer_before_minutes: int = 0
    buffer_after_minutes: int = 0
    notice_minutes: int = 0
    horizon_days: int = 366
    daily_cap: int | None = None
    weekly_cap: int | None = None


@dataclass(frozen=True, slots=True)
class Claim:
    """Time that a call holds: the call itself, and what it occupies with its buffers."""

    start: int
    end: int
    occupied_start: int
    occupied_end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Diary:
    """What one practitioner's time looks like.

    `hours` maps a weekday (Monday 0) to intervals of minutes; `overrides` replaces them on a date; `closed_dates` are
    public holidays in the practitioner's zone; `closed` and `external_busy` are instants; `stale` says that an outside
    calendar has not answered for too long to be trusted.
    """

    practitioner: int
    zone: str
    languages: frozenset[str] = frozenset()
    hours: Mapping[int, Sequence[Interval]] = field(default_factory=dict)
    overrides: Mapping[date, Sequence[Interval]] = field(default_factory=dict)
    closed_dates: frozenset[date] = frozenset()
    closed: Sequence[Interval] = ()
    claims: Sequence[Claim] = ()
    external_busy: Sequence[Interval] = ()
    stale: bool = False


@dataclass(frozen=True, slots=True)
class Decision:
    """`reason` is FREE, or why the call cannot start at `start`."""

    start: int
    reason: str


# --- Wall clock and instants ------------------------------------------------------------------------


@lru_cache(maxsize=8192)
def _steady_offset(zone: str, day: date) -> int | None:
    """Seconds east of UTC that hold all day, or None on the day of a clock change."""
    midnight = datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(zone))
    first, last = midnight.utcoffset(), (midnight + timedelta(days=1)).utcoffset()
    assert first is not None  # noqa: S101 - a ZoneInfo always knows
    return int(first.total_seconds()) if first == last else None


def instants(zone: str, day: date, minute: int) -> tuple[int, ...]:
    """The instants at which the wall clock shows `minute` of `day`: none in a gap, two in a fold, else one."""
    offset = _steady_offset(zone, day)
    if offset is not None and minute < DAY // MINUTE:
        return ((day.toordinal() - EPOCH_DAY) * DAY + minute * MINUTE - offset,)
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


# --- Opening hours ----------------------------------------------------------------------------------


def hours_of(diary: Diary, day: date) -> Sequence[Interval]:
    """The intervals of wall minutes worked on `day`, holidays left out of account."""
    override = diary.overrides.get(day)
    return diary.hours.get(day.weekday(), ()) if override is None else override


def open_intervals(diary: Diary, start: int, end: int) -> Iterator[Interval]:
    """The instants at work between `start` and `end`, in order: hours less holidays and closures."""
    for day in dates_of(diary.zone, start, end):
        if day in diary.closed_dates:
            continue
        for opens, closes in sorted(hours_of(diary, day)):
            worked = (first_instant_from(diary.zone, day, opens), first_instant_from(diary.zone, day, closes))
            yield from _without((max(worked[0], start), min(worked[1], end)), sorted(diary.closed))


def _without(interval: Interval, holes: Iterable[Interval]) -> Iterator[Interval]:
    start, end = interval
    for hole_start, hole_end in holes:
        if hole_end <= start or hole_start >= end:
            continue
        if hole_start > start:
            yield start, hole_start
        start = hole_end
    if start < end:
        yield start, end


def after_open_time(diary: Diary, start: int, minutes: int, *, within_days: int = 60) -> int:
    """The instant by which `minutes` of open time have passed since `start`.

    Worked example: open 09:00 to 17:00, Friday 16:00 and 120 minutes: Monday 10:00.
    When there is not so much open time within `within_days`, the end of them.
    """
    left = minutes * MINUTE
    limit = start + within_days * DAY
    for opens, closes in open_intervals(diary, start, limit):
        if closes - opens >= left:
            return opens + left
        left -= closes - opens
    return limit


# --- Decisions --------------------------------------------------------------------------------------


def _starts_inside(diary: Diary, rules: Rules, day: date) -> list[int]:
    """The starts of calls that fit the day's hours; the grid begins where each interval does."""
    zone, step, duration = diary.zone, rules.slot_step_minutes, rules.duration_minutes * MINUTE
    found: set[int] = set()
    for opens, closes in hours_of(diary, day):
        first, last = first_instant_from(zone, day, opens), first_instant_from(zone, day, closes) - duration
        for minute in range(opens, closes, step):
            found.update(start for start in instants(zone, day, minute) if first <= start <= last)
    return sorted(found)


def _starts_outside(diary: Diary, rules: Rules, day: date, inside: Iterable[int]) -> list[int]:
    """The starts on the wall clock's grid from midnight that are not `inside`."""
    minutes = range(0, DAY // MINUTE, rules.slot_step_minutes)
    return sorted({start for minute in minutes for start in instants(diary.zone, day, minute)}.difference(inside))


class _Obstacles:
    """Answers which of many intervals overlaps a given one, by bisection over merged intervals."""

    def __init__(self, intervals: Iterable[Interval]) -> None:
        merged: list[list[int]] = []
        for start, end in sorted(intervals):
            if merged and start <= merged[-1][1]:
                merged[-1][1] = max(merged[-1][1], end)
            else:
                merged.append([start, end])
        self.starts = [start for start, _ in merged]
        self.ends = [end for _, end in merged]

    def overlap(self, start: int, end: int) -> bool:
        before = bisect_right(self.starts, end - 1) - 1
        return before >= 0 and self.ends[before] > start


class _Verdict:
    """The reason for one start of one diary, everything that does not depend on the start worked out once."""

    def __init__(self, diary: Diary, rules: Rules, now: int) -> None:
        self.diary, self.rules = diary, rules
        self.duration = rules.duration_minutes * MINUTE
        self.before = rules.buffer_before_minutes * MINUTE
        self.after = rules.buffer_after_minutes * MINUTE
        self.earliest = now + rules.notice_minutes * MINUTE
        self.latest = now + rules.horizon_days * DAY
        self.closed = _Obstacles(diary.closed)
        self.calls = _Obstacles((claim.start, claim.end) for claim in diary.claims)
        self.occupied = _Obstacles((claim.occupied_start, claim.occupied_end) for claim in diary.claims)
        self.busy = _Obstacles(diary.external_busy)
        days = [local_date(diary.zone, claim.start) for claim in diary.claims] if self._capped else []
        self.per_day = Counter(days)
        self.per_week = Counter(day.isocalendar()[:2] for day in days)

    @property
    def _capped(self) -> bool:
        return self.rules.daily_cap is not None or self.rules.weekly_cap is not None

    def inside_hours(self, start: int, day: date) -> str:
        end = start + self.duration
        if day in self.diary.closed_dates or self.closed.overlap(start, end):
            return CLOSED
        if start < self.earliest:
            return NOTICE
        if start > self.latest:
            return HORIZON
        if self.calls.overlap(start, end):
            return TAKEN
        if self.occupied.overlap(start - self.before, end + self.after):
            return BUFFER
        if self.busy.overlap(start, end):
            return EXTERNAL_BUSY
        return STALE_CALENDAR if self.diary.stale else self._cap(day)

    def _cap(self, day: date) -> str:
        rules = self.rules
        if rules.daily_cap is not None and self.per_day[day] >= rules.daily_cap:
            return DAILY_CAP
        if rules.weekly_cap is not None and self.per_week[day.isocalendar()[:2]] >= rules.weekly_cap:
            return WEEKLY_CAP
        return FREE


def decisions(diary: Diary, rules: Rules, *, now: int, start: int, end: int) -> Iterator[Decision]:
    """A decision for every candidate start in `[start, end)`, day by day: inside the hours first, each in order.

    The claims of `diary` must reach `REACH` seconds beyond the window, and a week if there is a weekly cap.
    """
    verdict = _Verdict(diary, rules, now)
    for day in dates_of(diary.zone, start, end):
        inside = _starts_inside(diary, rules, day)
        outside = _starts_outside(diary, rules, day, inside)
        yield from (Decision(at, verdict.inside_hours(at, day)) for at in inside if start <= at < end)
        yield from (Decision(at, OUTSIDE_HOURS) for at in outside if start <= at < end)


def free_starts(diary: Diary, rules: Rules, *, now: int, start: int, end: int) -> list[int]:
    """The starts in `[start, end)` at which a call can be booked, earliest first: the decisions that are FREE."""
    start, end = max(start, now), min(end, now + rules.horizon_days * DAY + 1)
    verdict = _Verdict(diary, rules, now)
    return [
        at
        for day in dates_of(diary.zone, start, end)
        for at in _starts_inside(diary, rules, day)
        if start <= at < end and verdict.inside_hours(at, day) == FREE
    ]


def fairest(diaries: Sequence[Diary], *, start: int) -> list[tuple[Diary, str]]:
    """Who should take a call at `start`, best first, with the reason as a code: `calls:3` that week.

    Fewest calls in that week of theirs, then the longest time since their last call before it, then the lowest id.
    """

    def load(diary: Diary) -> tuple[int, int, int]:
        week = local_date(diary.zone, start).isocalendar()[:2]
        starts = [claim.start for claim in diary.claims]
        calls = sum(local_date(diary.zone, other).isocalendar()[:2] == week for other in starts)
        last = max((other for other in starts if other < start), default=0)
        return calls, last, diary.practitioner

    ranked = sorted((load(diary), index) for index, diary in enumerate(diaries))
    return [(diaries[index], f"calls:{calls}") for (calls, _last, _id), index in ranked]
