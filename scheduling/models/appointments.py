"""Appointments, and the time they hold; instants are aware UTC."""

import uuid
from collections.abc import Sequence
from datetime import datetime

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from inquiries.models import Inquiry
from scheduling.models.closures import Closure
from scheduling.models.practitioners import Practitioner
from scheduling.models.ranges import IdRange
from scheduling.models.types import AppointmentType


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
        holding = Appointment.objects.holding_time().exclude(pk__in=Appointment.objects.earlier_offers().values("pk"))
        holding = holding.filter(start__lt=end, end__gt=start, start__gt=now)
        if practitioners:
            holding = holding.filter(practitioner__in=practitioners)
        held = Coalesce("held_for", "pk")
        return self.spoken_of().filter(pk__in=holding.order_by().annotate(held=held).values("held"))

    def in_the_way_of(self, closure: Closure, now: datetime) -> "AppointmentQuerySet":
        practitioners = list(closure.practitioners.values_list("pk", flat=True))
        return self.in_the_way(start=closure.start, end=closure.end, practitioners=practitioners, now=now)

    def awaiting_answer(self) -> "AppointmentQuerySet":
        """Requests that staff have not answered, the earliest promise first, then who asked first."""
        return self.spoken_of().filter(status=Appointment.Status.PENDING).order_by("answer_by", "created_at", "pk")

    def upcoming(self, now: datetime) -> "AppointmentQuerySet":
        return self.spoken_of().filter(status=Appointment.Status.BOOKED, end__gt=now).order_by("start", "pk")

    def held_past(self, now: datetime) -> "AppointmentQuerySet":
        """Requests and offers whose time to be answered is over; of an earlier time, the row that holds it."""
        theirs = Q(held_for=None) | Q(held_for__status=Appointment.Status.BOOKED)
        return self.filter(theirs, held_until__lte=now, status__in=Appointment.UNSETTLED).order_by("held_until", "pk")

    def earlier_offers(self) -> "AppointmentQuerySet":
        """The rows that hold an earlier time on behalf of a call that stays booked meanwhile."""
        return self.filter(status=Appointment.Status.PROPOSED, held_for__status=Appointment.Status.BOOKED)

    def on_earlier_list(self) -> "AppointmentQuerySet":
        return self.spoken_of().filter(status=Appointment.Status.BOOKED, wants_earlier_at__isnull=False)

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
        noshow ──they call back──> fulfilled
        booked ──move (patient asks: pending, the old time kept; staff: stays booked)

    A row whose status is in `HOLDING` owns its practitioner's time from the start of its buffer to the end of it;
    the exclusion constraint makes owning it twice impossible. Rows with `held_for` hold further time on behalf of
    another appointment: a `proposed` one is an alternative offered (to a call that is booked: an earlier time), a
    `booked` one the old time kept while staff decide on a move. They are freed by deleting them.

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
    wants_earlier_at = models.DateTimeField(null=True, blank=True, help_text=_("on the earlier-time list since"))
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
            models.Index(
                fields=["wants_earlier_at", "id"],
                name="appointment_earlier",
                condition=Q(status="booked", wants_earlier_at__isnull=False),
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
