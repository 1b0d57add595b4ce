"""Someone asks for a call, in a real browser: in English and Spanish, with and without script, mouse and eyes."""

import datetime as dt
import quopri
import re

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from inquiries import intake
from inquiries.models import AccessLink, Inquiry
from notifications import messages, planner
from notifications.models import Notification
from scheduling.models import Appointment, AppointmentType
from tests.browser.conftest import Visitor
from tests.factories import a_link, an_appointment, an_inquiry

HELD = re.compile(r"/m/[\w-]{43}/$")
PICKER = re.compile(r"/m/[\w-]{43}/time/$")


def test_a_visitor_takes_a_time_from_the_clinics_page(visitor: Visitor, kind: AppointmentType) -> None:
    page = visitor("/")
    day = page.locator(".free dt").first.inner_text()
    time = page.locator(".free dd a").first.inner_text().split("\n")[-1].rpartition(", ")[2]
    page.locator(".free dd a").first.click()

    page.get_by_label("First name").fill("Ana")
    page.get_by_label("Phone", exact=True).first.fill("305 555 0123")
    page.get_by_label("You may contact me").check()
    page.get_by_role("button", name="Send and hold this time").click()

    expect(page).to_have_url(HELD)
    expect(page.get_by_role("heading", level=1)).to_have_text("Your time is held")
    expect(page.locator(".when")).to_contain_text(day)
    expect(page.locator(".when")).to_contain_text(time)
    expect(page.locator(".promise")).to_contain_text("We will answer by")
    assert Appointment.objects.get().status == "pending"


def test_a_visitor_writes_first_and_chooses_then(visitor: Visitor, kind: AppointmentType) -> None:
    page = visitor("/?utm_source=flyer")
    page.get_by_role("link", name="Ask for a call").first.click()

    page.get_by_label("First name").fill("Ana")
    page.get_by_label("E-mail").first.fill("ana@example.com")
    page.get_by_label("You may contact me").check()
    page.get_by_role("button", name="Continue to the times").click()

    expect(page).to_have_url(PICKER)
    page.locator(".day input").first.check()
    page.get_by_role("button", name="Hold this time").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("Your time is held")
    assert Inquiry.objects.get().source["utm_source"] == "flyer"


def test_a_spanish_speaker_without_script_on_a_phone(visitor: Visitor, kind: AppointmentType) -> None:
    page = visitor("/es/", width=390, height=844, java_script_enabled=False, has_touch=True)
    page.get_by_role("link", name="Pedir una llamada").first.tap()

    page.get_by_label("Nombre").fill("Lucía")
    page.get_by_label("Teléfono", exact=True).first.fill("786 555 0123")
    page.get_by_label("Pueden comunicarse conmigo").check()
    page.get_by_role("button", name="Continuar a las horas").tap()

    page.locator(".day summary").nth(1).tap()
    page.locator(".day").nth(1).locator("input").first.tap()
    page.get_by_role("button", name="Reservar esta hora").tap()

    expect(page.get_by_role("heading", level=1)).to_have_text("Su hora está reservada")
    assert Inquiry.objects.get().preferred_language == "es"


def press_until(page: Page, key: str, selector: str, limit: int = 60) -> None:
    """Press a key until what has the focus matches; fails when nothing ever does."""
    for _ in range(limit):
        page.keyboard.press(key)
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
    raise AssertionError(f"{selector} cannot be reached by {key}")


def test_the_whole_way_by_keyboard(visitor: Visitor, kind: AppointmentType) -> None:
    page = visitor("/contact/")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")  # the skip link
    press_until(page, "Tab", "#id_given_name")
    page.keyboard.type("Ana")
    press_until(page, "Tab", "#id_email")
    page.keyboard.type("ana@example.com")
    press_until(page, "Tab", "#id_consent_contact")
    page.keyboard.press("Space")
    press_until(page, "Tab", "form .button")
    page.keyboard.press("Enter")

    expect(page).to_have_url(PICKER)
    press_until(page, "Tab", ".day input[type=radio]")
    page.keyboard.press("Space")
    press_until(page, "Tab", ".hold .button")
    page.keyboard.press("Enter")

    expect(page.get_by_role("heading", level=1)).to_have_text("Your time is held")


def test_the_focus_goes_to_what_went_wrong_and_from_there_to_the_field(visitor: Visitor, kind: AppointmentType) -> None:
    page = visitor("/contact/")
    page.get_by_label("E-mail").first.fill("ana@")
    page.get_by_role("button", name="Continue to the times").click()

    expect(page.locator("[role=alert]")).to_be_focused()
    page.get_by_role("link", name="Enter your first name.").click()
    expect(page.get_by_label("First name")).to_be_focused()
    expect(page.get_by_label("E-mail").first).to_have_value("ana@")


def test_who_needs_help_today_sees_it_first_and_is_still_asked_for_a_time(
    visitor: Visitor, kind: AppointmentType
) -> None:
    page = visitor("/es/contact/", width=390, height=844)
    page.get_by_label("Nombre").fill("Lucía")
    page.get_by_label("Teléfono", exact=True).first.fill("786 555 0123")
    page.get_by_label("Necesito ayuda hoy").check()
    page.get_by_label("Pueden comunicarse conmigo").check()
    page.get_by_role("button", name="Continuar a las horas").click()

    expect(page.get_by_role("main").get_by_role("link", name="Llame al 988")).to_be_in_viewport()
    page.get_by_role("link", name="Continuar").click()
    expect(page).to_have_url(PICKER)
    assert Inquiry.objects.get().is_urgent


def test_an_expired_link_is_replaced_by_mail(visitor: Visitor, kind: AppointmentType) -> None:
    now = timezone.now()
    old = a_link(an_inquiry(now=now), now - AccessLink.LIFETIME)
    page = visitor(f"/m/{old}/")

    page.get_by_role("link", name="Send me a fresh link").click()
    page.get_by_label("Your e-mail").fill("ana@example.com")
    page.get_by_role("button", name="Send me a fresh link").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Look into your mail")

    intake.answer_link_requests(now=now)
    planner.plan_pending(now=now)
    letter = messages.render([Notification.objects.get(kind="fresh_link")], now=now)[0]
    decoded = quopri.decodestring(letter).decode("latin-1")  # the boundary may look like =80
    (link,) = set(re.findall(r"/m/[\w-]{43}/", decoded))
    page.goto(link)
    expect(page.get_by_role("heading", level=1)).to_have_text("We have your request")


def test_the_zone_of_the_device_is_proposed(visitor: Visitor, kind: AppointmentType) -> None:
    page = visitor("/contact/")
    expect(page.locator("#id_time_zone")).to_have_value("America/New_York")


def test_a_conflict_offers_the_nearest_times_and_one_of_them_is_held(visitor: Visitor, kind: AppointmentType) -> None:
    now = timezone.now()
    page = visitor(f"/m/{a_link(an_inquiry(now=now), now)}/time/")
    page.locator(".day input").first.check()
    value = page.locator(".day input:checked").get_attribute("value")
    for _ in range(3):
        an_appointment(inquiry=an_inquiry(now=now), start=dt.datetime.fromisoformat(str(value)), now=now)

    page.get_by_role("button", name="Hold this time").last.click()

    expect(page.locator("[role=alert]")).to_contain_text("This time has just been taken.")
    page.locator(".near input").first.check()
    page.get_by_role("button", name="Hold this time").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Your time is held")


@pytest.mark.parametrize("script", [True, False])
def test_the_weeks_go_by_with_and_without_script(visitor: Visitor, kind: AppointmentType, script: bool) -> None:
    now = timezone.now()
    page = visitor(f"/m/{a_link(an_inquiry(now=now), now)}/time/", java_script_enabled=script)
    first = page.locator(".day h3").first.inner_text()
    loads: list[str] = []
    page.on("load", lambda loaded: loads.append(loaded.url))

    page.get_by_role("link", name="Later").first.click()
    page.wait_for_url(re.compile(r"from="))
    expect(page.locator(".day h3").first).not_to_have_text(first)
    if script:
        expect(page.locator("#week")).to_be_focused()
    page.go_back()

    expect(page.locator(".day h3").first).to_have_text(first)
    assert len(loads) == (1 if script else 2)  # with script only going back asks for a whole page


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_cancelling_from_the_page(visitor: Visitor, kind: AppointmentType, scheme: str) -> None:
    now = timezone.now()
    inquiry = an_inquiry(now=now)
    an_appointment("booked", inquiry=inquiry, now=now)

    page = visitor(f"/m/{a_link(inquiry, now)}/", color_scheme=scheme)
    page.get_by_role("link", name="Cancel the call").click()
    page.get_by_role("button", name="Yes, cancel it").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("Your call is cancelled")
