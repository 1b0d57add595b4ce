"""Who belongs to the clinic: invited by a manager, with one role, until somebody closes the account."""

import datetime as dt
import secrets

from django.contrib.auth.password_validation import validate_password
from django.db import models, transaction
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from inquiries import trail
from inquiries.privacy import token_digest
from inquiries.staff import ApiToken, StaffMember
from inquiries.trail import Kind


class LastManager(Exception):
    """A clinic without a manager could let nobody in. Make somebody else a manager first."""


class NotForManagers(Exception):
    """Only a superuser changes the account of a superuser."""


class InvitationQuerySet(models.QuerySet["Invitation"]):
    def open(self, now: dt.datetime) -> "InvitationQuerySet":
        return self.filter(accepted_at=None, revoked_at=None, expires_at__gt=now).order_by("-created_at", "pk")


class Invitation(models.Model):
    """A secret link with which one person makes their account: once, within 72 hours; only its SHA-256 is kept."""

    LIFETIME = dt.timedelta(hours=72)

    name = models.CharField(_("name"), max_length=120)
    email = models.EmailField(_("e-mail"))
    role = models.CharField(_("role"), max_length=16, choices=StaffMember.Role.choices)
    language = models.CharField(_("language"), max_length=2, default="en")
    digest = models.CharField(max_length=64, unique=True)
    invited_by = models.ForeignKey(StaffMember, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    accepted_at = models.DateTimeField(null=True, blank=True)

    objects = InvitationQuerySet.as_manager()

    class Meta:
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")
        constraints = [
            models.CheckConstraint(
                condition=Q(role__in=["coordinator", "practitioner", "manager"]), name="invitation_role_known"
            ),
            models.CheckConstraint(condition=Q(expires_at__gt=F("created_at")), name="invitation_expires_later"),
            models.CheckConstraint(
                condition=Q(accepted_at=None) | Q(revoked_at=None), name="invitation_not_accepted_and_revoked"
            ),
        ]

    def __str__(self) -> str:
        return f"invitation {self.pk}"


@transaction.atomic
def invite(
    *, name: str, email: str, role: str, language: str, by: StaffMember, now: dt.datetime
) -> tuple[Invitation, str]:
    """The invitation and its token, of which this is the only copy; an open one to the same address ends."""
    for older in Invitation.objects.open(now).filter(email__iexact=email).select_for_update():
        revoke(invitation=older, by=by, now=now)
    token = secrets.token_urlsafe(32)
    invitation = Invitation.objects.create(
        name=name,
        email=email,
        role=role,
        language=language,
        digest=token_digest(token),
        invited_by=by,
        created_at=now,
        expires_at=now + Invitation.LIFETIME,
    )
    trail.record(Kind.INVITED, by=by, facts={"role": role, "invitation": invitation.pk}, now=now)
    return invitation, token


@transaction.atomic
def revoke(*, invitation: Invitation, by: StaffMember, now: dt.datetime) -> bool:
    """Whether there was something to withdraw."""
    done = Invitation.objects.open(now).order_by().filter(pk=invitation.pk).update(revoked_at=now)
    if done:
        trail.record(Kind.INVITATION_REVOKED, by=by, facts={"invitation": invitation.pk}, now=now)
    return bool(done)


def invitation_of(token: str, *, now: dt.datetime) -> Invitation | None:
    """None alike for unknown, used, withdrawn and expired."""
    return Invitation.objects.open(now).filter(digest=token_digest(token)).first()


@transaction.atomic
def accept(*, invitation: Invitation, username: str, password: str, now: dt.datetime) -> StaffMember | None:
    """The new account; None when the invitation is no longer open. Raises ValidationError, and keeps nothing then."""
    if not Invitation.objects.open(now).order_by().filter(pk=invitation.pk).update(accepted_at=now):
        return None
    first, _space, last = invitation.name.partition(" ")
    facts = {"email": invitation.email, "role": invitation.role, "language": invitation.language}
    member = StaffMember(username=username, first_name=first, last_name=last, **facts)
    validate_password(password, member)
    member.set_password(password)
    member.full_clean()
    member.save()
    trail.record(Kind.JOINED, about=member, facts={"role": member.role, "invitation": invitation.pk}, now=now)
    return member


@transaction.atomic
def change_role(*, member: StaffMember, role: str, by: StaffMember, now: dt.datetime) -> None:
    """Raises LastManager and NotForManagers."""
    before = _locked(member, by).role
    if before == role:
        return
    if role != StaffMember.Role.MANAGER:
        _somebody_else_manages(member)
    StaffMember.objects.filter(pk=member.pk).update(role=role)
    trail.record(Kind.ROLE_CHANGED, about=member, by=by, facts={"from": before, "to": role}, now=now)


@transaction.atomic
def deactivate(*, member: StaffMember, by: StaffMember, now: dt.datetime) -> None:
    """Nobody signs in with it any more, and its tokens end. Raises LastManager and NotForManagers."""
    if not _locked(member, by).is_active:
        return
    _somebody_else_manages(member)
    StaffMember.objects.filter(pk=member.pk).update(is_active=False)
    ApiToken.objects.filter(staff_member=member, revoked_at=None).update(revoked_at=now)
    trail.record(Kind.DEACTIVATED, about=member, by=by, now=now)


@transaction.atomic
def reactivate(*, member: StaffMember, by: StaffMember, now: dt.datetime) -> None:
    """Raises NotForManagers. Its tokens stay ended."""
    if StaffMember.objects.filter(pk=_locked(member, by).pk, is_active=False).update(is_active=True):
        trail.record(Kind.REACTIVATED, about=member, by=by, now=now)


def _locked(member: StaffMember, by: StaffMember) -> StaffMember:
    """The account as it is now; managers' rows are locked, so that two of them cannot close each other's at once."""
    list(StaffMember.objects.select_for_update().filter(Q(pk=member.pk) | _MANAGES).order_by("pk"))
    found = StaffMember.objects.get(pk=member.pk)
    if found.is_superuser and not by.is_superuser:
        raise NotForManagers
    return found


_MANAGES = Q(is_active=True) & (Q(role=StaffMember.Role.MANAGER) | Q(is_superuser=True))


def _somebody_else_manages(member: StaffMember) -> None:
    managers = StaffMember.objects.filter(_MANAGES)
    if managers.filter(pk=member.pk).exists() and not managers.exclude(pk=member.pk).exists():
        raise LastManager
