import re
import time
from typing import Any

import pytest
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, generate_totp_secret, hotp_value
from allauth.usersessions.models import UserSession
from django.core import mail
from django.test import Client
from django.utils import timezone

from inquiries import team
from inquiries.models import Invitation, StaffMember
from tests.factories import a_staff_member

PASSWORD = "correct horse battery staple"


@pytest.fixture(autouse=True)
def _quick_hashes(settings: Any) -> None:
    """A password is hashed a million times over in earnest; here that only costs time."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"


def a_person(username: str = "cleo", **facts: Any) -> StaffMember:
    """Somebody who can sign in."""
    member = a_staff_member(username, **facts)
    member.set_password(PASSWORD)
    member.save()
    return member


def sign_in(client: Client, username: str = "cleo", password: str = PASSWORD, **extra: Any) -> Any:
    return client.post("/accounts/login/", {"login": username, "password": password}, **extra)


def an_app_of(member: StaffMember) -> str:
    """The member's new authenticator app: its secret."""
    secret = generate_totp_secret()
    TOTP.activate(member, secret)
    return secret


def recovery_codes_of(member: StaffMember) -> list[str]:
    return RecoveryCodes.activate(member).get_unused_codes()


def code_of(secret: str) -> str:
    """What the app shows now."""
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30))


def an_invitation() -> Invitation:
    by = a_staff_member("boss", role="manager")
    facts = {"name": "Noa Kim", "email": "noa@example.com", "role": "coordinator", "language": "en"}
    return team.invite(**facts, by=by, now=timezone.now())[0]


def a_session_of(username: str) -> UserSession:
    member = a_staff_member(username)
    return UserSession.objects.create(user=member, ip="203.0.113.7", session_key=username, user_agent="Firefox")


def link_in_mail() -> str:
    """The path of the link in the newest mail."""
    found = re.search(r"https?://[^/\s]+(/\S+)", str(mail.outbox[-1].body))
    assert found is not None
    return found[1]
