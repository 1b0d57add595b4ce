"""What somebody of staff was typing when they were signed off: kept sealed for a day, for them alone."""

import datetime as dt
import json
import uuid
from collections.abc import Mapping

from django.db import models, transaction

from inquiries.privacy import EncryptedTextField
from inquiries.staff import StaffMember

LIFETIME = dt.timedelta(days=1)
NEVER_KEPT = {"csrfmiddlewaretoken", "version", "back", "next", "password", "draft-of", "number", "result", "outcome"}
TICK = "asked-"
MOST_CHARACTERS = 10_000


class DraftQuerySet(models.QuerySet["Draft"]):
    def of(self, member: StaffMember, now: dt.datetime) -> "DraftQuerySet":
        return self.filter(staff_member=member, saved_at__gt=now - LIFETIME).order_by("-saved_at", "pk")


class Draft(models.Model):
    """The fields of one form (its address, which names no person) as one person left them."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    staff_member = models.ForeignKey(StaffMember, on_delete=models.CASCADE, related_name="drafts")
    form = models.CharField(max_length=200)
    fields = EncryptedTextField(default="")
    saved_at = models.DateTimeField()

    objects = DraftQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["staff_member", "form"], name="draft_of_form_once")]

    def __str__(self) -> str:
        return f"draft {self.pk}"

    @property
    def texts(self) -> list[str]:
        """What was typed, field by field."""
        return list(json.loads(self.fields.reveal() or "{}").values())


@transaction.atomic
def keep(*, member: StaffMember, form: str, typed: Mapping[str, str], now: dt.datetime) -> None:
    """The newest text of the form replaces the one before; a form left empty keeps none."""
    written = {name: text.strip() for name, text in typed.items() if not name.startswith(TICK)}
    texts = {name: text for name, text in written.items() if text and name not in NEVER_KEPT}
    Draft.objects.filter(staff_member=member, form=form).delete()
    if texts and sum(map(len, texts.values())) <= MOST_CHARACTERS:
        Draft.objects.create(staff_member=member, form=form[:200], fields=json.dumps(texts), saved_at=now)


def forget_old(*, now: dt.datetime) -> int:
    """Delete what nobody came back for within a day; how many."""
    return Draft.objects.filter(saved_at__lte=now - LIFETIME).delete()[0]
