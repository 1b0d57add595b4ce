"""The calendar's pages: a day, a week or a month; and what is done with a free time that was chosen on it."""

import datetime as dt
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from inquiries.forms import moment_in
from scheduling import availability, policy
from scheduling.desk import words
from scheduling.desk.access import StaffRequest, for_everybody, for_staff
from scheduling.desk.calendar import grid
from scheduling.desk.calendar.entries import SHOWN, Entry
from scheduling.desk.calendar.lanes import Lane, closed_on, lanes_of
from scheduling.desk.calendar.purpose import Purpose, purpose_of
from scheduling.desk.calendar.span import VIEWS, Span
from scheduling.desk.silent import silent_calendars
from scheduling.desk.times import asked_day
from scheduling.models import Appointment, Practitioner
from scheduling.slots import end_of

WEEKEND = (5, 6)


@dataclass
class Day:
    """A date in short: as a square of the month, and as a part of the agenda that a phone shows."""

    date: dt.date
    calls: list[Entry] = field(default_factory=list)
    free: list[grid.Free] = field(default_factory=list)
    closed: list[str] = field(default_factory=list)

    @property
    def counts(self) -> list[tuple[str, int]]:
        """How many calls are in each state, in the order of `Appointment.Status`."""
        counted = Counter(row.status for row in self.calls)
        return [(status, counted[status]) for status in Appointment.Status if counted[status]]


@for_everybody
@require_safe
def calendar(request: StaffRequest) -> HttpResponse:
    """The whole page; for a page that moves through it, the calendar alone."""
    now = timezone.now()
    view = request.GET.get("view", "")
    span = Span(view if view in VIEWS else "week", asked_day(request) or words.clinic_date(now))
    purpose = purpose_of(request)
    everybody = list(policy.practitioners(request.user).order_by("name", "pk"))
    person = _asked_person(request, everybody)
    shown = [person] if person else everybody
    lanes = lanes_of(span, people=shown, kind=purpose.kind, now=now, but_not=purpose.moved)
    context = {
        "span": span,
        "views": VIEWS,
        "people": [one for one in everybody if one.is_active or one == person],
        "person": person,
        "shared": span.view == "week" and len(lanes) > 1,
        "legend": SHOWN,
        "can_book": purpose.kind and not request.user.is_practitioner,
        "purpose": purpose,
        "today": words.clinic_date(now),
        "now": now,
        "silent_calendars": silent_calendars(request.user, now),
        "days": _days(span, lanes),
        "hours_of_change": _clock_changes(span),
        **_table(span, lanes, purpose, now),
    }
    name = "parts/calendar" if request.htmx else "calendar"
    return render(request, f"scheduling/desk/{name}.html", context)


def _asked_person(request: StaffRequest, people: list[Practitioner]) -> Practitioner | None:
    return next((person for person in people if str(person.pk) == request.GET.get("with")), None)


def _table(span: Span, lanes: list[Lane], purpose: Purpose, now: dt.datetime) -> dict[str, Any]:
    """Columns and lines of a day or a week: a day's columns are people, a week's are days."""
    if span.view == "month" or not lanes:
        return {"columns": [], "lines": []}
    minutes = grid.line_minutes(purpose.kind.slot_step_minutes if purpose.kind else 30)
    if span.view == "day":
        columns = [grid.column(span.date, [lane], minutes, now) for lane in lanes]
    else:
        shared = len(lanes) > 1
        columns = [grid.column(date, lanes, minutes, now, shared=shared) for date in span.days]
        columns = [
            one for one in columns if one.date.weekday() not in WEEKEND or one.date == span.date or not one.is_empty
        ]
    return {"columns": columns, "lines": grid.lines_of(columns, now)}


def _days(span: Span, lanes: list[Lane]) -> list[Day]:
    """Every date of the span with its calls and its free starts, who is free at each."""
    days = {date: Day(date) for date in span.days}
    free: dict[dt.datetime, list[Practitioner]] = {}
    for lane in lanes:
        for row in lane.calls:
            days[max(span.days[0], words.clinic_date(row.start))].calls.append(row)
        for start, reason in lane.reasons.items():
            if reason == availability.FREE:
                free.setdefault(start, []).append(lane.person)
    for start in sorted(free):
        days[words.clinic_date(start)].free.append(grid.Free(start, tuple(free[start])))
    for day in days.values():
        day.calls.sort(key=lambda row: (row.start, row.practitioner_id, row.pk))
        day.closed = closed_on(day.date, lanes)
    return list(days.values())


def _clock_changes(span: Span) -> list[tuple[dt.date, int]]:
    """The dates of the span that have not 24 hours, with how many they have; none for a month, which shows no hours."""
    if span.view == "month":
        return []
    lengths = [(date, len(grid.stretches(date, 60))) for date in span.days]
    return [(date, hours) for date, hours in lengths if hours != 24]


@for_staff
@require_safe
def time(request: StaffRequest) -> HttpResponse:
    """A free time that was chosen for somebody who is known: who, when and with whom, before it is booked."""
    purpose, start = purpose_of(request), moment_in(request.GET.get("start", ""))
    if purpose.inquiry is None or purpose.kind is None or start is None:
        raise Http404
    person = _asked_person(request, list(Practitioner.objects.active()))
    context = {"purpose": purpose, "start": start, "end": end_of(purpose.kind, start), "person": person}
    return render(request, "scheduling/desk/calendar_time.html", context)
