"""Practitioners, the rules of their time, and the appointments that hold it.

Instants are aware UTC; rules are local wall time (minutes after midnight) in a practitioner's IANA zone.
"""

import uuid
from collections.abc import Sequence
from datetime import datetime

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import F, Func, Q
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from inquiries.models import Inquiry, StaffMember
from scheduling.calendars.busy import BusyTime as BusyTime
from scheduling.calendars.busy import OutsideCalendar as OutsideCalendar

LAST_MINUTE = 24 * 60


class IdRange(Func):
    """`int8range(x, x, '[]')`: lets GiST compare a number for equality without the btree_gist extension."""

    function = "int8range"
    template = "%(function)s(%(expressions)s, '[]')"

    def __init__(self, number: F | Func) -> None:
        super().__init__(number, number)


class MinuteRange(Func):
    function = "int4range"

    def __init__(self) -> None:
        super().__init__(F("start_minute"), F("end_minute"))


class AppointmentType(models.Model):
    """What can be booked, and the rules that its times follow; units are in the names."""

    slug = models.SlugField(unique=True)
    name = models.CharField(max_length=80)
    name_es = models.CharField(max_length=80, blank=True)
    duration_minutes = models.PositiveSmallIntegerField(default=20)
    slot_step_minutes = models.PositiveSmallIntegerField(default=20)
    buffer_before_minutes = models.PositiveSmallIntegerField(default=0)
    buffer_after_minutes = models.PositiveSmallIntegerField(default=10)
    notice_minutes = models.PositiveIntegerField(default=120)
    horizon_days = models.PositiveSmallIntegerField(default=30)
    daily_cap = models.PositiveSmallIntegerField(null=True, blank=True)
    weekly_cap = models.PositiveSmallIntegerField(null=True, blank=True)
    reminder_offsets_minutes = ArrayField(models.PositiveIntegerField(), default=list, blank=True)
    reminder_quiet_minutes = models.PositiveIntegerField(default=120)
    answer_within_business_minutes = models.PositiveIntegerField(default=240)
    auto_confirm = models.BooleanField(default=False)
    is_active = models.BooleanField(default=True)

    class Meta:
        ordering = ["name", "pk"]
        verbose_name = _("appointment type")
        verbose_name_plural = _("appointment types")
        constraints = [
            models.CheckConstraint(condition=Q(duration_minutes__range=(5, 480)), name="type_duration_in_a_day"),
            models.CheckConstraint(condition=Q(slot_step_minutes__range=(5, 480)), name="type_step_in_a_day"),
            models.CheckConstraint(
                condition=Q(buffer_before_minutes__lte=480, buffer_after_minutes__lte=480),
                name="type_buffers_in_a_day",
            ),
            models.CheckConstraint(condition=Q(horizon_days__range=(1, 366)), name="type_horizon_in_a_year"),
            models.CheckConstraint(condition=Q(answer_within_business_minutes__gte=1), name="type_answer_takes_time"),
        ]

    def __str__(self) -> str:
        return self.name

    def name_in(self, language: str) -> str:
        return self.name_es if language == "es" and self.name_es else self.name


class PractitionerQuerySet(models.QuerySet["Practitioner"]):
    def active(self) -> "PractitionerQuerySet":
        return self.filter(is_active=True).order_by("pk")


class Practitioner(models.Model):
    """Somebody who takes screening calls."""

    name = models.CharField(max_length=80)
    languages = ArrayField(models.CharField(max_length=2), default=list)
    time_zone = models.CharField(max_length=64, default="America/New_York")
    is_active = models.BooleanField(default=True)
    staff_member = models.OneToOneField(StaffMember, null=True, blank=True, on_delete=models.SET_NULL)

    objects = PractitionerQuerySet.as_manager()

    class Meta:
        ordering = ["name", "pk"]
        verbose_name = _("practitioner")
        verbose_name_plural = _("practitioners")

    def __str__(self) -> str:
        return self.name


class WorkingHours(models.Model):
    """One weekly interval of wall time; of a practitioner, or (none) of the office, in which promises are counted."""

    practitioner = models.ForeignKey(
        Practitioner, null=True, blank=True, on_delete=models.CASCADE, related_name="working_hours"
    )
    weekday = models.PositiveSmallIntegerField(help_text=_("Monday is 0"))
    start_minute = models.PositiveSmallIntegerField(help_text=_("minutes after midnight"))
    end_minute = models.PositiveSmallIntegerField(help_text=_("minutes after midnight, at most 1440"))

    class Meta:
        ordering = ["practitioner", "weekday", "start_minute"]
        verbose_name_plural = _("working hours")
        constraints = [
            models.CheckConstraint(condition=Q(weekday__lte=6), name="hours_weekday_known"),
            models.CheckConstraint(
                condition=Q(end_minute__gt=F("start_minute"), end_minute__lte=LAST_MINUTE),
                name="hours_end_after_start",
            ),
            ExclusionConstraint(
                name="hours_never_overlap",
                expressions=[
                    (IdRange(Coalesce(F("practitioner"), 0)), RangeOperators.OVERLAPS),
                    (IdRange(F("weekday")), RangeOperators.OVERLAPS),
                    (MinuteRange(), RangeOperators.OVERLAPS),
                ],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.practitioner_id} {self.weekday} {self.start_minute}-{self.end_minute}"


class HoursOverride(models.Model):
    """The hours of one practitioner on one date, instead of the weekly ones; no interval means a free day."""

    practitioner = models.ForeignKey(Practitioner, on_delete=models.CASCADE, related_name="overrides")
    date = models.DateField()
    intervals = models.JSONField(default=list, help_text=_("pairs of minutes after midnight"))

    class Meta:
        ordering = ["date", "pk"]
        constraints = [models.UniqueConstraint(fields=["practitioner", "date"], name="override_date_once")]

    def __str__(self) -> str:
        return f"{self.practitioner_id} {self.date}"


class Closure(models.Model):
    """The clinic, or some practitioners of it, is closed from one instant to another."""

    start = models.DateTimeField()
    end = models.DateTimeField()
    reason = models.CharField(max_length=80, blank=True)
    practitioners = models.ManyToManyField(Practitioner, blank=True, help_text=_("none chosen: everybody"))
    text = models.CharField(max_length=16, blank=True, help_text=_("what those whose calls it moved were told"))
    applied_at = models.DateTimeField(null=True, blank=True)
    applied_by = models.ForeignKey(StaffMember, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["start", "pk"]
        constraints = [models.CheckConstraint(condition=Q(end__gt=F("start")), name="closure_end_after_start")]

    def __str__(self) -> str:
        return f"closed {self.start:%Y-%m-%d %H:%M}"


class AppointmentQuerySet(models.QuerySet["Appointment"]):
    def spoken_of(self) -> "AppointmentQuerySet":
        """The appointments themselves, without the rows that only hold further time for one."""
        return self.filter(held_for=None)

    def holding_time(self) -> "AppointmentQuerySet":
        return self.filter(status__in=Appointment.HOLDING)

    def in_the_way(
        self, *, start: datetime, end: datetime, practitioners: Sequence[int], now: datetime
    ) -> "AppointmentQuerySet":
        """The calls to come that are, or hold a time, in `[start, end)` with these practitioners (none: anybody)."""
        holding = Appointment.objects.holding_time().filter(start__lt=end, end__gt=start, start__gt=now)
        if practitioners:
            holding = holding.filter(practitioner__in=practitioners)
        held = Coalesce("held_for", "pk")
        return self.spoken_of().filter(pk__in=holding.order_by().annotate(held=held).values("held"))

    def in_the_way_of(self, closure: Closure, now: datetime) -> "AppointmentQuerySet":
        practitioners = list(closure.practitioners.values_list("pk", flat=True))
        return self.in_the_way(start=closure.start, end=closure.end, practitioners=practitioners, now=now)

    def awaiting_answer(self) -> "AppointmentQuerySet":
        """Requests that staff have not answered, the earliest promise first."""
        return self.spoken_of().filter(status=Appointment.Status.PENDING).order_by("answer_by", "pk")

    def upcoming(self, now: datetime) -> "AppointmentQuerySet":
        return self.spoken_of().filter(status=Appointment.Status.BOOKED, end__gt=now).order_by("start", "pk")

    def held_past(self, now: datetime) -> "AppointmentQuerySet":
        """Requests and offers whose time to be answered is over."""
        return (
            self.spoken_of().filter(held_until__lte=now, status__in=Appointment.UNSETTLED).order_by("held_until", "pk")
        )

    def current_of(self, inquiry: Inquiry) -> "Appointment | None":
        """The one that a person means: the newest that holds time, else the newest."""
        own = self.spoken_of().filter(inquiry=inquiry).select_related("appointment_type", "practitioner")
        newest = own.order_by("-created_at", "pk")
        return newest.holding_time().first() or newest.first()


class Appointment(models.Model):
    """A call, from the moment somebody asks for its time; the states are FHIR R4's.

    ::

        patient asks ──> pending ──confirm──> booked ──> fulfilled | noshow
                           │  └─decline/withdraw/expire──> cancelled
                           └─propose──> proposed ──accept──> booked
                                           └─refuse/expire──> cancelled
        booked ──move (patient asks: pending, the old time kept; staff: stays booked)

    A row whose status is in `HOLDING` owns its practitioner's time from the start of its buffer to the end of it;
    the exclusion constraint makes owning it twice impossible. Rows with `held_for` hold further time on behalf of
    another appointment: a `proposed` one is an alternative offered, a `booked` one the old time kept while staff
    decide on a move. They are freed by deleting them.

    `version` rises with every change (it is the ETag); `sequence` (RFC 5545) with every change of what was announced.
    """

    class Status(models.TextChoices):
        PROPOSED = "proposed", _("Times offered")
        PENDING = "pending", _("Awaiting answer")
        BOOKED = "booked", _("Confirmed")
        FULFILLED = "fulfilled", _("Call held")
        NOSHOW = "noshow", _("Missed")
        CANCELLED = "cancelled", _("Cancelled")

    class Reason(models.TextChoices):
        DECLINED = "declined", _("Declined by the clinic")
        WITHDRAWN = "withdrawn", _("Cancelled by the patient")
        EXPIRED = "expired", _("Not answered in time")
        REFUSED = "refused", _("None of the offered times suited")
        CLINIC = "clinic", _("Cancelled by the clinic")

    HOLDING = (Status.PROPOSED, Status.PENDING, Status.BOOKED)
    UNSETTLED = (Status.PROPOSED, Status.PENDING)

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    inquiry = models.ForeignKey(Inquiry, on_delete=models.PROTECT, related_name="appointments")
    appointment_type = models.ForeignKey(AppointmentType, on_delete=models.PROTECT, related_name="+")
    practitioner = models.ForeignKey(Practitioner, on_delete=models.PROTECT, related_name="appointments")
    held_for = models.ForeignKey("self", null=True, blank=True, on_delete=models.CASCADE, related_name="holds")
    status = models.CharField(max_length=9, choices=Status.choices)
    reason = models.CharField(max_length=9, choices=Reason.choices, blank=True)
    start = models.DateTimeField()
    end = models.DateTimeField()
    occupied = DateTimeRangeField()
    time_zone = models.CharField(max_length=64, help_text=_("the patient's, when the time was chosen"))
    created_at = models.DateTimeField()
    answer_by = models.DateTimeField(null=True, blank=True)
    held_until = models.DateTimeField(null=True, blank=True)
    attendance_confirmed_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=32, blank=True)
    choice = models.CharField(max_length=80, blank=True, help_text=_("why this practitioner"))
    version = models.PositiveIntegerField(default=1)
    sequence = models.PositiveIntegerField(default=0)

    objects = AppointmentQuerySet.as_manager()

    class Meta:
        ordering = ["start", "pk"]
        verbose_name = _("appointment")
        verbose_name_plural = _("appointments")
        constraints = [
            ExclusionConstraint(
                name="appointment_time_once",
                expressions=[
                    (IdRange(F("practitioner")), RangeOperators.OVERLAPS),
                    ("occupied", RangeOperators.OVERLAPS),
                ],
                condition=Q(status__in=["proposed", "pending", "booked"]),
            ),
            models.CheckConstraint(
                condition=Q(status__in=["proposed", "pending", "booked", "fulfilled", "noshow", "cancelled"]),
                name="appointment_status_known",
            ),
            models.CheckConstraint(condition=Q(end__gt=F("start")), name="appointment_end_after_start"),
            models.CheckConstraint(
                condition=Q(held_for__isnull=False)
                | Q(occupied__startswith__lte=F("start"), occupied__endswith__gte=F("end")),
                name="appointment_occupies_its_call",
            ),
            models.CheckConstraint(
                condition=Q(status="cancelled") & ~Q(reason="") | ~Q(status="cancelled") & Q(reason=""),
                name="appointment_cancelled_has_reason",
            ),
            models.CheckConstraint(
                condition=~Q(status="pending") | Q(answer_by__isnull=False, held_until__isnull=False),
                name="appointment_pending_has_promise",
            ),
            models.CheckConstraint(
                condition=Q(held_for=None) | Q(status__in=["proposed", "booked"]),
                name="appointment_hold_holds",
            ),
            models.UniqueConstraint(
                fields=["inquiry"],
                condition=Q(held_for=None, status__in=["proposed", "pending", "booked"]),
                name="appointment_one_open_each",
            ),
        ]
        indexes = [
            models.Index(fields=["status", "answer_by", "id"], name="appointment_queue"),
            models.Index(fields=["start", "id"], name="appointment_diary"),
            # what slots are computed from: only what holds time, so that history costs nothing
            models.Index(
                fields=["start"],
                name="appointment_held",
                condition=Q(status__in=["proposed", "pending", "booked"]),
            ),
        ]

    def __str__(self) -> str:
        return f"appointment {self.reference}"

    @property
    def reference(self) -> str:
        """Eight characters that a person can say on the phone."""
        return self.pk.hex[:8].upper()

    @property
    def uid(self) -> str:
        """The iCalendar UID, one for the appointment's life."""
        return f"{self.pk}@firstcall"
