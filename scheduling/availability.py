"""When a call can start, and why not otherwise. Pure: no Django, no clock, no database.

Instants are whole seconds since the epoch (UTC); rules are minutes after midnight of the wall clock in an IANA zone;
intervals are half-open pairs `(start, end)`. A wall time that a clock change skips does not exist and is never offered;
one that occurs twice is two instants, and both are offered.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import pairwise
from typing import NamedTuple

from scheduling.wallclock import DAY, MINUTE, dates_of, first_instant_from, instants, local_date, steady_midnight

Interval = tuple[int, int]

# An occupied range is at most a call (8 h) with two buffers (8 h each): nothing further away can be in the way.
REACH = DAY
NEVER = 1 << 62

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

    @property
    def have_caps(self) -> bool:
        return self.daily_cap is not None or self.weekly_cap is not None


class Claim(NamedTuple):
    """Time that a call holds: the call itself, and what it occupies with its buffers."""

    start: int
    end: int
    occupied_start: int
    occupied_end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Diary:
    """What one practitioner's time looks like.

    `hours` maps a weekday (Monday 0) to intervals of minutes; `overrides` replaces them on a date; `closed_dates` are
    public holidays in the practitioner's zone; `closed` and `external_busy` are instants; `past` are the starts of
    calls that are over, which hold no time and count all the same; `stale` says that an outside calendar has not
    answered for too long to be trusted.
    """

    practitioner: int
    zone: str
    languages: frozenset[str] = frozenset()
    hours: Mapping[int, Sequence[Interval]] = field(default_factory=dict)
    overrides: Mapping[date, Sequence[Interval]] = field(default_factory=dict)
    closed_dates: frozenset[date] = frozenset()
    closed: Sequence[Interval] = ()
    claims: Sequence[Claim] = ()
    past: Sequence[int] = ()
    external_busy: Sequence[Interval] = ()
    stale: bool = False

    @property
    def counted(self) -> list[int]:
        """The starts of the calls that caps and the fair choice count: to come, and over."""
        return [*(claim.start for claim in self.claims), *self.past]


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
    """The starts of calls that fit the day's hours, in order; the grid begins where each interval does."""
    zone, step, duration = diary.zone, rules.slot_step_minutes, rules.duration_minutes * MINUTE
    midnight, intervals = steady_midnight(zone, day), hours_of(diary, day)
    found: list[int] = []
    for opens, closes in intervals:
        if midnight is not None:
            first, last = midnight + opens * MINUTE, midnight + closes * MINUTE - duration
            found += range(first, last + 1, step * MINUTE)
        else:
            first, last = first_instant_from(zone, day, opens), first_instant_from(zone, day, closes) - duration
            minutes = range(opens, closes, step)
            found += (at for minute in minutes for at in instants(zone, day, minute) if first <= at <= last)
    return found if midnight is not None and len(intervals) < 2 else sorted(set(found))


def _starts_outside(diary: Diary, rules: Rules, day: date, inside: Iterable[int]) -> list[int]:
    """The starts on the wall clock's grid from midnight that are not `inside`, in order."""
    midnight, known = steady_midnight(diary.zone, day), set(inside)
    if midnight is not None:
        return [at for at in range(midnight, midnight + DAY, rules.slot_step_minutes * MINUTE) if at not in known]
    minutes = range(0, DAY // MINUTE, rules.slot_step_minutes)
    return sorted({at for minute in minutes for at in instants(diary.zone, day, minute)} - known)


def _forbidden(diary: Diary, rules: Rules, now: int) -> Iterator[tuple[str, list[Interval]]]:
    """(reason, the starts that it forbids as half-open intervals): each later reason outweighs the earlier ones.

    An obstacle `[a, b)` forbids the starts of calls of `duration` in `[a - duration + 1, b)`.
    """
    before, after = rules.buffer_before_minutes * MINUTE, rules.buffer_after_minutes * MINUTE
    reach = rules.duration_minutes * MINUTE - 1
    yield EXTERNAL_BUSY, [(start - reach, end) for start, end in diary.external_busy]
    yield (
        BUFFER,
        [
            (start - reach - after, end + before)
            for first, last, start, end in diary.claims
            if start - after < first or end + before > last
        ],
    )
    yield TAKEN, [(start - reach, end) for start, end, _, _ in diary.claims]
    yield HORIZON, [(now + rules.horizon_days * DAY + 1, NEVER)]
    yield NOTICE, [(-NEVER, now + rules.notice_minutes * MINUTE)]
    yield CLOSED, [(start - reach, end) for start, end in diary.closed]


def _reasons_of_days(diary: Diary, rules: Rules, days: Sequence[date]) -> list[str]:
    """The reason for a start on each of the dates when nothing is in its own way."""
    if diary.stale:
        return [STALE_CALENDAR] * len(days)
    if not rules.have_caps:
        return [FREE] * len(days)
    return _caps_of_days(diary, rules, days)


def cap_reached(diary: Diary, rules: Rules, at: int) -> bool:
    """Whether the day or the week of a start is full, whatever else is in its way."""
    return rules.have_caps and _caps_of_days(diary, rules, [local_date(diary.zone, at)]) != [FREE]


def _caps_of_days(diary: Diary, rules: Rules, days: Sequence[date]) -> list[str]:
    daily, weekly = rules.daily_cap, rules.weekly_cap
    per_day = Counter(local_date(diary.zone, start) for start in diary.counted)
    per_week: Counter[Interval] = Counter()
    for day, calls in per_day.items():
        per_week[day.isocalendar()[:2]] += calls

    def reason(day: date) -> str:
        if daily is not None and per_day[day] >= daily:
            return DAILY_CAP
        return WEEKLY_CAP if weekly is not None and per_week[day.isocalendar()[:2]] >= weekly else FREE

    return [reason(day) for day in days]


def _judged(diary: Diary, rules: Rules, days: Sequence[date], now: int) -> tuple[list[int], list[str], list[int]]:
    """The starts that fit the hours of the dates, in order; the reason for each; and how many there are by each date.

    The one computation behind `free_starts` and `decisions`: it paints reasons over the starts, the weightiest last.
    """
    starts: list[int] = []
    reasons: list[str] = []
    closed: list[Interval] = []
    counts: list[int] = []
    for day, reason in zip(days, _reasons_of_days(diary, rules, days), strict=True):
        inside = _starts_inside(diary, rules, day)
        starts += inside
        reasons += [reason] * len(inside)
        counts.append(len(starts))
        if inside and day in diary.closed_dates:
            closed.append((inside[0], inside[-1] + 1))
    for reason, intervals in (*_forbidden(diary, rules, now), (CLOSED, closed)):
        for first, end in intervals:
            low = bisect_left(starts, first)
            high = bisect_left(starts, end, low)
            if high - low == 1:
                reasons[low] = reason
            elif low < high:
                reasons[low:high] = [reason] * (high - low)
    return starts, reasons, counts


def decisions(diary: Diary, rules: Rules, *, now: int, start: int, end: int) -> list[tuple[int, str]]:
    """(start, FREE or why not) for each candidate in `[start, end)`, by day: inside the hours first, each in order.

    The claims of `diary` must reach `REACH` seconds beyond the window, and a week, `past` included, if there is a
    weekly cap.
    """
    days = list(dates_of(diary.zone, start, end))
    starts, reasons, counts = _judged(diary, rules, days, now)
    found: list[tuple[int, str]] = []
    for day, (begin, stop) in zip(days, pairwise([0, *counts]), strict=True):
        inside = starts[begin:stop]
        found += zip(inside, reasons[begin:stop], strict=True)
        found += [(at, OUTSIDE_HOURS) for at in _starts_outside(diary, rules, day, inside)]
    return [decision for decision in found if start <= decision[0] < end]


def free_starts(diary: Diary, rules: Rules, *, now: int, start: int, end: int) -> list[int]:
    """The starts in `[start, end)` at which a call can be booked, earliest first: the decisions that are FREE."""
    start, end = max(start, now), min(end, now + rules.horizon_days * DAY + 1)
    starts, reasons, _ = _judged(diary, rules, list(dates_of(diary.zone, start, end)), now)
    low, high = bisect_left(starts, start), bisect_left(starts, end)
    return [at for at, reason in zip(starts[low:high], reasons[low:high], strict=True) if reason is FREE]


def fairest(diaries: Sequence[Diary], *, start: int) -> list[tuple[Diary, str]]:
    """Who should take a call at `start`, best first, with the reason as a code: `calls:3` that week.

    Fewest calls in that week of theirs, then the longest time since their last call before it, then the lowest id.
    """

    def load(diary: Diary) -> tuple[int, int, int]:
        week = local_date(diary.zone, start).isocalendar()[:2]
        starts = diary.counted
        calls = sum(local_date(diary.zone, other).isocalendar()[:2] == week for other in starts)
        last = max((other for other in starts if other < start), default=0)
        return calls, last, diary.practitioner

    ranked = sorted((load(diary), index) for index, diary in enumerate(diaries))
    return [(diaries[index], f"calls:{calls}") for (calls, _last, _id), index in ranked]
