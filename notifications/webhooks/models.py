"""Who is told, and each telling."""

import uuid
from datetime import datetime

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from inquiries.models import Activity, StaffMember
from inquiries.privacy import EncryptedTextField


class Webhook(models.Model):
    """A program elsewhere. Its address may hold a secret, so it is sealed; `kinds` empty means every kind."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    url = EncryptedTextField()
    secret = EncryptedTextField()
    kinds = ArrayField(models.CharField(max_length=48), default=list, blank=True)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(StaffMember, on_delete=models.PROTECT, related_name="+")
    failing_since = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["created_at", "pk"]

    def __str__(self) -> str:
        return f"webhook {self.pk}"


class WebhookDeliveryQuerySet(models.QuerySet["WebhookDelivery"]):
    def ready(self, now: datetime) -> "WebhookDeliveryQuerySet":
        """What may be sent now: due, or in the hands of somebody who has not been heard of since the lease ended."""
        lapsed = Q(status="sending", lease_until__lte=now)
        return self.filter(Q(status="due", try_at__lte=now) | lapsed, webhook__is_active=True).order_by(
            "try_at", "activity", "pk"
        )


class WebhookDelivery(models.Model):
    """One activity told to one program; `activity` is None for a test. The id stays the same at every attempt."""

    class Status(models.TextChoices):
        DUE = "due", _("Due")
        SENDING = "sending", _("Being sent")
        SENT = "sent", _("Sent")
        FAILED = "failed", _("Failed")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    webhook = models.ForeignKey(Webhook, on_delete=models.CASCADE, related_name="deliveries")
    activity = models.ForeignKey(Activity, null=True, on_delete=models.PROTECT, related_name="+")
    status = models.CharField(max_length=8, choices=Status.choices, default=Status.DUE)
    created_at = models.DateTimeField()
    try_at = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=0)
    answer = models.CharField(max_length=40, blank=True, help_text=_("the status code, or why there was none"))
    lease_until = models.DateTimeField(null=True, blank=True)
    lease_token = models.UUIDField(null=True, blank=True)

    objects = WebhookDeliveryQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["webhook", "activity"], name="webhook_told_once"),
            models.CheckConstraint(
                condition=Q(status__in=["due", "sending", "sent", "failed"]), name="webhook_delivery_status_known"
            ),
            models.CheckConstraint(
                condition=Q(status="sending", lease_token__isnull=False) | (~Q(status="sending") & Q(lease_token=None)),
                name="webhook_sending_has_lease",
            ),
        ]
        indexes = [
            models.Index(fields=["try_at"], name="webhook_open", condition=Q(status__in=["due", "sending"])),
            models.Index(fields=["webhook", "-created_at"], name="webhook_newest"),
        ]

    def __str__(self) -> str:
        return f"delivery {self.pk}"
