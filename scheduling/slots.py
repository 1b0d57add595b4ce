"""Reads the diaries, in at most two queries whatever the size, and asks `availability` what is free.

Instants are aware UTC here; `availability` counts them in seconds.
"""

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from zoneinfo import ZoneInfo

import holidays
from django.conf import settings
from django.contrib.postgres.expressions import ArraySubquery
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.db.models import BooleanField, ExpressionWrapper, F, Func, IntegerField, OuterRef, Q, QuerySet
from django.db.models.functions import JSONObject

from scheduling import availability
from scheduling.availability import Claim, Diary, Interval, Rules
from scheduling.models import (
    Appointment,
    AppointmentType,
    BusyTime,
    Closure,
    HoursOverride,
    OutsideCalendar,
    Practitioner,
    WorkingHours,
)

WEEK = 7 * availability.DAY
NEARBY_DAYS = (1, 7)


@dataclass(frozen=True, slots=True, order=True)
class Slot:
    """A time that a call can be booked at; who would take it stays inside."""

    start: dt.datetime
    end: dt.datetime


class Seconds(Func):
    """Whole seconds since the epoch."""

    template = "extract(epoch from %(expressions)s)::bigint"
    output_field = IntegerField()
    arity = 1


class Lower(Func):
    function = "lower"
    output_field = IntegerField()


class Upper(Func):
    function = "upper"
    output_field = IntegerField()


def instant(seconds: int) -> dt.datetime:
    return dt.datetime.fromtimestamp(seconds, dt.UTC)


def seconds(moment: dt.datetime) -> int:
    return int(moment.timestamp())


def rules_of(kind: AppointmentType) -> Rules:
    return Rules(**{name: getattr(kind, name) for name in Rules.__slots__})


@lru_cache(maxsize=64)
def public_holidays(place: str, year: int) -> frozenset[dt.date]:
    """The public holidays of a country (`US`), or of a part of it (`US-FL`); none when `place` is empty."""
    if not place:
        return frozenset()
    country, _, part = place.partition("-")
    return frozenset(holidays.country_holidays(country, subdiv=part or None, years=year))


def holidays_between(start: dt.datetime, end: dt.datetime) -> frozenset[dt.date]:
    years = range(start.year - 1, end.year + 2)
    return frozenset().union(*(public_holidays(settings.CLINIC_HOLIDAYS, year) for year in years))


def occupied(kind: AppointmentType, start: dt.datetime) -> DateTimeTZRange:
    """What a call at `start` takes of its practitioner's time, buffers included; half-open."""
    before = dt.timedelta(minutes=kind.buffer_before_minutes)
    after = dt.timedelta(minutes=kind.duration_minutes + kind.buffer_after_minutes)
    return DateTimeTZRange(start - before, start + after, "[)")


def end_of(kind: AppointmentType, start: dt.datetime) -> dt.datetime:
    return start + dt.timedelta(minutes=kind.duration_minutes)


def _claims(
    start: dt.datetime, end: dt.datetime, now: dt.datetime, but_not: Appointment | None
) -> QuerySet[Appointment]:
    """What holds a practitioner's time around the window; a lapsed hold holds nothing."""
    margin = dt.timedelta(seconds=WEEK + availability.REACH)
    held = Appointment.objects.holding_time().filter(
        ~Q(status__in=Appointment.UNSETTLED, held_until__lte=now),
        practitioner=OuterRef("pk"),
        start__gte=start - margin,
        start__lt=end + margin,
    )
    if but_not is not None:
        held = held.exclude(pk=but_not.pk).exclude(held_for=but_not.pk)
    columns = {
        "start": Seconds(F("start")),
        "end": Seconds(F("end")),
        "occupied_start": Seconds(Lower(F("occupied"))),
        "occupied_end": Seconds(Upper(F("occupied"))),
    }
    return held.order_by().values_list(JSONObject(**columns))


def _closures(start: dt.datetime, end: dt.datetime) -> QuerySet[Closure]:
    everybody_or_them = Q(practitioners=None) | Q(practitioners=OuterRef("pk"))
    closed = Closure.objects.filter(everybody_or_them, start__lt=end, end__gt=start).order_by()
    return closed.values_list(JSONObject(start=Seconds(F("start")), end=Seconds(F("end"))))


def _outside_calendars(start: dt.datetime, end: dt.datetime, now: dt.datetime) -> QuerySet[OutsideCalendar]:
    """Each with its busy times around the window, and whether it is stale; an ignored one that is stale is left out."""
    is_stale = Q(read_at__lt=now - F("stale_after"))
    busy = BusyTime.objects.filter(calendar=OuterRef("pk"), start__lt=end, end__gt=start).order_by()
    times = busy.values_list(JSONObject(start=Seconds(F("start")), end=Seconds(F("end"))))
    ignored = is_stale & Q(when_stale=OutsideCalendar.WhenStale.IGNORE)
    rows = OutsideCalendar.objects.filter(~ignored, practitioner=OuterRef("pk")).order_by()
    rows = rows.annotate(closes=ExpressionWrapper(is_stale & Q(when_stale="close"), BooleanField()))
    return rows.values_list(JSONObject(closes="closes", busy=ArraySubquery(times)))


def load_diaries(
    *,
    start: dt.datetime,
    end: dt.datetime,
    now: dt.datetime,
    language: str = "",
    only: Iterable[int] | None = None,
    but_not: Appointment | None = None,
) -> list[Diary]:
    """The diaries of the active practitioners, in order of id; of those who speak `language`, of those in `only`.

    `but_not` is an appointment whose time, and the further time held for it, counts as free (it is to be moved).

    One query. Claims reach a week and a day beyond the window, for caps and for the fair choice.
    """
    people = Practitioner.objects.active()
    if language:
        people = people.filter(languages__contains=[language])
    if only is not None:
        people = people.filter(pk__in=only)
    hours = WorkingHours.objects.filter(practitioner=OuterRef("pk")).order_by("weekday", "start_minute")
    overrides = HoursOverride.objects.filter(practitioner=OuterRef("pk"), date__range=_dates(start, end)).order_by()
    rows = people.annotate(
        hours=ArraySubquery(hours.values_list(JSONObject(day="weekday", start="start_minute", end="end_minute"))),
        overridden=ArraySubquery(overrides.values_list(JSONObject(date="date", intervals="intervals"))),
        closed=ArraySubquery(_closures(start, end)),
        outside=ArraySubquery(_outside_calendars(start, end, now)),
        claims=ArraySubquery(_claims(start, end, now, but_not)),
    )
    free_days = holidays_between(start, end)
    return [_diary(row, free_days) for row in rows]


def _dates(start: dt.datetime, end: dt.datetime) -> tuple[dt.date, dt.date]:
    day = dt.timedelta(days=1)
    return (start - day).date(), (end + day).date()


def _diary(row: Practitioner, free_days: frozenset[dt.date]) -> Diary:
    hours: dict[int, list[Interval]] = {}
    for interval in row.hours:  # type: ignore[attr-defined]
        hours.setdefault(interval["day"], []).append((interval["start"], interval["end"]))
    overrides = {
        dt.date.fromisoformat(override["date"]): [(first, last) for first, last in override["intervals"]]
        for override in row.overridden  # type: ignore[attr-defined]
    }
    return Diary(
        practitioner=row.pk,
        zone=row.time_zone,
        languages=frozenset(row.languages),
        hours=hours,
        overrides=overrides,
        closed_dates=free_days - overrides.keys(),
        closed=[(closure["start"], closure["end"]) for closure in row.closed],  # type: ignore[attr-defined]
        claims=[Claim(**claim) for claim in row.claims],  # type: ignore[attr-defined]
        external_busy=[(busy["start"], busy["end"]) for calendar in row.outside for busy in calendar["busy"]],  # type: ignore[attr-defined]
        stale=any(calendar["closes"] for calendar in row.outside),  # type: ignore[attr-defined]
    )


def _free(
    diaries: Iterable[Diary], rules: Rules, *, now: dt.datetime, start: dt.datetime, end: dt.datetime
) -> list[Slot]:
    starts: set[int] = set()
    for diary in diaries:
        starts.update(availability.free_starts(diary, rules, now=seconds(now), start=seconds(start), end=seconds(end)))
    length = dt.timedelta(minutes=rules.duration_minutes)
    return [Slot(instant(at), instant(at) + length) for at in sorted(starts)]


@dataclass(frozen=True, slots=True)
class Offer:
    """The free times of a window, and the first free time from its start on, even beyond it (None: none is left)."""

    slots: list[Slot]
    next_available: dt.datetime | None


def offered(
    *, kind: AppointmentType, start: dt.datetime, end: dt.datetime, now: dt.datetime, language: str = ""
) -> Offer:
    """The free times of anybody in `[start, end)`, earliest first. One query."""
    rules = rules_of(kind)
    horizon = max(end, now + dt.timedelta(days=rules.horizon_days, seconds=1))
    diaries = load_diaries(start=start, end=horizon, now=now, language=language)
    slots = _free(diaries, rules, now=now, start=start, end=end)
    later = slots or _free(diaries, rules, now=now, start=end, end=horizon)
    return Offer(slots, later[0].start if later else None)


def nearest(
    *, kind: AppointmentType, start: dt.datetime, now: dt.datetime, language: str = "", count: int = 3
) -> list[Slot]:
    """The `count` free times nearest to `start`, earliest first; looked for nearby first, then as far as calls go."""
    rules = rules_of(kind)
    found: list[Slot] = []
    for days in (*NEARBY_DAYS, max(14, kind.horizon_days)):
        around = dt.timedelta(days=days)
        first, last = max(now, start - around), max(now, start) + around
        diaries = load_diaries(start=first, end=last, now=now, language=language)
        by_distance = sorted(
            _free(diaries, rules, now=now, start=first, end=last), key=lambda slot: abs(slot.start - start)
        )
        found = by_distance[:count]
        if len(found) == count and abs(found[-1].start - start) <= around:
            break
    return sorted(found)


def explain(
    *, kind: AppointmentType, start: dt.datetime, end: dt.datetime, now: dt.datetime, language: str = ""
) -> Iterator[tuple[int, dt.datetime, str]]:
    """(practitioner id, start, reason) for every candidate start in the window: the same decisions as `offered`."""
    rules = rules_of(kind)
    for diary in load_diaries(start=start, end=end, now=now, language=language):
        window = {"now": seconds(now), "start": seconds(start), "end": seconds(end)}
        for decision in availability.decisions(diary, rules, **window):
            yield diary.practitioner, instant(decision.start), decision.reason


def office_diary(*, start: dt.datetime, end: dt.datetime) -> Diary:
    """The hours in which promises are counted: the office's, its holidays and its closures of everybody."""
    hours: dict[int, list[Interval]] = {}
    for row in WorkingHours.objects.filter(practitioner=None):
        hours.setdefault(row.weekday, []).append((row.start_minute, row.end_minute))
    closures = Closure.objects.filter(practitioners=None, start__lt=end, end__gt=start)
    return Diary(
        practitioner=0,
        zone=settings.CLINIC_TIME_ZONE,
        hours=hours,
        closed_dates=holidays_between(start, end),
        closed=[(seconds(closure.start), seconds(closure.end)) for closure in closures],
    )


def local_midnight(day: dt.date, zone: str) -> dt.datetime:
    """The first instant of a local date, as UTC."""
    return instant(availability.first_instant_from(zone, day, 0))


def in_zone(moment: dt.datetime, zone: str) -> dt.datetime:
    return moment.astimezone(ZoneInfo(zone))
