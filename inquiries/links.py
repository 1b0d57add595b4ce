"""Wishes for a fresh link, kept until the worker answers them."""

from django.db import models


class LinkRequest(models.Model):
    """Somebody asked for a fresh link for an address, of which only the blind index is kept.

    Whether anybody has that address is looked up later, by the worker: the page takes as long for known and unknown.
    """

    email_index = models.CharField(max_length=64)
    asked_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"wish for a link {self.pk}"
