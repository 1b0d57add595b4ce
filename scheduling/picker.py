"""The free times as a person chooses among them: a week of days on their clock, each with its parts of the day."""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from django.utils import translation

from inquiries.fields import DAY_PARTS
from scheduling import moments
from scheduling.slots import Slot

WEEK = dt.timedelta(days=7)
NOON, EVENING = 12, 17


@dataclass(frozen=True, slots=True)
class Choice:
    """One free time: the `value` that a form sends (ISO 8601, UTC), and how it is said."""

    value: str
    day: str
    time: str


@dataclass(frozen=True, slots=True)
class Day:
    words: str
    parts: list[tuple[Any, list[Choice]]]
    count: int


@dataclass(frozen=True, slots=True)
class Week:
    """The days with free times among seven, and the days where the week before and the week after begin."""

    days: list[Day]
    earlier: dt.date | None
    later: dt.date | None


def iso(moment: dt.datetime) -> str:
    """
    >>> iso(dt.datetime(2026, 12, 2, 19, 20, tzinfo=dt.UTC))
    '2026-12-02T19:20:00Z'
    """
    return moment.astimezone(dt.UTC).isoformat().replace("+00:00", "Z")


def choice(start: dt.datetime, *, zone: str) -> Choice:
    """The time on the reader's clock, in the active language."""
    language = translation.get_language()
    day = moments.day_in_words(start, zone=zone, language=language, year=False)
    return Choice(iso(start), day, moments.time_in_words(start, zone=zone, language=language))


def part_of_day(moment: dt.datetime) -> str:
    """The key in DAY_PARTS of a local moment."""
    return "morning" if moment.hour < NOON else "afternoon" if moment.hour < EVENING else "evening"


def week(slots: Sequence[Slot], *, zone: str, first: dt.date | None) -> Week:
    """The week that begins on `first`; without it, or before it, on the first free day."""
    by_day = {
        date: list(starts)
        for date, starts in groupby((moments.local(slot.start, zone) for slot in slots), dt.datetime.date)
    }
    if not by_day:
        return Week([], None, None)
    opening = min(by_day)
    begin = max(first or opening, opening)
    shown = [_day(starts, zone) for date, starts in by_day.items() if begin <= date < begin + WEEK]
    earlier = max(begin - WEEK, opening) if begin > opening else None
    later = next((date for date in by_day if date >= begin + WEEK), None)
    return Week(shown, earlier, later)


def _day(starts: list[dt.datetime], zone: str) -> Day:
    parts = [
        (DAY_PARTS[part], [choice(start, zone=zone) for start in group]) for part, group in groupby(starts, part_of_day)
    ]
    return Day(parts[0][1][0].day, parts, len(starts))


def nearest(slots: Iterable[Slot], start: dt.datetime, *, zone: str, count: int = 3) -> list[Choice]:
    """The free times nearest to `start`, earliest first."""
    near = sorted(slots, key=lambda slot: abs(slot.start - start))[:count]
    return [choice(slot.start, zone=zone) for slot in sorted(near)]


def a_few(slots: Sequence[Slot], *, zone: str, days: int = 3) -> list[Choice]:
    """Up to two times, one before and one after noon, of each of the first free `days`."""
    few: list[Choice] = []
    local = [moments.local(slot.start, zone) for slot in slots]
    for number, (_date, starts) in enumerate(groupby(local, dt.datetime.date)):
        if number == days:
            break
        firsts = {start.hour < NOON: start for start in reversed(list(starts))}
        few += [choice(start, zone=zone) for start in sorted(firsts.values())]
    return few
