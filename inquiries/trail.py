"""The trail of the accounts: who came in, who failed to, and what changed about whom. Append-only, like the story.

It is also what guessing is counted by, so that a dead Redis opens no door: failures are rows of PostgreSQL.
"""

import datetime as dt
from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from inquiries.privacy import blind_index
from inquiries.staff import StaffMember


class AccountEventQuerySet(models.QuerySet["AccountEvent"]):
    def lately(self) -> "AccountEventQuerySet":
        return self.select_related("staff_member", "by").order_by("-pk")


class AccountEvent(models.Model):
    """One thing that happened to an account. `facts` holds no personal fact and no secret.

    `try_index` is a keyed digest of what was tried from where, `place_index` of where: addresses are not kept.
    """

    class Kind(models.TextChoices):
        SIGNED_IN = "signed_in", _("Signed in")
        SIGN_IN_FAILED = "sign_in_failed", _("Sign-in failed")
        CODE_FAILED = "code_failed", _("Second step failed")
        RESET_ASKED = "reset_asked", _("New password asked for")
        PASSWORD_RESET = "password_reset", _("Password replaced by mail")
        PASSWORD_CHANGED = "password_changed", _("Password changed")
        TOTP_ADDED = "totp_added", _("Authenticator app added")
        TOTP_REMOVED = "totp_removed", _("Authenticator app removed")
        KEY_ADDED = "key_added", _("Security key added")
        KEY_REMOVED = "key_removed", _("Security key removed")
        CODES_MADE = "codes_made", _("Recovery codes made")
        SESSIONS_ENDED = "sessions_ended", _("Sessions ended")
        INVITED = "invited", _("Invited")
        INVITATION_REVOKED = "invitation_revoked", _("Invitation withdrawn")
        JOINED = "joined", _("Joined")
        ROLE_CHANGED = "role_changed", _("Role changed")
        DEACTIVATED = "deactivated", _("Deactivated")
        REACTIVATED = "reactivated", _("Reactivated")

    at = models.DateTimeField()
    kind = models.CharField(max_length=24, choices=Kind.choices)
    staff_member = models.ForeignKey(
        StaffMember, null=True, blank=True, on_delete=models.PROTECT, related_name="+", help_text=_("about whom")
    )
    by = models.ForeignKey(StaffMember, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    facts = models.JSONField(default=dict, blank=True)
    try_index = models.CharField(max_length=64, blank=True)
    place_index = models.CharField(max_length=64, blank=True)

    objects = AccountEventQuerySet.as_manager()

    class Meta:
        verbose_name = _("account event")
        verbose_name_plural = _("account events")
        indexes = [
            models.Index(fields=["try_index", "-at"], name="account_tries", condition=~models.Q(try_index="")),
            models.Index(fields=["place_index", "-at"], name="account_places", condition=~models.Q(place_index="")),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"


Kind = AccountEvent.Kind


def record(
    kind: str,
    *,
    now: dt.datetime,
    about: StaffMember | None = None,
    by: StaffMember | None = None,
    facts: dict[str, Any] | None = None,
    tried: str = "",
    place: str = "",
) -> AccountEvent:
    """`tried` and `place` are kept as digests only; `by` is whoever did it where that is not the person themselves."""
    return AccountEvent.objects.create(
        kind=kind,
        at=now,
        staff_member=about,
        by=by,
        facts=facts or {},
        try_index=blind_index("tried", tried) if tried else "",
        place_index=blind_index("place", place) if place else "",
    )


def is_guessing(*, tried: str, place: str = "", now: dt.datetime) -> bool:
    """Whether too much of this has failed of late: since it last succeeded, or from this place."""
    allowed, seconds = settings.THROTTLES["login"]
    since = now - dt.timedelta(seconds=seconds)
    tries = AccountEvent.objects.filter(try_index=blind_index("tried", tried), at__gt=since)
    succeeded = tries.filter(kind=Kind.SIGNED_IN).order_by("-at").first()
    failed = tries.exclude(kind=Kind.SIGNED_IN)
    if failed.filter(at__gt=succeeded.at if succeeded else since).count() >= allowed:
        return True
    if not place:
        return False
    allowed, seconds = settings.THROTTLES["login_place"]
    since = now - dt.timedelta(seconds=seconds)
    here = AccountEvent.objects.filter(place_index=blind_index("place", place), at__gt=since)
    return bool(here.filter(kind=Kind.SIGN_IN_FAILED).count() >= allowed)


def count_of(tried: str, *, now: dt.datetime) -> int:
    """How often it was tried in the last hour."""
    since = now - dt.timedelta(hours=1)
    return AccountEvent.objects.filter(try_index=blind_index("tried", tried), at__gt=since).count()
