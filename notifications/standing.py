"""What holds for all messages: whether any may leave, which addresses take none, and who was last heard of."""

import uuid
from datetime import datetime

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from inquiries.models import StaffMember
from scheduling.models import AppointmentType


class Outbox(models.Model):
    """The one row that says whether messages leave.

    `epoch` rises with each batch that is claimed and is noted outside the database too (`notifications.outbox`), so
    that a database which was put back to an earlier state is found out by being behind the note.
    """

    class Why(models.TextChoices):
        BY_HAND = "by_hand", _("somebody stopped it")
        RESTORED = "restored", _("this database was restored, or moved: it may not know what was sent since")

    ONLY = 1

    id = models.PositiveSmallIntegerField(primary_key=True, default=ONLY)
    identity = models.UUIDField(default=uuid.uuid4, help_text=_("names the note outside the database"))
    epoch = models.PositiveBigIntegerField(default=0)
    paused_at = models.DateTimeField(null=True, blank=True)
    paused_why = models.CharField(max_length=8, choices=Why.choices, blank=True)

    class Meta:
        verbose_name_plural = _("outbox")
        constraints = [
            models.CheckConstraint(condition=Q(id=1), name="outbox_is_one"),
            models.CheckConstraint(
                condition=Q(paused_at=None, paused_why="") | Q(paused_at__isnull=False) & ~Q(paused_why=""),
                name="outbox_pause_has_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"outbox {self.epoch}"


class SuppressionQuerySet(models.QuerySet["Suppression"]):
    def active(self) -> "SuppressionQuerySet":
        """Addresses to which nothing is sent."""
        return self.filter(lifted_at=None)

    def to_call(self) -> "SuppressionQuerySet":
        """Those whose people nobody has called instead, the newest first."""
        return self.active().filter(handled_at=None).order_by("-at", "pk")

    def called_already(self) -> "SuppressionQuerySet":
        """Those whose people know that mail does not reach them, the newest first."""
        return self.active().filter(handled_at__isnull=False).order_by("-at", "pk")


class Suppression(models.Model):
    """An address, known by its keyed digest only, that refused mail for good. Its people are called instead."""

    class Why(models.TextChoices):
        BOUNCED = "bounced", _("mail to it came back")
        REFUSED = "refused", _("its mail server refused it")
        COMPLAINED = "complained", _("its reader called our mail unwanted")

    address_index = models.CharField(max_length=64)
    why = models.CharField(max_length=10, choices=Why.choices)
    code = models.CharField(max_length=32, blank=True, help_text=_("what the mail server said, as a code"))
    at = models.DateTimeField()
    handled_at = models.DateTimeField(null=True, blank=True)
    handled_by = models.ForeignKey(StaffMember, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    lifted_at = models.DateTimeField(null=True, blank=True)
    lifted_by = models.ForeignKey(StaffMember, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    objects = SuppressionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["address_index"], condition=Q(lifted_at=None), name="suppression_once_while_active"
            ),
            models.CheckConstraint(
                condition=Q(handled_at=None, handled_by=None) | Q(handled_at__isnull=False, handled_by__isnull=False),
                name="suppression_handled_has_both",
            ),
            models.CheckConstraint(
                condition=Q(lifted_at=None, lifted_by=None) | Q(lifted_at__isnull=False, lifted_by__isnull=False),
                name="suppression_lifted_has_both",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.why} {self.pk}"


class Canary(models.Model):
    """One hour's letter to ourselves: see `canary`. `try_at` is null once it was sent."""

    due_at = models.DateTimeField(unique=True, help_text=_("the whole hour"))
    try_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    last_reply = models.CharField(max_length=32, blank=True)

    class Meta:
        verbose_name_plural = _("canaries")
        constraints = [
            models.CheckConstraint(
                condition=Q(try_at=None, sent_at__isnull=False) | Q(try_at__isnull=False, sent_at=None),
                name="canary_tried_until_sent",
            )
        ]

    def __str__(self) -> str:
        return f"canary of {self.due_at:%Y-%m-%d %H:%M}"

    @property
    def message_id(self) -> str:
        """The same at every try."""
        return f"<canary.{self.due_at:%Y%m%dT%H}@{settings.MESSAGE_ID_DOMAIN}>"


class PlannedRules(models.Model):
    """The reminder rules of an appointment type by which the reminders of its calls are planned now.

    When they differ from the type's own, somebody has changed those since: see `replanning`.
    """

    appointment_type = models.OneToOneField(
        AppointmentType, primary_key=True, on_delete=models.CASCADE, related_name="planned_rules"
    )
    offsets_minutes = ArrayField(models.PositiveIntegerField(), default=list, blank=True)
    quiet_minutes = models.PositiveIntegerField()

    class Meta:
        verbose_name_plural = _("planned rules")

    def __str__(self) -> str:
        return f"{self.appointment_type_id}: {self.offsets_minutes}, {self.quiet_minutes}"


class LetterText(models.Model):
    """One version of what a kind of letter says to patients in one language, written by staff.

    The highest version is in force; one without a body means the standard text. Versions are never changed or deleted:
    together they say who changed what, and when.
    """

    kind = models.CharField(max_length=24)
    language = models.CharField(max_length=2)
    version = models.PositiveIntegerField()
    subject = models.CharField(max_length=120, blank=True)
    body = models.TextField(max_length=4000, blank=True)
    by = models.ForeignKey(StaffMember, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["kind", "language", "-version"]
        constraints = [
            models.UniqueConstraint(fields=["kind", "language", "version"], name="letter_text_version_once"),
            models.CheckConstraint(condition=Q(language__in=["en", "es"]), name="letter_text_language_known"),
            models.CheckConstraint(
                condition=Q(subject="", body="") | ~Q(subject="") & ~Q(body=""), name="letter_text_whole_or_standard"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.language} {self.version}"


class Heartbeat(models.Model):
    """When a process of ours was last heard of."""

    WORKER, BEAT = "worker", "beat"

    name = models.CharField(max_length=16, primary_key=True)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.name} {self.at:%Y-%m-%d %H:%M:%S}"

    @classmethod
    def record(cls, name: str, *, now: datetime) -> None:
        cls.objects.update_or_create(name=name, defaults={"at": now})
