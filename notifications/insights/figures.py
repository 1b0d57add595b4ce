"""The figures of a span of days, in four queries whatever its size. Days are the clinic's; `end` is exclusive.

Who asked belongs to the day of the inquiry, an answer to the day it was given, a call to the day it was to be held.
"""

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import (
    Aggregate,
    Count,
    DateTimeField,
    DurationField,
    Exists,
    ExpressionWrapper,
    F,
    Func,
    IntegerField,
    Min,
    OuterRef,
    Q,
    Subquery,
    Sum,
    TextField,
    Value,
)
from django.db.models.fields.json import KT
from django.db.models.functions import Cast, Coalesce, ExtractIsoWeekDay, Least, TruncWeek

from inquiries.models import Activity, Inquiry
from notifications.models import Notification
from scheduling import slots
from scheduling.models import Appointment

Status = Appointment.Status
ANSWERS = (
    "appointment.confirmed",
    "appointment.declined",
    "appointment.move_declined",
    "appointment.proposed",
    "appointment.rescheduled",
    "appointment.cancelled",
    "appointment.expired",
    "appointment.move_expired",
)
ASKED = ("appointment.requested", "appointment.move_requested")
MOST_REMINDERS = 2
DIRECT = ""


class Percentile(Aggregate):
    """The value below which the share `at` (0 to 1) of the durations lies, between neighbours interpolated."""

    function = "percentile_cont"
    template = "%(function)s(%(at)s) within group (order by %(expressions)s)"
    output_field = DurationField()

    def __init__(self, expression: Any, *, at: float, **extra: Any) -> None:
        super().__init__(expression, at=at, **extra)


class Host(Func):
    """The host of an address, without `www.`."""

    template = "substring(%(expressions)s from '^https?://(?:www\\.)?([^/:?#]+)')"
    output_field = TextField()


@dataclass(kw_only=True)
class Passage:
    """How many of those who asked to be contacted came how far; each count is part of the one before."""

    inquiries: int = 0
    requested: int = 0
    booked: int = 0
    held: int = 0

    def add(self, row: Mapping[str, Any]) -> None:
        for name in ("inquiries", "requested", "booked", "held"):
            setattr(self, name, getattr(self, name) + row[name])


@dataclass(kw_only=True)
class Attendance:
    held: int = 0
    missed: int = 0

    @property
    def rate(self) -> float | None:
        """The share of the calls that were held; None when there was none."""
        return share(self.held, self.held + self.missed)


@dataclass(kw_only=True)
class Load(Attendance):
    """One practitioner's calls; `minutes` are of those held."""

    id: int
    name: str
    booked: int = 0
    minutes: int = 0


@dataclass(kw_only=True)
class Waits:
    """How long something took; None when nothing was counted."""

    count: int
    median: dt.timedelta | None
    slowest_tenth: dt.timedelta | None


@dataclass(kw_only=True)
class Figures:
    start: dt.date
    end: dt.date
    funnel: Passage = field(default_factory=Passage)
    weeks: dict[dt.date, Passage] = field(default_factory=dict)
    sources: dict[str, Passage] = field(default_factory=dict)
    first_contact: Waits
    waiting: int
    answers: Waits
    kept: int
    attendance: Attendance = field(default_factory=Attendance)
    weekdays: dict[int, Attendance] = field(default_factory=dict)
    reminders: dict[int, Attendance] = field(default_factory=dict)
    practitioners: list[Load] = field(default_factory=list)

    @property
    def kept_share(self) -> float | None:
        return share(self.kept, self.answers.count)


def share(part: int, whole: int) -> float | None:
    """
    >>> share(1, 4), share(0, 0)
    (0.25, None)
    """
    return round(part / whole, 3) if whole else None


def figures(*, start: dt.date, end: dt.date) -> Figures:
    zone = settings.CLINIC_TIME_ZONE
    first, last = slots.local_midnight(start, zone), slots.local_midnight(end, zone)
    contact, waiting = _first_contact(first, last)
    answers, kept = _answers(first, last)
    found = Figures(start=start, end=end, first_contact=contact, waiting=waiting, answers=answers, kept=kept)
    found.weeks = {monday: Passage() for monday in _mondays(start, end)}
    _count_passages(found, first, last)
    _count_calls(found, first, last)
    return found


def _mondays(start: dt.date, end: dt.date) -> Iterator[dt.date]:
    monday = start - dt.timedelta(days=start.weekday())
    while monday < end:
        yield monday
        monday += dt.timedelta(days=7)


def _count_passages(found: Figures, first: dt.datetime, last: dt.datetime) -> None:
    own = Appointment.objects.spoken_of().filter(inquiry=OuterRef("pk"))
    agreed = Activity.objects.filter(inquiry=OuterRef("pk"), facts__status=Status.BOOKED)
    held = own.filter(status=Status.FULFILLED)
    rows = (
        _received(first, last)
        .annotate(
            week=TruncWeek("created_at", tzinfo=ZoneInfo(settings.CLINIC_TIME_ZONE)),
            came_from=Coalesce(KT("source__utm_source"), Host(KT("source__referrer")), Value(DIRECT, TextField())),
        )
        .values("week", "came_from")
        .annotate(
            inquiries=Count("pk"),
            requested=Count("pk", filter=Exists(own)),
            booked=Count("pk", filter=Exists(agreed)),
            held=Count("pk", filter=Exists(held)),
        )
        .order_by("week", "came_from")
    )
    for row in rows:
        for passage in (
            found.funnel,
            found.weeks[row["week"].date()],
            found.sources.setdefault(row["came_from"], Passage()),
        ):
            passage.add(row)
    found.sources = dict(sorted(found.sources.items(), key=lambda pair: (-pair[1].inquiries, pair[0])))


def _received(first: dt.datetime, last: dt.datetime) -> Any:
    return Inquiry.objects.admitted().filter(created_at__gte=first, created_at__lt=last)


def _first_contact(first: dt.datetime, last: dt.datetime) -> tuple[Waits, int]:
    """From the inquiry to the first thing that staff did about it, and how many still wait for that.

    Those whom staff wrote down while they were on the phone are left out.
    """
    by_staff = Activity.objects.filter(inquiry=OuterRef("pk"), actor=Activity.Actor.STAFF)
    written_down = by_staff.filter(number=1)
    touched = by_staff.order_by().values("inquiry").annotate(at=Min("at")).values("at")
    rows = _received(first, last).filter(~Exists(written_down)).annotate(touched=Subquery(touched))
    took = ExpressionWrapper(F("touched") - F("created_at"), DurationField())
    found = rows.aggregate(
        waiting=Count("pk", filter=Q(touched=None) & ~Q(status=Inquiry.Status.CLOSED)), **_waits("touched", took)
    )
    return _as_waits(found), found["waiting"]


def _answers(first: dt.datetime, last: dt.datetime) -> tuple[Waits, int]:
    """From a request to the clinic's answer, and how many of the answers kept the promise.

    A request that lapsed counts as answered, too late.
    """
    asked = Activity.objects.filter(
        appointment_id=OuterRef("appointment_id"), kind__in=ASKED, pk__lt=OuterRef("pk")
    ).order_by("-pk")
    promised = Cast(KT("facts__before__answer_by"), DateTimeField())
    rows = Activity.objects.filter(
        kind__in=ANSWERS, at__gte=first, at__lt=last, facts__before__status=Status.PENDING
    ).annotate(asked=Subquery(asked.values("at")[:1]), promised=promised)
    took = ExpressionWrapper(F("at") - F("asked"), DurationField())
    found = rows.aggregate(kept=Count("pk", filter=Q(at__lte=F("promised"))), **_waits("asked", took))
    return _as_waits(found), found["kept"]


def _waits(counted: str, took: ExpressionWrapper) -> dict[str, Any]:
    return {"count": Count(counted), "median": Percentile(took, at=0.5), "tenth": Percentile(took, at=0.9)}


def _as_waits(found: dict[str, Any]) -> Waits:
    return Waits(count=found["count"], median=found["median"], slowest_tenth=found["tenth"])


def _count_calls(found: Figures, first: dt.datetime, last: dt.datetime) -> None:
    """Who came, by weekday and by how many reminders they had, and who took the calls."""
    sent = Notification.objects.handed_over().filter(appointment=OuterRef("pk"), kind=Notification.Kind.REMINDER)
    number = Coalesce(Subquery(sent.order_by().values("appointment").annotate(n=Count("pk")).values("n")), 0)
    length = ExpressionWrapper(F("end") - F("start"), DurationField())
    zone = ZoneInfo(settings.CLINIC_TIME_ZONE)
    rows = (
        Appointment.objects.spoken_of()
        .filter(start__gte=first, start__lt=last, status__in=[Status.BOOKED, Status.FULFILLED, Status.NOSHOW])
        .annotate(
            weekday=ExtractIsoWeekDay("start", tzinfo=zone) - 1,
            reminders=Least(number, MOST_REMINDERS, output_field=IntegerField()),
        )
        .values("weekday", "reminders", "status", "practitioner", "practitioner__name")
        .annotate(calls=Count("pk"), length=Sum(length))
        .order_by("weekday", "reminders", "practitioner")
    )
    loads: dict[int, Load] = {}
    for row in rows:
        who, name = row["practitioner"], row["practitioner__name"]
        load = loads.setdefault(who, Load(id=who, name=name))
        _add_call(found, load, row)
    found.practitioners = sorted(loads.values(), key=lambda load: (load.name, load.id))


def _add_call(found: Figures, load: Load, row: Mapping[str, Any]) -> None:
    if row["status"] == Status.BOOKED:
        load.booked += row["calls"]
        return
    places = (
        found.attendance,
        found.weekdays.setdefault(row["weekday"], Attendance()),
        found.reminders.setdefault(row["reminders"], Attendance()),
        load,
    )
    kept = row["status"] == Status.FULFILLED
    for place in places:
        place.held += row["calls"] if kept else 0
        place.missed += 0 if kept else row["calls"]
    load.minutes += int(row["length"].total_seconds() // 60) if kept else 0
