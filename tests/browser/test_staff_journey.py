"""A coordinator's morning in a real browser: sign in, answer, take back, answer again; on a phone, without script."""

import datetime as dt
import re

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from inquiries.models import StaffMember
from scheduling import booking
from scheduling.desk.words import clinic_date
from scheduling.models import Appointment, AppointmentType, Practitioner
from tests.browser.conftest import Visitor
from tests.factories import a_staff_member, an_appointment, an_inquiry, free_times

PASSWORD = "correct horse battery staple"
A_CASE = re.compile(r"/desk/appointments/[\w-]{36}/$")


@pytest.fixture
def cleo(kind: AppointmentType) -> StaffMember:
    """A coordinator who can sign in, at a clinic that is open."""
    member = a_staff_member("cleo", first_name="Cleo", last_name="Marsh")
    member.set_password(PASSWORD)
    member.save()
    return member


def a_request(name: str, **wishes: object) -> Appointment:
    now = timezone.now()
    start = free_times(1, now=now)[0]
    return an_appointment(inquiry=an_inquiry(given_name=name, now=now, **wishes), start=start, now=now)


def enter(page: Page) -> None:
    page.get_by_label("Username").fill("cleo")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()


def signed_in(visitor: Visitor, **options: object) -> Page:
    page = visitor("/desk/", **options)
    enter(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("Queue")
    page.wait_for_load_state("load")  # its scripts listen
    return page


def test_a_coordinator_answers_the_queue(visitor: Visitor, cleo: StaffMember) -> None:
    ana, tom = a_request("Ana"), a_request("Tom")
    page = signed_in(visitor)
    expect(page).to_have_title(re.compile(r"^\(2\) Queue"))

    page.get_by_role("link", name="Ana Ruiz", exact=True).click()
    expect(page).to_have_url(A_CASE)
    expect(page.get_by_role("heading", level=1)).to_have_text("Ana Ruiz")

    page.get_by_role("button", name="Confirm").click()
    expect(page.locator(".banner")).to_contain_text("Confirmed.")
    expect(page.locator(".case .badge")).to_have_text("Confirmed")

    page.get_by_role("button", name="Undo").click()
    expect(page.locator(".banner")).to_contain_text("Taken back.")
    expect(page.locator(".case .badge")).to_have_text("Awaiting answer")

    page.get_by_role("button", name="Confirm").click()
    expect(page.locator(".case .badge")).to_have_text("Confirmed")

    page.get_by_role("link", name="Queue").first.click()
    page.locator(f"#decline-{tom.pk}").click()
    page.get_by_label("Another clinic is better placed to help.").check()
    page.locator(".drawer:visible").get_by_role("button", name="Decline").click()
    expect(page.locator(".banner")).to_contain_text("Declined. Tom Ruiz")
    expect(page.get_by_text("Every request has its answer.")).to_be_visible()
    expect(page).to_have_title(re.compile(r"^Queue"))

    assert [Appointment.objects.get(pk=row.pk).status for row in (ana, tom)] == ["booked", "cancelled"]


def test_other_times_are_offered_in_place(visitor: Visitor, cleo: StaffMember) -> None:
    row = a_request("Ana", time_zone="America/Los_Angeles")
    page = signed_in(visitor)
    page.get_by_role("link", name="Ana Ruiz", exact=True).click()

    page.get_by_role("link", name="Another time").click()
    expect(page.get_by_role("heading", name="Another time")).to_be_focused()
    page.get_by_role("link", name=re.compile("^From ")).last.click()
    expect(page.get_by_role("link", name=re.compile("^From "))).to_have_count(2)
    for number in (0, 3):
        page.locator(".chip input").nth(number).check()
    page.get_by_role("button", name="Offer one to three times").click()

    expect(page.locator(".case .badge")).to_have_text("Times offered")
    assert len(booking.offers_of(Appointment.objects.get(pk=row.pk), now=timezone.now())) == 2


def test_a_new_request_appears_by_itself_but_not_under_the_hands(visitor: Visitor, cleo: StaffMember) -> None:
    ana = a_request("Ana")
    page = signed_in(visitor)
    page.clock.install()
    page.reload()

    page.locator(f"#decline-{ana.pk}").click()
    a_request("Tom")
    page.clock.run_for(21_000)
    expect(page.get_by_role("link", name="Tom Ruiz", exact=True)).to_have_count(0)

    page.keyboard.press("Escape")
    page.clock.run_for(21_000)
    expect(page.get_by_role("link", name="Tom Ruiz", exact=True)).to_be_visible()
    expect(page).to_have_title(re.compile(r"^\(2\) Queue"))


def test_the_desk_works_on_a_phone_without_script(visitor: Visitor, cleo: StaffMember) -> None:
    a_request("Ana")
    page = signed_in(visitor, width=390, height=844, java_script_enabled=False)

    page.get_by_role("button", name="Confirm").click()
    expect(page.locator(".banner")).to_contain_text("Confirmed. Ana Ruiz")
    page.get_by_role("button", name="Undo").click()
    page.get_by_role("link", name="Ana Ruiz", exact=True).first.click()
    page.get_by_role("link", name="Another time").click()
    page.locator(".chip input").nth(5).check(force=True)
    page.get_by_role("button", name="Book one at once").click()

    expect(page.locator(".case .badge")).to_have_text("Confirmed")
    assert Appointment.objects.get().status == "booked"


def test_a_caller_is_booked_while_on_the_phone(visitor: Visitor, cleo: StaffMember) -> None:
    page = signed_in(visitor)
    page.get_by_role("link", name="New caller").click()
    page.get_by_label("First name").fill("Berta")
    page.get_by_label("Phone", exact=True).fill("305 555 0199")
    page.get_by_label("They agreed on the phone").check()
    page.get_by_role("button", name="Keep, and choose a time").click()

    page.locator(".chip input").first.check()
    page.get_by_role("button", name="Book it").click()

    expect(page.locator(".case .badge")).to_have_text("Confirmed")
    assert Appointment.objects.get().inquiry.contact.phone.reveal() == "+13055550199"


def a_call_that_was_due(name: str, now: dt.datetime) -> Appointment:
    then = now - dt.timedelta(days=10)
    start = free_times(2, now=then)[0]
    return an_appointment("booked", inquiry=an_inquiry(given_name=name, now=then), start=start, now=then)


def test_a_call_is_held_and_what_came_of_it_recorded(visitor: Visitor, cleo: StaffMember) -> None:
    row = a_call_that_was_due("Ana", timezone.now())
    page = signed_in(visitor)

    page.get_by_role("link", name="Record Ana Ruiz").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Ana Ruiz")
    page.get_by_role("radio").first.check()
    page.get_by_role("button", name="Record the call").click()

    expect(page.locator(".case .badge").first).to_have_text("Call held")
    assert Appointment.objects.get(pk=row.pk).status == "fulfilled"


def test_a_practitioner_has_their_own_calls_and_no_queue(visitor: Visitor, cleo: StaffMember) -> None:
    now = timezone.now()
    own, foreign = a_call_that_was_due("Ana", now), a_call_that_was_due("Tom", now)
    StaffMember.objects.filter(pk=cleo.pk).update(role="practitioner")
    Practitioner.objects.filter(pk=own.practitioner_id).update(staff_member=cleo)
    assert own.practitioner_id != foreign.practitioner_id
    page = visitor(f"/accounts/login/?next=/desk/calls/%3Fdate%3D{clinic_date(own.start)}")
    enter(page)

    places = page.get_by_role("navigation", name="Desk").get_by_role("link")
    expect(places).to_have_text(["Calendar", "Calls"])
    expect(page.get_by_role("link", name="Tom Ruiz")).to_have_count(0)
    page.get_by_role("link", name="Ana Ruiz", exact=True).click()
    page.get_by_role("radio").first.check()
    page.get_by_role("button", name="Record the call").click()

    expect(page.locator(".case .badge").first).to_have_text("Call held")
