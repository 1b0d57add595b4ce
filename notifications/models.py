"""The ledger: every message that was planned, what became of it, and why."""

import uuid
from datetime import datetime, timedelta
from typing import Any

from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from inquiries.models import Activity, Inquiry, StaffMember
from inquiries.privacy import EncryptedTextField
from notifications import kinds
from notifications.standing import Canary, Heartbeat, LetterText, Outbox, PlannedRules, Suppression
from notifications.webhooks.models import Webhook, WebhookDelivery
from scheduling.models import Appointment, OutsideCalendar

__all__ = [
    "Canary",
    "Heartbeat",
    "LetterText",
    "Notification",
    "Outbox",
    "PlannedRules",
    "Suppression",
    "Webhook",
    "WebhookDelivery",
]

TO_ACT_ON, LATE = timedelta(days=14), timedelta(minutes=5)
# Typed as never empty. A message about a calendar has neither inquiry nor activity (a constraint): ask its kind first.
BUT_OF_CALENDARS: dict[str, Any] = {"null": True}


class NotificationQuerySet(models.QuerySet["Notification"]):
    def open(self) -> "NotificationQuerySet":
        """What may still be sent."""
        return self.filter(Q(status__in=["due", "sending"]) | Q(status="uncertain", try_at__isnull=False))

    def waiting(self) -> "NotificationQuerySet":
        """What may still be sent and is in nobody's hands."""
        return self.open().exclude(status="sending")

    def ready(self, now: datetime) -> "NotificationQuerySet":
        """What may be sent now, the longest waiting first.

        Nobody reads messages out of order: none goes before an earlier open one to the same reader about the same
        inquiry; but news of a request, which waits while there are many, holds nothing up.
        """
        reader = (
            Notification.objects.open()
            .exclude(kind=Notification.Kind.STAFF_NEW_REQUEST)
            .filter(inquiry=OuterRef("inquiry"), recipient_index=OuterRef("recipient_index"))
        )
        earlier = Q(due_at__lt=OuterRef("due_at")) | Q(due_at=OuterRef("due_at"), activity__lt=OuterRef("activity"))
        waiting = self.filter(status__in=["due", "uncertain"], try_at__lte=now)
        return waiting.filter(~Exists(reader.filter(earlier))).order_by("try_at", "activity", "pk")

    def blank(self, until: datetime) -> "NotificationQuerySet":
        """What is due until then and has no bytes yet."""
        return self.filter(status="due", body="", try_at__lte=until).order_by("try_at", "pk")

    def lapsed(self, now: datetime) -> "NotificationQuerySet":
        """In the hands of somebody who has not been heard of since the lease ended."""
        return self.filter(status="sending", lease_until__lte=now).order_by("lease_until", "pk")

    def invitations(self) -> "NotificationQuerySet":
        """What put the call into the reader's calendar."""
        return self.handed_over().filter(kind__in=["appointment_confirmed", "appointment_rescheduled"])

    def to_act_on(self, now: datetime) -> "NotificationQuerySet":
        """What patients should know and no mail told them: somebody calls instead, while it is of use.

        Who was on the phone when a time was agreed knows it; what is no longer so need not be told.
        """
        unreached = Q(status__in=["failed", "suppressed"]) | Q(status="uncertain", try_at=None)
        nowhere = Q(status="skipped", reason__in=["no_email", "email_not_wanted"], kind__in=Notification.NEWS)
        of_use = Q(appointment=None) | Q(appointment__start__gt=now) | Q(kind="no_show_follow_up")
        still_so = Q(appointment=None) | Q(sequence=F("appointment__sequence"))
        recent = Q(due_at__range=(now - TO_ACT_ON, now), handled_at=None, inquiry__erased_at=None)
        unsettled = {"activity__facts__before__status__in": ["pending", "proposed"]}
        agreed = Q(activity__kind="appointment.booked") | Q(activity__kind="appointment.rescheduled", **unsettled)
        to_patients = self.filter(kind__in=Notification.PATIENT_KINDS).exclude(agreed)
        return to_patients.filter(unreached | nowhere).filter(of_use, still_so, recent)

    def late(self, now: datetime) -> "NotificationQuerySet":
        """What is due, and was to be gone five minutes ago."""
        return self.filter(status__in=["due", "sending"], due_at__lte=now - LATE)

    def handed_over(self) -> "NotificationQuerySet":
        """What the reader has, or may have."""
        return self.filter(Q(status__in=["sent", "uncertain"]) | Q(status="sending", data_started_at__isnull=False))


class Notification(models.Model):
    """One message to one reader: planned from one activity, sent at most once but for a recognisable copy.

    ::

        due ──claim──> sending ──accepted──> sent
         ▲                │ ├─refused for good──> failed ──retry──> due
         └──refused, try──┘ └─no answer after DATA──> uncertain ──once──> sending
             again later
        due ──no longer true──> cancelled     due ──too late──> skipped     (planned) ──> skipped, suppressed

    It is about an inquiry; of the kind `calendar_broken` about an outside calendar, unread since a moment.
    `body` holds the rendered bytes, made once, sealed because they name a person.
    `try_at` is when the row may next be claimed; null when nothing more will be tried.
    """

    Kind, Status, Reason = kinds.Kind, kinds.Status, kinds.Reason
    PATIENT_KINDS, NEWS, OF_ERASURE = kinds.PATIENT_KINDS, kinds.NEWS, kinds.OF_ERASURE

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    inquiry = models.ForeignKey(Inquiry, on_delete=models.PROTECT, related_name="notifications", **BUT_OF_CALENDARS)
    # Each index is written three times a message: what a unique key serves, or nobody looks up, has none of its own.
    appointment = models.ForeignKey(
        Appointment, null=True, blank=True, on_delete=models.PROTECT, related_name="notifications", db_index=False
    )
    activity = models.ForeignKey(
        Activity, on_delete=models.PROTECT, related_name="+", db_index=False, **BUT_OF_CALENDARS
    )
    calendar = models.ForeignKey(
        OutsideCalendar, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    unread_since = models.DateTimeField(null=True, help_text=_("when the calendar was last read"))
    kind = models.CharField(max_length=24, choices=Kind.choices)
    variant = models.CharField(max_length=16, blank=True, help_text=_("of a reminder: minutes before the call"))
    sequence = models.PositiveIntegerField(default=0, help_text=_("the appointment's, that this speaks of"))
    staff_member = models.ForeignKey(
        StaffMember, null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    recipient_index = models.CharField(max_length=64, blank=True, help_text=_("keyed digest of the address"))
    channel = models.CharField(max_length=8, default="email")
    due_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.DUE)
    merged_into = models.ForeignKey("self", null=True, editable=False, on_delete=models.PROTECT, related_name="merged")
    reason = models.CharField(max_length=24, choices=Reason.choices, blank=True)
    try_at = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    unanswered = models.PositiveSmallIntegerField(default=0, help_text=_("attempts whose outcome is not known"))
    lease_until = models.DateTimeField(null=True, blank=True)
    lease_token = models.UUIDField(null=True, blank=True)
    data_started_at = models.DateTimeField(null=True, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    last_reply = models.CharField(max_length=32, blank=True)
    handled_at = models.DateTimeField(null=True, blank=True, help_text=_("when somebody called instead"))
    handled_by = models.ForeignKey(
        StaffMember, null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    message_id = models.CharField(max_length=255, unique=True)
    body = EncryptedTextField(default="")

    objects = NotificationQuerySet.as_manager()

    class Meta:
        ordering = ["due_at", "activity", "pk"]
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        constraints = [
            models.UniqueConstraint(
                fields=["appointment", "kind", "sequence", "recipient_index", "variant"],
                condition=Q(appointment__isnull=False),
                name="message_of_appointment_once",
            ),
            models.UniqueConstraint(
                fields=["calendar", "unread_since", "recipient_index"],
                condition=Q(calendar__isnull=False),
                name="message_of_calendar_once",
            ),
            models.CheckConstraint(
                condition=~Q(kind="calendar_broken")
                & Q(inquiry__isnull=False, activity__isnull=False, calendar=None, unread_since=None)
                | Q(kind="calendar_broken", inquiry=None, appointment=None, activity=None, unread_since__isnull=False),
                name="message_of_inquiry_or_calendar",
            ),
            models.UniqueConstraint(
                fields=["inquiry", "kind", "sequence", "recipient_index", "variant"],
                condition=Q(appointment=None),
                name="message_of_inquiry_once",
            ),
            models.CheckConstraint(
                condition=Q(
                    status__in=["due", "sending", "sent", "failed", "uncertain", "cancelled", "skipped", "suppressed"]
                ),
                name="message_status_known",
            ),
            models.CheckConstraint(
                condition=Q(status="sending", lease_until__isnull=False, lease_token__isnull=False)
                | ~Q(status="sending") & Q(lease_until=None, lease_token=None),
                name="message_lease_while_sending",
            ),
            models.CheckConstraint(
                condition=Q(status="due", try_at__isnull=False)
                | Q(status="uncertain")
                | ~Q(status__in=["due", "uncertain"]) & Q(try_at=None),
                name="message_tried_while_open",
            ),
            models.CheckConstraint(
                condition=Q(status="sent", sent_at__isnull=False) | ~Q(status="sent") & Q(sent_at=None),
                name="message_sent_has_moment",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["due", "sending", "sent"]) | ~Q(reason=""), name="message_end_has_reason"
            ),
            models.CheckConstraint(
                condition=Q(handled_at=None, handled_by=None) | Q(handled_at__isnull=False, handled_by__isnull=False),
                name="message_handled_has_both",
            ),
            models.CheckConstraint(condition=Q(expires_at__gte=F("due_at")), name="message_expires_after_due"),
        ]
        indexes = [
            # what a worker looks for; sent rows, however many, are not in it
            models.Index(
                fields=["try_at", "activity"], name="message_ready", condition=Q(status__in=["due", "uncertain"])
            ),
            models.Index(fields=["lease_until"], name="message_leased", condition=Q(status="sending")),
            # what can be written ahead of its minute
            models.Index(fields=["try_at"], name="message_blank", condition=Q(status="due", body="")),
            # whether an earlier one to the same reader is still open
            models.Index(
                fields=["inquiry", "recipient_index", "due_at"],
                name="message_open",
                condition=Q(status__in=["due", "sending", "uncertain"]),
            ),
            models.Index(fields=["-due_at", "-id"], name="message_ledger"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"

    @property
    def shown_at(self) -> datetime:
        """When it went, or was to go; of what was too late when it was planned, when it was planned."""
        return self.sent_at or max(self.due_at, self.activity.at if self.activity_id else self.due_at)

    @property
    def is_for_patient(self) -> bool:
        return self.kind in self.PATIENT_KINDS
