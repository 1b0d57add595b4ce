"""The person who asks, what they asked, and the story of what happened since.

Personal facts live in two tables only, sealed: `Contact` (who, and how to reach them) and `Statement` (free text).
"""

import re
import secrets
import uuid
from datetime import datetime, timedelta

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import ExpressionWrapper, Q
from django.db.models.fields.json import KeyTransform
from django.utils.translation import gettext_lazy as _

from inquiries.clinic import ClinicProfile
from inquiries.drafts import Draft
from inquiries.links import LinkRequest
from inquiries.passages import Passage
from inquiries.privacy import EncryptedTextField, blind_index, token_digest
from inquiries.staff import ApiToken, StaffMember
from inquiries.team import Invitation
from inquiries.trail import AccountEvent

__all__ = [
    "DO_NOT_CONTACT",
    "AccessLink",
    "AccountEvent",
    "Activity",
    "ApiToken",
    "ClinicProfile",
    "Contact",
    "Draft",
    "IdempotentReply",
    "Inquiry",
    "InquiryQuerySet",
    "Invitation",
    "LinkRequest",
    "Passage",
    "StaffMember",
    "Statement",
]


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
                    set_aside__in=["", "no_key", "too_fast", "often", "holds_enough", "source", "unproven"],
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
            # the queue's urgent strip
            models.Index(
                fields=["created_at"],
                name="inquiry_urgent",
                condition=Q(needs_help_now="yes", acknowledged_at=None, set_aside=""),
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


class Contact(models.Model):
    """Who asked and how to reach them: the first of the two tables of personal facts."""

    inquiry = models.OneToOneField(Inquiry, primary_key=True, on_delete=models.CASCADE, related_name="contact")
    given_name = EncryptedTextField(default="")
    family_name = EncryptedTextField(default="")
    preferred_name = EncryptedTextField(default="")
    email = EncryptedTextField(default="")
    phone = EncryptedTextField(default="")
    email_index = models.CharField(max_length=64, blank=True, db_index=True)
    phone_index = models.CharField(max_length=64, blank=True, db_index=True)
    name_indexes = ArrayField(models.CharField(max_length=64), default=list)

    def __str__(self) -> str:
        return f"contact of {self.inquiry_id}"

    @property
    def called(self) -> str:
        """How to address them: the preferred name, else the given one. '' after erasure."""
        return str(self.preferred_name.reveal() or self.given_name.reveal())

    @property
    def full_name(self) -> str:
        return " ".join(filter(None, (self.given_name.reveal(), self.family_name.reveal())))


class Statement(models.Model):
    """Free text about a person, theirs or staff's: the second of the two tables of personal facts."""

    class Kind(models.TextChoices):
        MESSAGE = "message", _("Message")
        CONCERNS = "concerns", _("Concerns")
        NOTE = "note", _("Note")
        OUTCOME = "outcome", _("Outcome of the call")
        ANSWER = "answer", _("Answer to a question of the checklist")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    inquiry = models.ForeignKey(Inquiry, on_delete=models.CASCADE, related_name="statements")
    kind = models.CharField(max_length=8, choices=Kind.choices)
    text = EncryptedTextField(default="")
    written_at = models.DateTimeField()
    written_by = models.ForeignKey(StaffMember, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["written_at", "pk"]

    def __str__(self) -> str:
        return f"{self.kind} of {self.inquiry_id}"


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


class AccessLink(models.Model):
    """A patient's secret link to their own page: 256 random bits of which only the SHA-256 is kept."""

    LIFETIME = timedelta(days=60)

    inquiry = models.ForeignKey(Inquiry, on_delete=models.CASCADE, related_name="links")
    digest = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"link {self.pk} of {self.inquiry_id}"

    @classmethod
    def issue(cls, *, inquiry: Inquiry, now: datetime) -> str:
        """A new link's token; the returned text is the only copy."""
        token = secrets.token_urlsafe(32)
        cls.objects.create(inquiry=inquiry, digest=token_digest(token), created_at=now, expires_at=now + cls.LIFETIME)
        return token

    @classmethod
    def find(cls, token: str, *, now: datetime) -> "AccessLink | None":
        """The usable link of this token; None alike for unknown, expired and revoked."""
        usable = cls.objects.filter(digest=token_digest(token), revoked_at=None, expires_at__gt=now)
        return usable.select_related("inquiry__contact").first()


class IdempotentReply(models.Model):
    """The answer given for an `Idempotency-Key`, sealed because it holds the patient's link."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    scope = models.CharField(max_length=32)
    key_digest = models.CharField(max_length=64)
    request_digest = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(default=0)
    body = EncryptedTextField(default="")
    created_at = models.DateTimeField(db_index=True)

    class Meta:
        verbose_name_plural = _("idempotent replies")
        constraints = [models.UniqueConstraint(fields=["scope", "key_digest"], name="idempotency_key_once")]

    def __str__(self) -> str:
        return f"reply {self.pk}"
