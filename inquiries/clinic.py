"""What the clinic is called, how it is reached, how it looks: one row of managers; the environment says the rest.

Everybody who says the clinic's name asks `clinic()`. The row is read at most every `LASTS` seconds in each process, and
when the database does not answer, what was last known holds: error pages say the name too.
"""

import datetime as dt
import time
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from email.utils import formataddr, parseaddr
from functools import lru_cache
from hashlib import sha256
from typing import Any

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import DatabaseError, InterfaceError, connection, models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

LASTS = 10.0
PATIENCE_SECONDS = 4  # with a database that stands still: the page that names whom to call asks nothing else of it
# The name and the address of a sender, of which there are few.
parts_of = lru_cache(maxsize=8)(parseaddr)
LOGO_TYPES = {b"\x89PNG\r\n\x1a\n": "image/png", b"\xff\xd8\xff": "image/jpeg"}


class ClinicProfile(models.Model):
    """The one row; an empty field means what the environment says."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    name = models.CharField(max_length=80, blank=True)
    phone = models.CharField(max_length=32, blank=True)
    sender = models.EmailField(blank=True)
    staff_email = models.EmailField(blank=True)
    accent = models.CharField(max_length=7, blank=True, help_text=_("on light ground, #rrggbb"))
    accent_dark = models.CharField(max_length=7, blank=True, help_text=_("on dark ground, #rrggbb"))
    logo = models.BinaryField(blank=True, default=b"")
    logo_type = models.CharField(max_length=16, blank=True)
    logo_version = models.CharField(max_length=16, blank=True)
    # None: as configured; empty: none are kept
    holidays = models.CharField(max_length=16, null=True, blank=True, help_text=_("US or US-FL"))  # noqa: DJ001
    worked_holidays = ArrayField(models.DateField(), default=list, blank=True)

    class Meta:
        verbose_name = _("clinic")
        verbose_name_plural = _("clinic")
        constraints = [
            models.CheckConstraint(condition=Q(pk=1), name="clinic_is_one"),
            models.CheckConstraint(condition=Q(accent="") | Q(accent__regex="^#[0-9a-f]{6}$"), name="clinic_accent"),
            models.CheckConstraint(
                condition=Q(accent_dark="") | Q(accent_dark__regex="^#[0-9a-f]{6}$"), name="clinic_accent_dark"
            ),
            models.CheckConstraint(
                condition=Q(logo_type__in=["", *LOGO_TYPES.values()]), name="clinic_logo_type_known"
            ),
        ]

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True, slots=True)
class Clinic:
    """`sender` is a name and an address, as mail writes them; `holidays` '' means none."""

    name: str
    phone: str
    sender: str
    staff_emails: tuple[str, ...]
    holidays: str
    worked_holidays: frozenset[dt.date] = field(default_factory=frozenset)
    accent: str = ""
    accent_dark: str = ""
    logo_version: str = ""
    own_sender: str = ""
    own_staff_email: str = ""

    @property
    def theme_version(self) -> str:
        return (self.accent + self.accent_dark).replace("#", "")


class _Kept:
    """The row as it was last read; None: there is none."""

    row: dict[str, Any] | None = None
    until = 0.0


READ = (
    "name",
    "phone",
    "sender",
    "staff_email",
    "accent",
    "accent_dark",
    "logo_version",
    "holidays",
    "worked_holidays",
)


def clinic() -> Clinic:
    row = _row() or {}
    name, address = parts_of(settings.DEFAULT_FROM_EMAIL)
    place = row.get("holidays")
    return Clinic(
        name=row.get("name") or settings.CLINIC_NAME,
        phone=row.get("phone") or settings.CLINIC_PHONE,
        sender=formataddr((row.get("name") or name, row.get("sender") or address))
        if row
        else settings.DEFAULT_FROM_EMAIL,
        staff_emails=tuple(filter(None, (row.get("staff_email"), *settings.STAFF_EMAIL))),
        holidays=settings.CLINIC_HOLIDAYS if place is None else place,
        worked_holidays=frozenset(row.get("worked_holidays") or ()),
        accent=row.get("accent", ""),
        accent_dark=row.get("accent_dark", ""),
        logo_version=row.get("logo_version", ""),
        own_sender=row.get("sender", ""),
        own_staff_email=row.get("staff_email", ""),
    )


def _row() -> dict[str, Any] | None:
    if time.monotonic() >= _Kept.until:
        try:
            with _patience():
                known(ClinicProfile.objects.values(*READ).first())
        except (DatabaseError, InterfaceError):
            known(_Kept.row)
    return _Kept.row


def _patience() -> AbstractContextManager[None]:
    """Little, but in a transaction as much as the rest of it has: who gives up there loses what it did."""
    if connection.in_atomic_block:
        return nullcontext()
    found: AbstractContextManager[None] = connection.within(PATIENCE_SECONDS)  # type: ignore[attr-defined] # of config/database
    return found


def known(row: dict[str, Any] | None, *, lasts: float = LASTS) -> None:
    """Take this for the row for a while."""
    _Kept.row, _Kept.until = row, time.monotonic() + lasts


def change(**facts: Any) -> ClinicProfile:
    """Set some of the row's fields; seen at once in this process, within `LASTS` seconds in the others."""
    row, _is_new = ClinicProfile.objects.update_or_create(pk=1, defaults=facts)
    _Kept.until = 0.0
    return row


def logo_facts(data: bytes) -> dict[str, Any]:
    """The fields of an uploaded logo; empty when it is no picture that we serve."""
    kind = next((kind for mark, kind in LOGO_TYPES.items() if data.startswith(mark)), "")
    if not kind:
        return {}
    return {"logo": data, "logo_type": kind, "logo_version": sha256(data).hexdigest()[:16]}
