"""Moving an appointment's row to another time, behind its practitioners' locks."""

import datetime as dt
from functools import partial
from typing import Any
from uuid import uuid4

from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from scheduling import slots
from scheduling.booking.errors import SlotTaken
from scheduling.booking.expiry import expire_overdue
from scheduling.booking.holding import cap_reached, try_insert
from scheduling.models import Appointment, Closure


def move_to(
    row: Appointment,
    *,
    start: dt.datetime,
    options: list[tuple[int, str]],
    now: dt.datetime,
    overrule: bool = False,
    as_long: bool = False,
) -> dict[str, Any]:
    """The changes that put a locked row at `start`, with the first option who is free.

    The caller holds the options' locks, so what is free stays free until it writes; a closed time, or one beyond a cap,
    is free for who means to `overrule` it. `as_long` keeps end and buffers as they were agreed, whatever the rules say
    by now. Raises SlotTaken.
    """
    kind = row.appointment_type
    wanted, end = (row.occupied, row.end) if as_long else (slots.occupied(kind, start), slots.end_of(kind, start))
    for practitioner, why in options:
        if not overrule and Closure.objects.closing(practitioner=practitioner, start=start, end=end).exists():
            continue
        if not overrule and cap_reached(kind, practitioner, start=start, now=now, but_not=row):
            continue
        expire_overdue(now=now, practitioner=practitioner)
        in_the_way = Appointment.objects.holding_time().filter(practitioner=practitioner, occupied__overlap=wanted)
        if not in_the_way.exclude(pk=row.pk).exclude(held_for=row.pk).exists():
            return {
                "practitioner_id": practitioner,
                "choice": why,
                "start": start,
                "end": end,
                "occupied": wanted,
                "attendance_confirmed_at": None,
                "sequence": row.sequence + 1,
            }
    language = row.inquiry.preferred_language
    raise SlotTaken(partial(slots.nearest, kind=kind, start=start, now=now, language=language))


OFFER_LIMIT = 3  # times on offer at once, for one appointment
Time = tuple[int, dt.datetime, dt.datetime, DateTimeTZRange]


def time_to_keep(row: Appointment) -> Time | None:
    """The confirmed time that a wish to move must not lose; None when nothing is confirmed yet.

    A time that is kept already is let go here, to be kept anew around the row's next time.
    """
    kept = row.holds.filter(status=Appointment.Status.BOOKED).first()
    if kept is None:
        own = (row.practitioner_id, row.start, row.end, row.occupied)
        return own if row.status == Appointment.Status.BOOKED else None
    kept.delete()
    return kept.practitioner_id, kept.start, kept.end, slots.occupied(row.appointment_type, kept.start)


def keep_old_time(row: Appointment, old: Time, *, now: dt.datetime, even_closed: bool = True) -> None:
    """Hold the (practitioner, start, end, occupied) that a moved row had until now, on its behalf.

    Where the new time overlaps the old one, the row itself holds that part already. A closed time is kept too, for
    whoever applies the closure moves it; unless it was free meanwhile. Raises SlotTaken.
    """
    practitioner, start, end, occupied = old
    taken = SlotTaken(partial(slots.nearest, kind=row.appointment_type, start=start, now=now))
    if practitioner == row.practitioner_id:
        if _is_inside(row.occupied, occupied) or _is_inside(occupied, row.occupied):
            raise taken
        occupied = _without(occupied, row.occupied)
    kept = Appointment(
        id=uuid4(),
        inquiry=row.inquiry,
        appointment_type=row.appointment_type,
        practitioner_id=practitioner,
        held_for=row,
        status=Appointment.Status.BOOKED,
        start=start,
        end=end,
        occupied=occupied,
        time_zone=row.time_zone,
        created_at=now,
    )
    if not try_insert(kept, even_closed=even_closed):
        raise taken


def _is_inside(one: DateTimeTZRange, other: DateTimeTZRange) -> bool:
    """So it is only when the length of calls has changed since; what is left of the other is no one range."""
    return bool(other.lower <= one.lower and one.upper <= other.upper)


def _without(old: DateTimeTZRange, new: DateTimeTZRange) -> DateTimeTZRange:
    """The part of `old` that does not overlap `new`; both are half-open, and neither is inside the other."""
    if new.lower > old.lower:
        return DateTimeTZRange(old.lower, min(old.upper, new.lower), "[)")
    return DateTimeTZRange(max(old.lower, new.upper), old.upper, "[)")


def an_offer(row: Appointment, start: dt.datetime, until: dt.datetime, now: dt.datetime) -> Appointment:
    """Another time held on behalf of a row, and on offer `until` then; not saved yet."""
    return Appointment(
        id=uuid4(),
        inquiry=row.inquiry,
        appointment_type=row.appointment_type,
        held_for=row,
        status=Appointment.Status.PROPOSED,
        start=start,
        end=slots.end_of(row.appointment_type, start),
        occupied=slots.occupied(row.appointment_type, start),
        time_zone=row.time_zone,
        created_at=now,
        held_until=until,
    )
