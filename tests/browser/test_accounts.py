"""The doors of the house in a real browser."""

from playwright.sync_api import expect

from inquiries.models import StaffMember
from scheduling.models import AppointmentType
from tests.browser.conftest import Visitor
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
    page.get_by_label("Username").fill("root")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="What the desk does not show")).to_be_visible()

    page.goto("/admin/scheduling/appointment/")
    page.goto("/admin/scheduling/appointmenttype/add/")
    page.get_by_label("Name:").first.press_sequentially("Follow-up call")

    expect(page.get_by_label("Slug:")).to_have_value("follow-up-call")
