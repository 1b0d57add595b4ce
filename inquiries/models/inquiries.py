"""Somebody asked to be contacted: what they wish, and how far we are with it. No personal fact is here."""

import re
import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import ExpressionWrapper, Q
from django.db.models.fields.json import KeyTransform
from django.utils.translation import gettext_lazy as _

from inquiries.privacy import blind_index
from inquiries.staff import StaffMember

# Why an inquiry is closed whose person asked for nothing more to be sent.
DO_NOT_CONTACT = "do_not_contact"
REFERENCE = re.compile(r"[0-9a-fA-F]{8}")


class InquiryQuerySet(models.QuerySet["Inquiry"]):
    def admitted(self) -> "InquiryQuerySet":
        """All but those set aside as perhaps a program's."""
        return self.filter(set_aside="")

    def to_look_at(self) -> "InquiryQuerySet":
        """Set aside, and nobody has said yet whether a person sent it; who needs help today first, then the newest."""
        waiting = self.exclude(set_aside="").exclude(status=Inquiry.Status.CLOSED)
        needs_help = ExpressionWrapper(Q(needs_help_now=Inquiry.NeedsHelp.YES), models.BooleanField())
        return waiting.order_by(needs_help.desc(), "-created_at", "pk")

    def awaiting_first_contact(self) -> "InquiryQuerySet":
        return self.admitted().filter(status=Inquiry.Status.NEW).order_by("created_at", "pk")

    def needing_help(self) -> "InquiryQuerySet":
        """Somebody said that they need help today, and nobody has acknowledged it; perhaps a program did."""
        dealt_with = ~Q(set_aside="") & Q(status=Inquiry.Status.CLOSED)
        return self.filter(~dealt_with, needs_help_now=Inquiry.NeedsHelp.YES, acknowledged_at=None)

    def urgent(self) -> "InquiryQuerySet":
        """The same, of people for all we know."""
        return self.admitted().filter(needs_help_now=Inquiry.NeedsHelp.YES, acknowledged_at=None)

    def to_send_a_link(self, email_index: str) -> "InquiryQuerySet":
        """Those of an address that are not closed, the newest first; the newest of all when every one is."""
        known = self.admitted().filter(contact__email_index=email_index, erasure_requested_at=None, erased_at=None)
        known = known.order_by("-created_at", "pk")
        still_open = known.exclude(status=Inquiry.Status.CLOSED)
        return still_open if still_open.exists() else known[:1]

    def of_same_person(self, inquiry: "Inquiry") -> "InquiryQuerySet":
        contact = inquiry.contact
        same = Q(pk=None)
        if contact.email_index:
            same |= Q(contact__email_index=contact.email_index)
        if contact.phone_index:
            same |= Q(contact__phone_index=contact.phone_index)
        return self.filter(same).exclude(pk=inquiry.pk).order_by("-created_at", "pk")

    def matching(self, words: str) -> "InquiryQuerySet":
        """Inquiries whose reference, e-mail, phone or a name equals one of the words; sealed facts allow no parts."""
        found = Q(pk=None)
        for word in words.split():
            found |= Q(contact__email_index=blind_index("email", word))
            found |= Q(contact__phone_index=blind_index("phone", word))
            found |= Q(contact__name_indexes__contains=[blind_index("name", word)])
            if REFERENCE.fullmatch(word):
                found |= Q(pk__range=(uuid.UUID(word + "0" * 24), uuid.UUID(word + "f" * 24)))
        return self.filter(found)


class Inquiry(models.Model):
    """Somebody asked to be contacted.

    ::

        new ──(staff act, or an appointment is booked)──> open ──close──> closed ──reopen──> open
    """

    class Status(models.TextChoices):
        NEW = "new", _("New")
        OPEN = "open", _("Open")
        CLOSED = "closed", _("Closed")

    class NeedsHelp(models.TextChoices):
        YES = "yes", _("Yes")
        NO = "no", _("No")
        UNSAID = "prefer_not_to_say", _("Prefer not to say")

    class SetAside(models.TextChoices):
        """Why a program may have sent it; it holds no time and nobody is written to until staff admit it."""

        NO_KEY = "no_key", _("Sent without opening the form")
        TOO_FAST = "too_fast", _("Filled in faster than a person can")
        OFTEN = "often", _("Many requests of this e-mail or phone within an hour")
        PAGE_AGAIN = "page_again", _("Sent over and over from one opening of the form")
        HOLDS_ENOUGH = "holds_enough", _("Holds other times already")
        SOURCE = "source", _("Many times held from the same place within an hour")
        UNPROVEN = "unproven", _("Came during a flood, without the proof that a browser makes")

    NOT_CLOSED = (Status.NEW, Status.OPEN)

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    created_at = models.DateTimeField(db_index=True)
    status = models.CharField(max_length=8, choices=Status.choices, default=Status.NEW)
    preferred_language = models.CharField(max_length=2, default="en")
    time_zone = models.CharField(max_length=64)
    needs_help_now = models.CharField(max_length=20, choices=NeedsHelp.choices, default=NeedsHelp.UNSAID)
    acknowledged_at = models.DateTimeField(null=True, blank=True)
    acknowledged_by = models.ForeignKey(StaffMember, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    contact_by = ArrayField(models.CharField(max_length=8), default=list)
    voicemail_ok = models.BooleanField(default=False)
    discreet = models.BooleanField(default=False)
    consent_contact_at = models.DateTimeField()
    consent_reminders_at = models.DateTimeField(null=True, blank=True)
    consent_text_version = models.CharField(max_length=16)
    preferred_windows = models.JSONField(default=list, blank=True)
    set_aside = models.CharField(max_length=16, choices=SetAside.choices, blank=True)
    wants_call_back = models.BooleanField(default=False, help_text=_("any time may do: agree on one with them"))
    source = models.JSONField(default=dict, blank=True)
    assigned_to = models.ForeignKey(StaffMember, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_reason = models.CharField(max_length=32, blank=True)
    erasure_requested_at = models.DateTimeField(null=True, blank=True)
    erased_at = models.DateTimeField(null=True, blank=True)
    # The head of the story's chain; the row lock on it puts activities of one inquiry in order.
    activity_count = models.PositiveIntegerField(default=0)
    story_digest = models.CharField(max_length=64, blank=True)

    objects = InquiryQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "pk"]
        verbose_name = _("inquiry")
        verbose_name_plural = _("inquiries")
        constraints = [
            models.CheckConstraint(condition=Q(status__in=["new", "open", "closed"]), name="inquiry_status_known"),
            models.CheckConstraint(
                condition=Q(
                    set_aside__in=[
                        *("", "no_key", "too_fast", "often", "page_again", "holds_enough", "source", "unproven"),
                    ],
                ),
                name="inquiry_set_aside_known",
            ),
            models.CheckConstraint(
                condition=Q(status="closed", closed_at__isnull=False) | (~Q(status="closed") & Q(closed_at=None)),
                name="inquiry_closed_has_moment",
            ),
            models.CheckConstraint(
                condition=Q(acknowledged_at=None, acknowledged_by=None)
                | Q(acknowledged_at__isnull=False, acknowledged_by__isnull=False),
                name="inquiry_acknowledged_has_both",
            ),
        ]
        indexes = [
            # the queue's urgent strip, and whom somebody has lately taken on
            models.Index(
                fields=["set_aside", "created_at", "id"],
                name="inquiry_needs_help",
                condition=Q(needs_help_now="yes", acknowledged_at=None),
            ),
            models.Index(
                fields=["acknowledged_at"],
                name="inquiry_taken_on",
                condition=Q(needs_help_now="yes", acknowledged_at__isnull=False),
            ),
            # those whom nobody has contacted yet, however many are settled
            models.Index(fields=["created_at", "id"], name="inquiry_new", condition=Q(status="new", set_aside="")),
            models.Index(
                fields=["created_at", "id"],
                name="inquiry_to_look_at",
                condition=~Q(set_aside="") & ~Q(status="closed"),
            ),
            # the list of inquiries, by its filters
            models.Index(
                fields=["-created_at", "id"], name="inquiry_not_closed", condition=Q(status__in=["new", "open"])
            ),
            models.Index(
                fields=["assigned_to", "-created_at"],
                name="inquiry_assigned",
                condition=Q(assigned_to__isnull=False),
            ),
            models.Index(KeyTransform("utm_source", "source"), models.F("created_at").desc(), name="inquiry_source"),
        ]

    def __str__(self) -> str:
        return f"inquiry {self.reference}"

    @property
    def reference(self) -> str:
        """Eight characters that a person can say on the phone; not a secret, and not a fact about anybody."""
        return self.pk.hex[:8].upper()

    @property
    def is_urgent(self) -> bool:
        """What the queue's urgent strip shows; one that is set aside stands on a list of its own."""
        return self.needs_help_now == self.NeedsHelp.YES and self.acknowledged_at is None and not self.set_aside

    @property
    def reachable_by_email(self) -> bool:
        """Whether we may and can write to them; the contact is loaded."""
        return bool(self.contact.email_index) and (not self.contact_by or "email" in self.contact_by)

    @property
    def is_not_to_be_contacted(self) -> bool:
        """They asked for it; opening the inquiry again ends it."""
        return self.status == self.Status.CLOSED and self.closed_reason == DO_NOT_CONTACT

    @property
    def reminders_ok(self) -> bool:
        return self.consent_reminders_at is not None
