"""The calendar as a table: a row for every step of the clinic's clock, a column for a day or for a person.

On the day of a clock change a row is left out or comes twice: rows are told apart by what the clock shows, and by
whether it shows it for the second time. Pure, but for the words.
"""

import datetime as dt
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from scheduling import availability, slots
from scheduling.desk.calendar.entries import Entry
from scheduling.desk.calendar.lanes import CLOSED, HOLIDAY, Lane
from scheduling.models import Closure, Practitioner

LOOKS = {  # reason: how the cell looks, and what it says
    availability.OUTSIDE_HOURS: ("outside", _("Outside hours")),
    availability.CLOSED: ("blocked", CLOSED),
    availability.EXTERNAL_BUSY: ("blocked", _("Busy in an outside calendar")),
    availability.STALE_CALENDAR: ("blocked", _("An outside calendar was not read for too long")),
    availability.DAILY_CAP: ("blocked", _("As many calls as a day may have")),
    availability.WEEKLY_CAP: ("blocked", _("As many calls as a week may have")),
    availability.NOTICE: ("quiet", _("Too soon to book")),
    availability.HORIZON: ("quiet", _("Too far ahead to book")),
    availability.TAKEN: ("quiet", _("Between calls")),
    availability.BUFFER: ("quiet", _("Between calls")),
}
PAST, IDLE = _("Past"), _("Takes no calls now")
MOST_TELLING = list(LOOKS)[::-1]  # where a line holds several starts
OFFICE_HOURS = range(9 * 60, 17 * 60)
LINE_MINUTES = (60, 30, 20, 15, 10)

Key = tuple[int, int]  # minutes after midnight on the clinic's clock, and 1 when it shows them for the second time
Stretch = tuple[dt.datetime, dt.datetime]


@dataclass(frozen=True, slots=True)
class Free:
    """A start that can be booked, and who could take the call then."""

    start: dt.datetime
    people: tuple[Practitioner, ...]


@dataclass
class Cell:
    """What one column shows in `rows` lines from `start` on; `look` is a class of the style sheet."""

    look: str
    start: dt.datetime | None = None
    label: Any = ""
    calls: list[Entry] = field(default_factory=list)
    free: list[Free] = field(default_factory=list)
    rows: int = 1

    def continues(self, other: "Cell") -> bool:
        """Whether the line below shows the same thing."""
        if self.calls or other.calls:
            return bool({row.pk for row in self.calls} & {row.pk for row in other.calls})
        if other.look == "same":
            return True
        return not self.free and not other.free and (self.look, self.label) == (other.look, other.label)


@dataclass(frozen=True)
class Column:
    """A day of one person, or (none) of everybody shown."""

    date: dt.date
    person: Practitioner | None
    lines: dict[Key, Cell]

    @property
    def is_empty(self) -> bool:
        return all(cell.look in ("outside", "gone") for cell in self.lines.values())


@dataclass(frozen=True)
class Line:
    """One row of the table; `cells` are those that begin in it."""

    key: Key
    start: dt.datetime
    cells: list[Cell]
    is_now: bool
    is_hour: bool


def line_minutes(step: int) -> int:
    return next((minutes for minutes in LINE_MINUTES if minutes <= step), LINE_MINUTES[-1])


def stretches(date: dt.date, minutes: int) -> dict[Key, Stretch]:
    """The lines of a date with their instants: 23, 24 or 25 hours of them."""
    zone, length = settings.CLINIC_TIME_ZONE, dt.timedelta(minutes=minutes)
    at, end = slots.local_midnight(date, zone), slots.local_midnight(date + dt.timedelta(days=1), zone)
    found = {}
    while at < end:
        shown = slots.in_zone(at, zone)
        found[shown.hour * 60 + shown.minute, shown.fold] = (at, at + length)
        at += length
    return found


def column(date: dt.date, lanes: Sequence[Lane], minutes: int, now: dt.datetime, *, shared: bool = False) -> Column:
    """The column of one lane; of all of them when `shared`."""
    parts, lines = stretches(date, minutes), {}
    whole_day = next(iter(parts.values()))[0], list(parts.values())[-1][1]
    calls = [_within(lane.calls, whole_day) for lane in lanes]
    for key, stretch in parts.items():
        cells = [_cell(lane, theirs, stretch, date, now) for lane, theirs in zip(lanes, calls, strict=True)]
        lines[key] = _together(cells, lanes, stretch) if shared else cells[0]
    return Column(date, None if shared else lanes[0].person, lines)


@lru_cache
def _looks(language: str) -> dict[str, tuple[str, str]]:
    """`LOOKS` in the words of the active language; a week asks for them thousands of times."""
    return {reason: (look, str(label)) for reason, (look, label) in LOOKS.items()}


def _within(calls: Iterable[Entry], stretch: Stretch) -> list[Entry]:
    start, end = stretch
    return [row for row in calls if row.start < end and row.end > start]


def _cell(lane: Lane, calls: list[Entry], stretch: Stretch, date: dt.date, now: dt.datetime) -> Cell:
    """What a lane with these calls of the day shows in the stretch."""
    start, end = stretch
    calls = _within(calls, stretch)
    starts = lane.starts[bisect_left(lane.starts, start) : bisect_left(lane.starts, end)]
    free = [Free(at, (lane.person,)) for at in starts if lane.reasons[at] == availability.FREE]
    if calls or free:
        return Cell("call" if calls else "free", start, calls=calls, free=[] if calls else free)
    if not lane.person.is_active:
        return Cell("outside", start, IDLE)
    if not starts:
        return Cell("same", start)
    reason = min((lane.reasons[at] for at in starts), key=MOST_TELLING.index)
    look, label = _looks(get_language())[reason]
    if reason == availability.CLOSED:
        label = _why_closed(lane.closures, stretch) or (str(HOLIDAY) if date in lane.holidays else label)
    if reason == availability.NOTICE and end <= now:
        label = str(PAST)
    return Cell(look, start, label)


def _why_closed(closures: Iterable[Closure], stretch: Stretch) -> str:
    return next((row.reason for row in closures if row.start < stretch[1] and row.end > stretch[0]), "")


def _together(cells: list[Cell], lanes: Sequence[Lane], stretch: Stretch) -> Cell:
    """One cell for everybody: the calls that begin in it, who is free, and the reason if it is everybody's."""
    start, end = stretch
    calls = [row for cell in cells for row in cell.calls if start <= row.start < end]
    people: dict[dt.datetime, list[Practitioner]] = {}
    for cell in cells:
        for free in cell.free:
            people.setdefault(free.start, []).extend(free.people)
    if calls or people:
        together = [Free(at, tuple(them)) for at, them in sorted(people.items())]
        return Cell("call" if calls else "free", start, calls=calls, free=together)
    idle = [cell for cell, lane in zip(cells, lanes, strict=True) if lane.person.is_active and not cell.calls]
    at_work = [cell for cell in idle if cell.look != "outside"] or idle
    same = {(cell.look, str(cell.label)): cell for cell in at_work}
    return next(iter(same.values())) if len(same) == 1 else Cell("quiet", start)


def lines_of(columns: list[Column], now: dt.datetime) -> list[Line]:
    """The rows from the first to the last hour in which anything is to be seen."""
    longest = max(columns, key=lambda column: len(column.lines))
    keys = _worth_showing(list(longest.lines), columns)
    merged = [_merged(column, keys) for column in columns]
    lines = []
    for key in keys:
        starts = [column.lines[key].start for column in columns if key in column.lines]
        start = next(start for start in starts if start)
        is_now = any(_shows(column, key, keys, now) for column in columns)
        lines.append(Line(key, start, [cells[key] for cells in merged if key in cells], is_now, key[0] % 60 == 0))
    return lines


def _shows(column: Column, key: Key, keys: list[Key], now: dt.datetime) -> bool:
    cell = column.lines.get(key)
    if cell is None or cell.start is None or cell.start > now:
        return False
    return now - cell.start < dt.timedelta(minutes=_length(keys))


def _length(keys: list[Key]) -> int:
    return keys[1][0] - keys[0][0] if len(keys) > 1 else 60


def _worth_showing(keys: list[Key], columns: list[Column]) -> list[Key]:
    seen = [
        number
        for number, key in enumerate(keys)
        if any(key in column.lines and column.lines[key].look != "outside" for column in columns)
    ] or [number for number, key in enumerate(keys) if key[0] in OFFICE_HOURS]
    first, last = seen[0], seen[-1]
    while first and keys[first][0] % 60:
        first -= 1
    while last + 1 < len(keys) and keys[last + 1][0] % 60:
        last += 1
    return keys[first : last + 1]


def _merged(column: Column, keys: list[Key]) -> dict[Key, Cell]:
    """The cells of a column by the line in which each begins, as many lines long as it goes on."""
    found: dict[Key, Cell] = {}
    open_cell: Cell | None = None
    for key in keys:
        cell = column.lines.get(key, Cell("gone", label=_("The clocks skip this hour")))
        if open_cell and open_cell.continues(cell):
            open_cell.rows += 1
            open_cell.calls += [row for row in cell.calls if row not in open_cell.calls]
        else:
            found[key] = open_cell = Cell("quiet", cell.start) if cell.look == "same" else cell
    return found
