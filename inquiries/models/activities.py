"""The append-only log of what happened; `inquiries.story` alone writes it."""

from django.db import models
from django.db.models import Q
from django.db.models.fields.json import KeyTransform
from django.utils.translation import gettext_lazy as _

from inquiries.models.inquiries import Inquiry
from inquiries.staff import StaffMember


class ActivityQuerySet(models.QuerySet["Activity"]):
    def unplanned(self) -> "ActivityQuerySet":
        """What no reader has acted on yet, oldest first; a partial index serves it."""
        return self.filter(planned_at=None).order_by("pk")

    def story(self) -> "ActivityQuerySet":
        return self.select_related("staff_member").order_by("number")


class Activity(models.Model):
    """One thing that happened: the timeline, the audit trail, and what messages and webhooks are planned from.

    Append-only by a trigger: a row is never deleted or changed, except that `planned_at` is set once.
    `digest` chains the rows of one inquiry (see `inquiries.story`). `facts` holds no personal fact.
    """

    class Actor(models.TextChoices):
        PATIENT = "patient", _("Patient")
        STAFF = "staff", _("Staff")
        SYSTEM = "system", _("System")

    inquiry = models.ForeignKey(Inquiry, on_delete=models.PROTECT, related_name="activities")
    number = models.PositiveIntegerField()
    kind = models.CharField(max_length=48)
    appointment_id = models.UUIDField(null=True, blank=True)
    actor = models.CharField(max_length=8, choices=Actor.choices)
    staff_member = models.ForeignKey(StaffMember, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    facts = models.JSONField(default=dict)
    digest = models.CharField(max_length=64)
    planned_at = models.DateTimeField(null=True, blank=True)

    objects = ActivityQuerySet.as_manager()

    class Meta:
        verbose_name_plural = _("activities")
        constraints = [
            models.UniqueConstraint(fields=["inquiry", "number"], name="activity_number_once"),
            models.CheckConstraint(
                condition=Q(actor="staff", staff_member__isnull=False) | (~Q(actor="staff") & Q(staff_member=None)),
                name="activity_staff_is_named",
            ),
        ]
        indexes = [
            models.Index(fields=["id"], name="activity_unplanned", condition=Q(planned_at=None)),
            models.Index(fields=["appointment_id", "id"], name="activity_of_appointment"),
            # what a closure has moved: few rows of many
            models.Index(
                KeyTransform("closure", "facts"),
                "id",
                name="activity_of_closure",
                condition=Q(facts__has_key="closure"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.inquiry_id}#{self.number}"
