"""How allauth serves this house: no open sign-up, one throttle that needs no Redis, one trail, sealed secrets."""

import ipaddress
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.flows.login import get_authentication_records
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.mfa.stages import AuthenticateStage
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from config.accounts import post
from config.accounts.second_factor import MAIN_FACTORS, forget, is_required
from config.accounts.sessions import end_sessions
from inquiries import trail
from inquiries.api.throttles import visitor_of
from inquiries.clinic import clinic
from inquiries.drafts import Draft
from inquiries.models import StaffMember
from inquiries.privacy import seal, unseal
from inquiries.trail import Kind

MISMATCH = _("This username and password do not fit together. Check both and try again.")
TOO_MANY = _("Too many attempts. Wait five minutes, then try again.")
SEALED_AT = "mfa_authenticator:data:secret"
# What allauth would mail a notice about, in the words of our trail.
NOTICES = {
    "account/email/password_changed": Kind.PASSWORD_CHANGED,
    "account/email/password_reset": Kind.PASSWORD_RESET,
    "mfa/email/totp_activated": Kind.TOTP_ADDED,
    "mfa/email/totp_deactivated": Kind.TOTP_REMOVED,
    "mfa/email/webauthn_added": Kind.KEY_ADDED,
    "mfa/email/webauthn_removed": Kind.KEY_REMOVED,
    "mfa/email/recovery_codes_generated": Kind.CODES_MADE,
}
RESETS_AN_HOUR = 3


def place_of(request: HttpRequest) -> str:
    """Where a request comes from: its IPv4 address, or the /64 that its IPv6 address is one of."""
    address = visitor_of(request)
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return str(request.META.get("REMOTE_ADDR") or "127.0.0.1")
    return str(ipaddress.ip_network(f"{found}/64", strict=False).network_address) if found.version == 6 else str(found)


class Accounts(DefaultAccountAdapter):
    error_messages = DefaultAccountAdapter.error_messages | {
        "username_password_mismatch": MISMATCH,
        "incorrect_password": _("This is not your password."),
        "enter_current_password": _("This is not your password."),
        "too_many_login_attempts": TOO_MANY,
        "rate_limited": TOO_MANY,
        "incorrect_code": _("This code is not right, or no longer. Enter the newest one."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def get_login_stages(self) -> list[str]:
        return [f"{AuthenticateStage.__module__}.{AuthenticateStage.__name__}"]

    def get_client_ip(self, request: HttpRequest) -> str:
        return place_of(request)

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        if trail.is_guessing(tried=_tried(request, credentials), place=place_of(request), now=timezone.now()):
            raise self.validation_error("too_many_login_attempts")

    def authenticate(self, request: HttpRequest, **credentials: Any) -> StaffMember | None:
        """The person; a disabled account's password is as wrong as any other."""
        member = super().authenticate(request, **credentials)
        if isinstance(member, StaffMember) and not member.is_active:
            self.authentication_failed(request, **credentials)
            return None
        return member if isinstance(member, StaffMember) else None

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        about = StaffMember.objects.filter(username__iexact=credentials.get("username", "")).first()
        tried, place = _tried(request, credentials), place_of(request)
        trail.record(Kind.SIGN_IN_FAILED, about=about, tried=tried, place=place, now=timezone.now())

    def post_login(self, request: HttpRequest, user: Any, **facts: Any) -> HttpResponse:
        methods = [str(each.get("type", each["method"])) for each in get_authentication_records(request, user)]
        tried = _tried(request, {"username": user.username})
        trail.record(Kind.SIGNED_IN, about=user, facts={"by": methods}, tried=tried, now=timezone.now())
        if Draft.objects.of(user, timezone.now()).exists():
            words = _("What you were typing is kept:")
            messages.info(request, format_html('{} <a href="/desk/drafts/">{}</a>', words, _("unsent texts")))
        response: HttpResponse = super().post_login(request, user, **facts)
        return response

    def respond_user_inactive(self, request: HttpRequest, user: Any) -> HttpResponse:
        messages.error(request, MISMATCH)
        return redirect("account_login")

    def send_password_reset_mail(self, user: Any, email: str, context: dict[str, Any]) -> None:
        """Three an hour for one person; whoever asks reads the same answer."""
        now, tried = timezone.now(), f"reset of {user.pk}"
        if not user.is_active or trail.count_of(tried, now=now) >= RESETS_AN_HOUR:
            return
        trail.record(Kind.RESET_ASKED, about=user, tried=tried, now=now)
        link = context["password_reset_url"]
        post.send("password_reset_key", to=email, language=user.language, user=user, password_reset_url=link)

    def send_notification_mail(
        self, template_prefix: str, user: Any, context: dict[str, Any] | None = None, email: str | None = None
    ) -> None:
        """Told to the trail, and to the person by mail: who did not do this themselves finds out."""
        kind = NOTICES.get(template_prefix)
        if kind is None:
            return
        trail.record(kind, about=user, now=timezone.now())
        if kind in (Kind.TOTP_REMOVED, Kind.KEY_REMOVED):
            forget(self.request)
        if kind in (Kind.PASSWORD_CHANGED, Kind.PASSWORD_RESET, Kind.TOTP_REMOVED, Kind.KEY_REMOVED):
            end_sessions(user, but=self.request.session.session_key)
        if user.email:
            post.send("notice", to=user.email, language=user.language, user=user, what=kind.label)


def _tried(request: HttpRequest, credentials: dict[str, Any]) -> str:
    return f"{place_of(request)}\0{credentials.get('username', '').strip().casefold()}"


class SecondFactors(DefaultMFAAdapter):
    """The secrets of second factors are sealed with FIELD_ENCRYPTION_KEYS."""

    error_messages = DefaultMFAAdapter.error_messages | {
        "incorrect_code": Accounts.error_messages["incorrect_code"],
        "cannot_delete_authenticator": _("Your account needs a second step. Add another one first."),
    }

    def encrypt(self, text: str) -> str:
        return seal(text, place=SEALED_AT)

    def decrypt(self, encrypted_text: str) -> str:
        return unseal(encrypted_text, place=SEALED_AT)

    def get_totp_issuer(self) -> str:
        return clinic().name

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        return {**super().get_public_key_credential_rp_entity(), "name": clinic().name}

    def _get_user_identifier(self, user: Any) -> str:
        return str(user.username)

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        member = authenticator.user
        others = Authenticator.objects.filter(user=member, type__in=MAIN_FACTORS).exclude(pk=authenticator.pk)
        return others.exists() or not is_required(member)
