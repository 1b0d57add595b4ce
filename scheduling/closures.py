"""Closures that look after people: who is in the way of one, and other times for each of them.

A closure by itself only keeps new calls away. `preview` says whom it would move, `apply` moves them, one transaction
each: it can be killed, run again, or run twice at once, and everybody is told once.
"""

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import islice
from uuid import UUID

from django.db import OperationalError, transaction
from psycopg.errors import DeadlockDetected, LockNotAvailable

from inquiries.models import StaffMember
from scheduling import booking, slots
from scheduling.availability import Claim, Diary
from scheduling.booking import displacing, holding
from scheduling.booking.moving import OFFER_LIMIT
from scheduling.models import Appointment, AppointmentQuerySet, AppointmentType, Closure, Practitioner

Status = Appointment.Status
TRIES = 5  # for one call, when others keep taking what would be offered for it


@dataclass(frozen=True)
class Affected:
    """A call in the way, and the starts that would be offered for it; none: it would be cancelled."""

    appointment: Appointment
    offered: list[dt.datetime]


@dataclass(frozen=True)
class Applied:
    displaced: list[Appointment]
    cancelled: list[Appointment]


def preview(
    *, start: dt.datetime, end: dt.datetime, practitioners: Sequence[Practitioner] = (), now: dt.datetime
) -> list[Affected]:
    """Whom a closure in `[start, end)` would move, in the order of their calls; changes nothing, locks nothing.

    No `practitioners` means everybody. What is offered to one is not offered to the next.
    """
    ids = [person.pk for person in practitioners]
    rows = _in_order(Appointment.objects.in_the_way(start=start, end=end, practitioners=ids, now=now))
    diaries: dict[int, list[Diary]] = {}
    found = []
    for row in rows:
        kind = row.appointment_type
        if kind.pk not in diaries:
            first = min(each.start for each in rows)
            diaries[kind.pk] = [
                _closed(diary, start, end) if not ids or diary.practitioner in ids else diary
                for diary in displacing.load(kind=kind, after=first, now=now)
            ]
        found.append(Affected(row, _offer(diaries[kind.pk], row, kind, now)))
    return found


def apply(*, closure: Closure, text: str, by: StaffMember, now: dt.datetime) -> Applied:
    """Move everybody who is in the way, each in a transaction of their own; what it did this time.

    `text` is a code of `wording.CLOSURE_TEXTS`.
    """
    _let_bookings_finish(closure)
    booking.withdraw_offers(closure=closure, now=now)
    done = Applied([], [])
    passed_over: set[UUID] = set()
    tries: Counter[UUID] = Counter()
    while rows := _in_order(Appointment.objects.in_the_way_of(closure, now).exclude(pk__in=passed_over)):
        for row in rows:
            tries[row.pk] += 1
            if tries[row.pk] == TRIES:
                passed_over.add(row.pk)
            try:
                moved = booking.displace(appointment=row, closure=closure, text=text, by=by, now=now)
            except booking.SlotTaken:
                continue  # what was free went to somebody else meanwhile: the next look finds other times
            except OperationalError as error:
                if not isinstance(error.__cause__, LockNotAvailable | DeadlockDetected) or row.pk in passed_over:
                    raise
                continue  # many book at once, and their diaries were not to be had in time
            except booking.InvalidTransition:
                passed_over.add(row.pk)  # somebody was faster: it is out of the way
                continue
            passed_over.add(row.pk)
            (done.displaced if moved.status == Status.PROPOSED else done.cancelled).append(moved)
    Closure.objects.filter(pk=closure.pk, applied_at=None).update(applied_at=now, applied_by=by, text=text)
    closure.refresh_from_db()
    return done


@transaction.atomic
def _let_bookings_finish(closure: Closure) -> None:
    """Wait for whoever took time before they could see the closure; those who come after see it behind their locks."""
    closed_to = closure.practitioners.all()
    everybody = closed_to if closed_to else Practitioner.objects.all()
    holding.lock_practitioners(person.pk for person in everybody)


def _in_order(rows: AppointmentQuerySet) -> list[Appointment]:
    related = rows.select_related("appointment_type", "practitioner", "inquiry__contact")
    return list(related.order_by("start", "pk"))


def _closed(diary: Diary, start: dt.datetime, end: dt.datetime) -> Diary:
    return replace(diary, closed=[*diary.closed, (slots.seconds(start), slots.seconds(end))])


def _offer(diaries: list[Diary], row: Appointment, kind: AppointmentType, now: dt.datetime) -> list[dt.datetime]:
    """What would be held for the row; it is claimed in the `diaries`, so that the next is not offered it."""
    language = row.inquiry.preferred_language
    found = displacing.alternatives(diaries, kind=kind, after=row.start, language=language, now=now)
    chosen = list(islice(found, OFFER_LIMIT))
    for start, options in chosen:
        at = next(number for number, diary in enumerate(diaries) if diary.practitioner == options[0][0])
        diaries[at] = replace(diaries[at], claims=[*diaries[at].claims, _claim(kind, start)])
    return [start for start, _ in chosen]


def _claim(kind: AppointmentType, start: dt.datetime) -> Claim:
    occupied = slots.occupied(kind, start)
    bounds = (start, slots.end_of(kind, start), occupied.lower, occupied.upper)
    return Claim(*(slots.seconds(bound) for bound in bounds))
