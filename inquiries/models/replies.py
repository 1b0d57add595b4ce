"""What was answered to a request that may be sent again."""

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _

from inquiries.privacy import EncryptedTextField


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
