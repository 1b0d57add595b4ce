"""What fills the calendar: calls and held time, closures, and the engine's decision for every start.

The decisions are the ones that visitors are offered times from, so the calendar never says something else.
"""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from scheduling import availability, diaries, slots
from scheduling.availability import Diary, Rules
from scheduling.desk.calendar import entries
from scheduling.desk.calendar.entries import Entry
from scheduling.desk.calendar.span import Span
from scheduling.desk.words import clinic_date
from scheduling.models import AppointmentType, Closure, Practitioner

CLOSED, HOLIDAY = _("Closed"), _("Public holiday")
NOTHING_TO_BOOK = Rules(duration_minutes=30, slot_step_minutes=30)


@dataclass
class Lane:
    """One practitioner's time in the span; `reasons` are the engine's decisions by start, none for who is inactive."""

    person: Practitioner
    calls: list[Entry] = field(default_factory=list)
    closures: list[Closure] = field(default_factory=list)
    reasons: dict[dt.datetime, str] = field(default_factory=dict)
    holidays: frozenset[dt.date] = frozenset()

    @cached_property
    def starts(self) -> list[dt.datetime]:
        """Every start that the engine decided about, earliest first."""
        return sorted(self.reasons)


def lanes_of(
    span: Span, *, people: list[Practitioner], kind: AppointmentType | None, now: dt.datetime, but_not: Any = None
) -> list[Lane]:
    """Who is active, and who is not but has calls in the span. Three queries, whatever the amount.

    `but_not` is an appointment that is to be moved: its own time counts as free.
    """
    lanes = {person.pk: Lane(person) for person in people}
    for row in entries.between(span.start, span.end, now, named=span.view != "month"):
        if row.practitioner_id in lanes:
            lane = lanes[row.practitioner_id]
            row.person = lane.person
            lane.calls.append(row)
    for closure in _closures(span):
        for pk in closure.closes or lanes:  # type: ignore[attr-defined]
            if pk in lanes:
                lanes[pk].closures.append(closure)
    rules = slots.rules_of(kind) if kind else NOTHING_TO_BOOK
    with_past = rules.have_caps
    for diary in diaries.load_diaries(
        start=span.start, end=span.end, now=now, only=list(lanes), but_not=but_not, with_past=with_past
    ):
        lane = lanes[diary.practitioner]
        lane.reasons, lane.holidays = _reasons(diary, rules, span, now), diary.closed_dates
    return [lane for lane in lanes.values() if lane.person.is_active or lane.calls]


def _closures(span: Span) -> Iterable[Closure]:
    """Each with the ids of whom it `closes`; none: everybody."""
    named = ArrayAgg("practitioners", filter=Q(practitioners__isnull=False), default=[])
    return Closure.objects.filter(start__lt=span.end, end__gt=span.start).annotate(closes=named).order_by("start", "pk")


def _reasons(diary: Diary, rules: Rules, span: Span, now: dt.datetime) -> dict[dt.datetime, str]:
    window = {"now": slots.seconds(now), "start": slots.seconds(span.start), "end": slots.seconds(span.end)}
    decisions = availability.decisions(diary, rules, **window)
    return {slots.instant(at): reason for at, reason in decisions}


def closed_on(date: dt.date, lanes: list[Lane]) -> list[str]:
    """What is closed on a date, in words; with the names of whom, unless it is everybody shown."""
    at_work = [lane for lane in lanes if lane.person.is_active]
    closed: dict[Closure, list[str]] = {}
    for lane in at_work:
        for closure in lane.closures:
            if clinic_date(closure.start) <= date <= clinic_date(closure.end - dt.timedelta(seconds=1)):
                closed.setdefault(closure, []).append(lane.person.name)
    found = [_named(closure.reason or str(CLOSED), names, at_work) for closure, names in closed.items()]
    if at_work and all(date in lane.holidays for lane in at_work):
        found.append(str(HOLIDAY))
    return found


def _named(reason: str, names: list[str], at_work: list[Lane]) -> str:
    return reason if len(names) == len(at_work) else f"{reason}: {' · '.join(names)}"
