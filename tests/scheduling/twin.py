"""The engine's twin: the same rules, minute by minute and without a thought for speed."""

import datetime as dt
from collections.abc import Iterator
from functools import cache
from zoneinfo import ZoneInfo

from scheduling.availability import Diary, Rules

MINUTE, DAY = 60, 86_400


@cache
def timeline(zone: str, day: dt.date) -> tuple[tuple[int, dt.datetime], ...]:
    """(instant, wall time) of every minute from a day and a half before the date to as long after it."""
    noon = int(dt.datetime(day.year, day.month, day.day, 12, tzinfo=dt.UTC).timestamp())
    place = ZoneInfo(zone)
    minutes = range(noon - 2 * DAY, noon + 2 * DAY, MINUTE)
    return tuple((at, dt.datetime.fromtimestamp(at, place).replace(tzinfo=None)) for at in minutes)


@cache
def minutes_of(zone: str, day: dt.date) -> tuple[tuple[int, int], ...]:
    """(instant, minute after midnight) of every minute that the wall clock shows on the date."""
    shown = (pair for pair in timeline(zone, day) if pair[1].date() == day)
    return tuple((at, wall.hour * 60 + wall.minute) for at, wall in shown)


@cache
def first_at_or_after(zone: str, day: dt.date, minute: int) -> int:
    wanted = dt.datetime(day.year, day.month, day.day) + dt.timedelta(minutes=minute)  # noqa: DTZ001
    return next(at for at, wall in timeline(zone, day) if wall >= wanted)


def overlaps(one: tuple[int, int], other: tuple[int, int]) -> bool:
    return one[0] < other[1] and other[0] < one[1]


def local_date(zone: str, at: int) -> dt.date:
    return dt.datetime.fromtimestamp(at, ZoneInfo(zone)).date()


def candidates(diary: Diary, rules: Rules, day: dt.date) -> Iterator[tuple[int, bool]]:
    """(start, inside the hours) for every start on the day's grids."""
    override = diary.overrides.get(day)
    hours = diary.hours.get(day.weekday(), ()) if override is None else override
    for at, minute in minutes_of(diary.zone, day):
        inside = any(
            opens <= minute < closes
            and (minute - opens) % rules.slot_step_minutes == 0
            and first_at_or_after(diary.zone, day, opens) <= at
            and at + rules.duration_minutes * MINUTE <= first_at_or_after(diary.zone, day, closes)
            for opens, closes in hours
        )
        if inside or minute % rules.slot_step_minutes == 0:
            yield at, inside


def reason(diary: Diary, rules: Rules, *, now: int, start: int, day: dt.date, inside: bool) -> str:  # noqa: C901 - the list of reasons, on purpose
    call = (start, start + rules.duration_minutes * MINUTE)
    wanted = (call[0] - rules.buffer_before_minutes * MINUTE, call[1] + rules.buffer_after_minutes * MINUTE)
    if not inside:
        return "outside_hours"
    if day in diary.closed_dates or any(overlaps(call, closed) for closed in diary.closed):
        return "closed"
    if start < now + rules.notice_minutes * MINUTE:
        return "notice"
    if start > now + rules.horizon_days * DAY:
        return "horizon"
    if any(overlaps(call, (claim.start, claim.end)) for claim in diary.claims):
        return "taken"
    if any(overlaps(wanted, (claim.occupied_start, claim.occupied_end)) for claim in diary.claims):
        return "buffer"
    if any(overlaps(call, busy) for busy in diary.external_busy):
        return "external_busy"
    if diary.stale:
        return "stale_calendar"
    counted = [*(claim.start for claim in diary.claims), *diary.past]
    dates = [local_date(diary.zone, start) for start in counted]
    if rules.daily_cap is not None and dates.count(day) >= rules.daily_cap:
        return "daily_cap"
    weeks = [date.isocalendar()[:2] for date in dates]
    if rules.weekly_cap is not None and weeks.count(day.isocalendar()[:2]) >= rules.weekly_cap:
        return "weekly_cap"
    return "free"


def decisions(diary: Diary, rules: Rules, *, now: int, days: list[dt.date]) -> dict[int, str]:
    return {
        at: reason(diary, rules, now=now, start=at, day=day, inside=inside)
        for day in days
        for at, inside in candidates(diary, rules, day)
    }
