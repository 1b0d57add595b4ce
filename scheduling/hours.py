"""A practitioner's hours, and the office's: replaced whole or not at all; and which calls a change leaves outside.

Intervals are pairs of minutes after midnight on the wall clock of the practitioner's zone (the office's: the clinic's).
"""

import datetime as dt
from collections.abc import Iterable, Sequence

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from scheduling import availability, slots
from scheduling.availability import Diary, Interval
from scheduling.booking.holding import lock_practitioners
from scheduling.models import Appointment, HoursOverride, Practitioner, WorkingHours

OFFICE = 0  # whose diary is locked when the office's hours change
Shift = tuple[int, int, int]  # weekday (Monday 0), start, end


class DiffersAlready(Exception):
    """This day differs already; remove that first."""

    sentence = _("This day differs already; remove that first.")


@transaction.atomic
def replace_week(*, practitioner: Practitioner | None, shifts: Iterable[Shift]) -> None:
    """The whole week's hours of a practitioner, or (None) of the office; booked calls stay where they are."""
    lock_practitioners([practitioner.pk if practitioner else OFFICE])
    WorkingHours.objects.filter(practitioner=practitioner).delete()
    WorkingHours.objects.bulk_create(
        WorkingHours(practitioner=practitioner, weekday=day, start_minute=start, end_minute=end)
        for day, start, end in shifts
    )


def differ(*, practitioner: Practitioner, date: dt.date, intervals: Sequence[Interval]) -> HoursOverride:
    """Other hours on one date; no interval makes it a free day. Raises DiffersAlready."""
    row, is_new = HoursOverride.objects.get_or_create(
        practitioner=practitioner, date=date, defaults={"intervals": sorted(map(list, intervals))}
    )
    if not is_new:
        raise DiffersAlready
    return row


def differ_instead(*, practitioner: Practitioner, date: dt.date, intervals: Sequence[Interval]) -> HoursOverride:
    """As `differ`, in place of what the date had."""
    row, _is_new = HoursOverride.objects.update_or_create(
        practitioner=practitioner, date=date, defaults={"intervals": sorted(map(list, intervals))}
    )
    return row


def as_usual(*, practitioner: Practitioner, date: dt.date) -> bool:
    """The date has the weekly hours again; whether it had others."""
    deleted, _rows = HoursOverride.objects.filter(practitioner=practitioner, date=date).delete()
    return bool(deleted)


def by_weekday(shifts: Iterable[Shift]) -> dict[int, list[Interval]]:
    week: dict[int, list[Interval]] = {}
    for day, start, end in sorted(shifts):
        week.setdefault(day, []).append((start, end))
    return week


def shifts_of(practitioner: Practitioner | None) -> list[Shift]:
    rows = WorkingHours.objects.filter(practitioner=practitioner).order_by("weekday", "start_minute")
    return list(rows.values_list("weekday", "start_minute", "end_minute"))


def diary_of(practitioner: Practitioner | None) -> Diary:
    """The hours alone, without closures and calls; two queries."""
    overrides = HoursOverride.objects.filter(practitioner=practitioner) if practitioner else ()
    return Diary(
        practitioner=practitioner.pk if practitioner else OFFICE,
        zone=practitioner.time_zone if practitioner else settings.CLINIC_TIME_ZONE,
        hours=by_weekday(shifts_of(practitioner)),
        overrides={row.date: [(start, end) for start, end in row.intervals] for row in overrides},
    )


def calls_of(practitioner: int, *, now: dt.datetime) -> list[Appointment]:
    """The calls to come that hold a practitioner's time, in order; one query.

    Times held for somebody count too; their `held_for` is whose.
    """
    held = Appointment.objects.holding_time().filter(practitioner=practitioner, start__gt=now)
    held = held.exclude(status__in=Appointment.UNSETTLED, held_until__lte=now)
    return list(held.select_related("inquiry__contact", "practitioner").order_by("start", "pk"))


def left_outside(*, before: Diary, after: Diary, now: dt.datetime) -> list[Appointment]:
    """The calls to come that the hours `before` cover and those `after` do not, in order; one query."""
    rows = calls_of(before.practitioner, now=now)
    return [row for row in rows if _covers(before, row) and not _covers(after, row)]


def promised_outside(*, before: Diary, after: Diary, now: dt.datetime) -> list[Appointment]:
    """The requests that were promised an answer at a time when the office would be closed; they keep their promise."""
    rows = Appointment.objects.awaiting_answer().filter(answer_by__gt=now).select_related("inquiry__contact")
    minute = dt.timedelta(minutes=1)
    due = [(row, row.answer_by) for row in rows if row.answer_by]
    return [row for row, by in due if _is_open(before, by - minute, by) and not _is_open(after, by - minute, by)]


def _covers(diary: Diary, row: Appointment) -> bool:
    return _is_open(diary, row.start, row.end)


def _is_open(diary: Diary, start: dt.datetime, end: dt.datetime) -> bool:
    whole = slots.seconds(start), slots.seconds(end)
    return whole in availability.open_intervals(diary, *whole)
