"""The desk by keyboard: answer the queue, choose several, find the keys, and book a caller from the calendar."""

import re

import pytest
from playwright.sync_api import Page, expect

from inquiries.models import StaffMember
from scheduling.models import Appointment, AppointmentType
from tests.browser.conftest import Visitor
from tests.browser.test_every_page import WIDER, complaints
from tests.browser.test_staff_journey import PASSWORD, a_request, signed_in
from tests.factories import a_staff_member

Status = Appointment.Status


@pytest.fixture
def cleo(kind: AppointmentType) -> StaffMember:
    member = a_staff_member("cleo", first_name="Cleo", last_name="Marsh")
    member.set_password(PASSWORD)
    member.save()
    return member


def state(row: Appointment) -> str:
    row.refresh_from_db()
    return row.status


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def test_the_queue_is_answered_by_keys(visitor: Visitor, cleo: StaffMember) -> None:
    ana, tom, eva = a_request("Ana"), a_request("Tom"), a_request("Eva")
    page = signed_in(visitor)

    press(page, "j")
    expect(page.get_by_role("link", name="Ana Ruiz", exact=True)).to_be_focused()
    press(page, "c")
    expect(page.locator(".banner")).to_contain_text("Confirmed. Ana Ruiz")
    expect(page).to_have_title(re.compile(r"^\(2\) Queue"))
    expect(page.get_by_role("link", name="Tom Ruiz", exact=True)).to_be_focused()

    press(page, "u")
    expect(page.locator(".banner")).to_contain_text("Taken back.")
    assert state(ana) == Status.PENDING

    page.get_by_role("link", name="Tom Ruiz", exact=True).focus()
    press(page, "x", "j", "x")
    expect(page.locator(".bulk")).to_contain_text("(2)")
    page.get_by_role("button", name="Confirm the chosen ones").click()
    expect(page.locator(".banner")).to_have_count(2)

    page.get_by_role("link", name="Ana Ruiz", exact=True).focus()
    press(page, "p")
    panel = page.locator(f"#panel-{ana.pk}")
    expect(panel.get_by_role("heading", name="Another time")).to_be_visible()
    expect(panel.get_by_role("button", name="Offer one to three times")).to_be_in_viewport()
    panel.locator(".chip input").nth(4).check()
    panel.get_by_role("button", name="Offer one to three times").click()
    expect(page.locator(".banner")).to_have_count(1)
    expect(page.locator(".banner")).to_contain_text("Times offered.")
    assert [state(row) for row in (ana, tom, eva)] == [Status.PROPOSED, Status.BOOKED, Status.BOOKED]


def test_a_conflict_is_said_on_the_queue(visitor: Visitor, cleo: StaffMember) -> None:
    ana = a_request("Ana")
    page = signed_in(visitor)
    Appointment.objects.filter(pk=ana.pk).update(version=2)

    press(page, "j", "c")

    expect(page.locator(".alert")).to_contain_text("The appointment has changed since you read it.")
    assert state(ana) == Status.PENDING


def test_the_keys_are_listed_and_can_be_switched_off(visitor: Visitor, cleo: StaffMember) -> None:
    ana = a_request("Ana")
    page = signed_in(visitor)

    press(page, "?")
    keys = page.get_by_role("dialog")
    expect(keys).to_contain_text("Propose other times")
    assert complaints(page) == []
    keys.get_by_role("button", name="Switch them off").click()
    expect(page.get_by_text("The keys are off in this browser.")).to_be_visible()
    page.goto("/desk/")
    press(page, "j", "c", "?")

    expect(page.get_by_role("dialog")).to_have_count(0)
    assert state(ana) == Status.PENDING


def test_typing_in_a_field_is_only_typing(visitor: Visitor, cleo: StaffMember) -> None:
    ana = a_request("Ana")
    page = signed_in(visitor)
    page.goto(f"/desk/appointments/{ana.pk}/")

    page.get_by_label("Note for the team").fill("")
    page.get_by_label("Note for the team").press_sequentially("can?")

    expect(page.get_by_label("Note for the team")).to_have_value("can?")
    assert state(ana) == Status.PENDING


def test_a_caller_is_booked_from_a_free_cell_by_keyboard(visitor: Visitor, cleo: StaffMember) -> None:
    page = signed_in(visitor)
    press(page, "g", "k")
    page.wait_for_url("**/desk/calendar/")
    press(page, "n")
    expect(page).to_have_url(re.compile(r"date="))

    cells = page.locator(".hours .free-time")
    expect(cells.first).to_have_attribute("tabindex", "0")
    cells.first.focus()
    press(page, "ArrowDown", "ArrowDown")
    expect(cells.first).not_to_be_focused()
    press(page, "Enter")
    page.wait_for_url("**/desk/inquiries/new/**")
    expect(page.locator(".notice")).to_contain_text("Books")

    page.get_by_label("First name").fill("Berta")
    page.get_by_label("Phone", exact=True).fill("305 555 0199")
    page.get_by_label("They agreed on the phone").check()
    page.get_by_role("button", name="Keep, and book this time").press("Enter")

    expect(page.get_by_role("heading", level=1)).to_have_text("Berta")
    assert Appointment.objects.get().status == Status.BOOKED


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_wrong_with_the_calendar(visitor: Visitor, cleo: StaffMember, scheme: str) -> None:
    row = a_request("Ana")
    page = signed_in(visitor, color_scheme=scheme)
    date = row.start.date()
    wrong = {}
    for path in (
        f"/desk/calendar/?date={date}",
        f"/desk/calendar/?view=day&date={date}",
        "/desk/calendar/?view=month",
        f"/desk/calendar/time/?move={row.pk}&start={row.start:%Y-%m-%dT%H:%M}Z",
        "/desk/keys/",
        "/desk/",
    ):
        page.goto(path)
        wrong[path] = complaints(page)

    assert {path: found for path, found in wrong.items() if found} == {}


def test_a_phone_shows_an_agenda_and_no_page_is_wider_than_320_pixels(visitor: Visitor, cleo: StaffMember) -> None:
    row = a_request("Ana")
    page = signed_in(visitor, width=320, height=640)

    wider = {}
    for path in (f"/desk/calendar/?date={row.start.date()}", "/desk/calendar/?view=month", "/desk/keys/", "/desk/"):
        page.goto(path)
        wider[path] = page.evaluate(WIDER)
    page.goto(f"/desk/calendar/?date={row.start.date()}")

    expect(page.locator(".agenda")).to_contain_text("Ana")
    expect(page.locator(".hours")).to_be_hidden()
    assert {path: by for path, by in wider.items() if by > 0} == {}


def test_the_lines_for_ones_own_site_are_copied_by_one_press(visitor: Visitor, cleo: StaffMember) -> None:
    page = signed_in(visitor, permissions=["clipboard-read", "clipboard-write"])
    page.goto("/desk/embed/")

    page.get_by_role("button", name="Copy").click()

    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    lines = page.get_by_label("The lines").last.input_value()
    assert page.evaluate("navigator.clipboard.readText()").replace("\r", "") == lines
