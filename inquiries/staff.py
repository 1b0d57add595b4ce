"""Staff accounts and their API tokens."""

import secrets
from datetime import datetime
from typing import ClassVar

from django.contrib.auth.models import AbstractUser, UserManager
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from inquiries.privacy import token_digest


class StaffMemberManager(UserManager["StaffMember"]):
    use_in_migrations = False

    def answering(self) -> models.QuerySet["StaffMember"]:
        """Those who can sign in and answer requests: everybody but practitioners."""
        practitioners = Q(role=StaffMember.Role.PRACTITIONER, is_superuser=False)
        return self.filter(is_active=True).exclude(practitioners)


class StaffMember(AbstractUser):
    """A named person of the clinic; there are no shared accounts."""

    class Role(models.TextChoices):
        COORDINATOR = "coordinator", _("Coordinator")
        PRACTITIONER = "practitioner", _("Practitioner")
        MANAGER = "manager", _("Manager")

    role = models.CharField(max_length=16, choices=Role.choices, default=Role.COORDINATOR)
    language = models.CharField(max_length=2, default="en")

    objects: ClassVar[StaffMemberManager] = StaffMemberManager()

    class Meta:
        verbose_name = _("staff member")
        verbose_name_plural = _("staff members")
        constraints = [
            models.CheckConstraint(
                condition=Q(role__in=["coordinator", "practitioner", "manager"]), name="staff_role_known"
            )
        ]

    @property
    def is_manager(self) -> bool:
        return self.role == self.Role.MANAGER or self.is_superuser

    @property
    def is_practitioner(self) -> bool:
        """Sees their own calls only (`scheduling.policy`)."""
        return self.role == self.Role.PRACTITIONER and not self.is_superuser

    @property
    def display_name(self) -> str:
        return self.get_full_name() or self.username


class ApiTokenQuerySet(models.QuerySet["ApiToken"]):
    def usable(self) -> "ApiTokenQuerySet":
        return self.filter(revoked_at=None, staff_member__is_active=True)

    def for_bearer(self, token: str) -> "ApiToken | None":
        return self.usable().select_related("staff_member").filter(digest=token_digest(token)).first()


class ApiToken(models.Model):
    """A bearer token of the desk API; only its SHA-256 is kept."""

    staff_member = models.ForeignKey(StaffMember, on_delete=models.CASCADE, related_name="api_tokens")
    digest = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)

    objects = ApiTokenQuerySet.as_manager()

    def __str__(self) -> str:
        return f"token {self.pk} of {self.staff_member_id}"

    def revoke(self, *, now: datetime) -> None:
        """It opens nothing any more; revoking again changes nothing."""
        ApiToken.objects.filter(pk=self.pk, revoked_at=None).update(revoked_at=now)

    @classmethod
    def issue(cls, *, staff_member: StaffMember, now: datetime) -> str:
        """A new token for the staff member; the returned text is the only copy."""
        token = secrets.token_urlsafe(32)
        cls.objects.create(staff_member=staff_member, digest=token_digest(token), created_at=now)
        return token
