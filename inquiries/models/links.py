"""A patient's way to their own page, and wishes for a fresh one, kept until the worker answers them."""

import secrets
from datetime import datetime, timedelta

from django.db import models

from inquiries.models.inquiries import Inquiry
from inquiries.privacy import token_digest


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
    def draw(cls, *, inquiry: Inquiry, now: datetime) -> tuple[str, "AccessLink"]:
        """A new link's token, of which the returned text is the only copy, and its row, not saved yet."""
        token = secrets.token_urlsafe(32)
        digest = token_digest(token)
        return token, cls(inquiry=inquiry, digest=digest, created_at=now, expires_at=now + cls.LIFETIME)

    @classmethod
    def issue(cls, *, inquiry: Inquiry, now: datetime) -> str:
        """A new link's token; the returned text is the only copy."""
        token, link = cls.draw(inquiry=inquiry, now=now)
        link.save()
        return token

    @classmethod
    def find(cls, token: str, *, now: datetime) -> "AccessLink | None":
        """The usable link of this token; None alike for unknown, expired and revoked."""
        usable = cls.objects.filter(digest=token_digest(token), revoked_at=None, expires_at__gt=now)
        return usable.select_related("inquiry__contact").first()


class LinkRequest(models.Model):
    """Somebody asked for a fresh link for an address, of which only the blind index is kept.

    Whether anybody has that address is looked up later, by the worker: the page takes as long for known and unknown.
    """

    email_index = models.CharField(max_length=64)
    asked_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"wish for a link {self.pk}"
