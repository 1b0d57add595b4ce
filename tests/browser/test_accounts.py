"""The doors of the house in a real browser."""

import time

import pytest
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from playwright.sync_api import Page, expect

from inquiries.models import StaffMember
from scheduling.models import AppointmentType
from tests.browser.conftest import Visitor
from tests.browser.test_every_page import RULES, complaints
from tests.factories import a_staff_member, an_appointment

PASSWORD = "correct horse battery staple"


def a_person(username: str, **facts: object) -> StaffMember:
    """Somebody who can sign in."""
    member = a_staff_member(username, **facts)
    member.set_password(PASSWORD)
    member.save()
    return member


def test_the_admin_works_under_the_strict_policy(visitor: Visitor, kind: AppointmentType) -> None:
    an_appointment()
    a_person("root", is_staff=True, is_superuser=True)
    page = visitor("/admin/")
    enter(page, "root")
    expect(page.get_by_role("heading", name="What the desk does not show")).to_be_visible()

    page.goto("/admin/scheduling/appointment/")
    page.goto("/admin/scheduling/appointmenttype/add/")
    page.get_by_label("Name:").first.press_sequentially("Follow-up call")

    expect(page.get_by_label("Slug:")).to_have_value("follow-up-call")


def enter(page: Page, username: str) -> None:
    page.get_by_label("Username").fill(username)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()


def code_of(secret: str) -> str:
    """What an authenticator app shows now."""
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30))


def with_a_key(page: Page) -> None:
    """Gives the browser a security key that asks for no touch (WebAuthn's virtual authenticator)."""
    link = page.context.new_cdp_session(page)
    link.send("WebAuthn.enable")
    facts = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True}
    facts |= {"isUserVerified": True, "automaticPresenceSimulation": True}
    link.send("WebAuthn.addVirtualAuthenticator", {"options": facts})


def test_a_second_step_is_set_up_used_and_survived(visitor: Visitor, kind: AppointmentType) -> None:
    a_person("cleo")
    page = visitor("/accounts/2fa/")
    enter(page, "cleo")
    page.get_by_role("link", name="Set up an app").click()
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Go on").click()
    secret = page.locator("code.secret").inner_text()
    page.get_by_label("code").fill(code_of(secret))
    page.get_by_role("button", name="Set it up").click()
    codes = page.locator(".codes code").all_inner_texts()
    assert len(codes) == 10

    other = visitor("/desk/")
    enter(other, "cleo")
    expect(other.get_by_role("heading", level=1)).to_have_text("Second step")
    other.get_by_label("Code of your app").fill("000000")
    other.get_by_role("button", name="Sign in", exact=True).click()
    expect(other.get_by_text("This code is not right")).to_be_visible()
    other.get_by_label("Code of your app").fill(codes[0])
    other.get_by_role("button", name="Sign in", exact=True).click()
    expect(other.get_by_role("heading", level=1)).to_have_text("Queue")


def test_a_passkey_replaces_name_and_password(visitor: Visitor, kind: AppointmentType) -> None:
    a_person("cleo")
    page = visitor("/accounts/2fa/")
    with_a_key(page)
    enter(page, "cleo")
    page.get_by_role("link", name="Add a security key or passkey").click()
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Go on").click()
    page.get_by_label("What you call it").fill("My laptop")
    page.get_by_label("Also instead of the password").check()
    page.get_by_role("button", name="Add it").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Recovery codes")

    page.get_by_role("button", name="Sign out").click()
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Queue")

    page.get_by_role("button", name="Sign out").click()
    enter(page, "cleo")
    page.get_by_role("button", name="Use a security key").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Queue")


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (320, "dark")])
def test_axe_finds_nothing_wrong_at_the_door(visitor: Visitor, kind: AppointmentType, width: int, scheme: str) -> None:
    a_person("cleo")
    page = visitor("/accounts/login/", width=width, color_scheme=scheme, reduced_motion="reduce")
    wrong = {"sign in": complaints(page, RULES)}
    page.goto("/accounts/password/reset/")
    wrong["reset"] = complaints(page, RULES)
    page.goto("/accounts/2fa/totp/activate/")
    enter(page, "cleo")
    wrong["again"] = complaints(page, RULES)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Go on").click()
    for name in ("2fa/totp/activate/", "2fa/keys/add/", "2fa/", "password/change/"):
        page.goto(f"/accounts/{name}")
        wrong[name] = complaints(page, RULES)

    assert {name: found for name, found in wrong.items() if found} == {}
