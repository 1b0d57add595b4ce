"""The real free times that fit what a person wished: `{date, part}` windows on their own calendar and clock."""

import datetime as dt
from collections.abc import Sequence

from inquiries.models import Inquiry
from scheduling import slots, wallclock
from scheduling.models import AppointmentType
from scheduling.slots import Slot

NOON, FIVE, MIDNIGHT = 12 * 60, 17 * 60, 24 * 60
# minutes after midnight of the person's day, half-open
PARTS = {"morning": (0, NOON), "afternoon": (NOON, FIVE), "evening": (FIVE, MIDNIGHT)}
Span = tuple[dt.datetime, dt.datetime]


def free_times_for(*, inquiry: Inquiry, kind: AppointmentType, now: dt.datetime, limit: int = 6) -> list[Slot]:
    """The free times inside the person's preferred windows, earliest first, each window's in turn; at most `limit`.

    Those of practitioners who speak their language, or of everybody where those have none. Empty without a window:
    then the person wishes to be called, and any time may do. One query, two when nobody speaks their language then.
    """
    wished = [span_of(window, inquiry.time_zone) for window in inquiry.preferred_windows]
    spans = [(first, last) for first, last in wished if last > now]
    if not spans:
        return []
    start, end = max(now, min(first for first, _ in spans)), max(last for _, last in spans)
    for language in dict.fromkeys((inquiry.preferred_language, "")):
        free = slots.offered(kind=kind, start=start, end=end, now=now, language=language).slots
        found = [[slot for slot in free if first <= slot.start < last] for first, last in spans]
        if any(found):
            return _in_turn(found, limit)
    return []


def span_of(window: dict[str, str], zone: str) -> Span:
    """The instants [start, end) of a part of a day on that zone's clock, on the days that clocks change too."""
    day = dt.date.fromisoformat(window["date"])
    first, last = (slots.instant(wallclock.first_instant_from(zone, day, minute)) for minute in PARTS[window["part"]])
    return first, last


def _in_turn(found: Sequence[Sequence[Slot]], limit: int) -> list[Slot]:
    """The first of each window, then the second of each, so that no wish hides another; then in order of time."""
    rounds = max(map(len, found))
    turns = [window[turn] for turn in range(rounds) for window in found if turn < len(window)]
    return sorted(list(dict.fromkeys(turns))[:limit])
