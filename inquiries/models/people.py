"""The two tables of personal facts, sealed: who asked and how to reach them, and what was written."""

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from inquiries.models.inquiries import Inquiry
from inquiries.privacy import EncryptedTextField
from inquiries.staff import StaffMember


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
