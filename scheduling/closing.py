"""Closing and opening again, and what came of a closure that was applied. Who is in the way is `closures`' affair."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction

from inquiries.models import Activity
from scheduling.models import Appointment, Closure, Practitioner

SHOWN = 500


@dataclass(frozen=True, slots=True)
class Moved:
    """A call that a closure has taken from `old`, as it is now; `offered` is empty when it was cancelled."""

    appointment: Appointment
    old: dt.datetime
    offered: list[dt.datetime]

    @property
    def can_be_written_to(self) -> bool:
        return self.appointment.inquiry.reachable_by_email


@transaction.atomic
def close(
    *, start: dt.datetime, end: dt.datetime, reason: str = "", practitioners: Sequence[Practitioner] = ()
) -> Closure:
    """The closure of `[start, end)`, of everybody when no `practitioners` are named; nobody who is booked is told.

    One that is there already, the same in everything, is that one: a form sent twice closes once.
    """
    ids = {person.pk for person in practitioners}
    same = Closure.objects.filter(start=start, end=end, reason=reason).prefetch_related("practitioners")
    for row in same.order_by("pk"):
        if {person.pk for person in row.practitioners.all()} == ids:
            return row
    row = Closure.objects.create(start=start, end=end, reason=reason)
    row.practitioners.set(ids)
    return row


def open_again(*, closure: Closure) -> None:
    """New calls are booked there again; those that were moved stay where they are."""
    closure.delete()


def moved_by(closure: Closure) -> list[Moved]:
    """What applying it has done so far, in the order of the old times; two queries, few or many."""
    told = Activity.objects.filter(facts__has_key="closure", facts__closure=closure.pk).order_by("pk")[:SHOWN]
    last = {activity.appointment_id: activity.facts for activity in told if activity.appointment_id}
    rows = Appointment.objects.filter(pk__in=last).select_related("inquiry__contact", "practitioner")
    found = [_moved(row, last[row.pk]) for row in rows]
    return sorted(found, key=lambda each: (each.old, each.appointment.pk))


def _moved(row: Appointment, facts: dict[str, object]) -> Moved:
    before: dict[str, str] = facts["before"]  # type: ignore[assignment]
    offered: list[str] = facts.get("offered", [])  # type: ignore[assignment]
    return Moved(row, dt.datetime.fromisoformat(before["start"]), [dt.datetime.fromisoformat(at) for at in offered])


def in_the_way_of_each(closures: Iterable[Closure], now: dt.datetime) -> dict[int, int]:
    """How many calls to come still lie in each of the closures (practitioners prefetched), by its id; one query."""
    closures = list(closures)
    if not closures:
        return {}
    first, last = min(each.start for each in closures), max(each.end for each in closures)
    held = Appointment.objects.holding_time().filter(start__lt=last, end__gt=max(first, now), start__gt=now)
    rows = list(held.order_by().values_list("pk", "held_for", "practitioner", "start", "end"))
    found: dict[int, set[UUID]] = defaultdict(set)
    for closure in closures:
        people = {person.pk for person in closure.practitioners.all()}
        for pk, held_for, practitioner, start, end in rows:
            if start < closure.end and end > closure.start and (not people or practitioner in people):
                found[closure.pk].add(held_for or pk)
    return {pk: len(calls) for pk, calls in found.items()}
