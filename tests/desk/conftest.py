from typing import Any

import pytest
from django.test import Client

from inquiries.models import StaffMember
from scheduling.models import AppointmentType
from tests.factories import a_staff_member

PASSWORD = "correct horse battery staple"


@pytest.fixture(autouse=True)
def _quick_hashes(settings: Any) -> None:
    """A password is hashed a million times over in earnest; here that only costs time."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def cleo(db: None) -> StaffMember:
    """A coordinator who can sign in."""
    member = a_staff_member("cleo", first_name="Cleo", last_name="Marsh")
    member.set_password(PASSWORD)
    member.save()
    return member


@pytest.fixture
def desk(kind: AppointmentType, clock: object, cleo: StaffMember) -> Client:
    """Cleo's browser, signed in, on a Monday at ten in Miami."""
    client = Client()
    client.force_login(cleo)
    return client


@pytest.fixture
def manager(desk: Client) -> Client:
    """Max's browser, signed in; he may change the rules."""
    client = Client()
    client.force_login(a_staff_member("max", "manager"))
    return client


def back_at_the_desk(desk: Client) -> Client:
    """Cleo signs in again, after a while."""
    desk.logout()
    desk.force_login(StaffMember.objects.get(username="cleo"))
    return desk
