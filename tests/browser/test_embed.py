"""The form on another site, in a browser that keeps no cookie of ours: as a button, in the page, and on top of it."""

from collections.abc import Callable, Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from playwright.sync_api import Browser, Frame, Page
from pytest_django.live_server_helper import LiveServer

from inquiries.models import Inquiry
from scheduling.models import Appointment
from tests.factories import a_clinic

PAGE = """<!doctype html><html lang="en"><title>A practice</title><h1>Our practice</h1>
<script src="{site}/embed.js" data-firstcall="{kind}" async></script><p id="end">The end</p></html>"""
Host = Callable[[str], Page]


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *said: Any) -> None:
        """Nothing: what a test asks is no news."""


@pytest.fixture
def host(tmp_path: Path, live_server: LiveServer, chromium: Browser, settings: Any) -> Iterator[Host]:
    """Opens a page of another site on which the script was pasted: `host("inline")`."""
    a_clinic()
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(tmp_path)))
    Thread(target=server.serve_forever, daemon=True).start()
    context = chromium.new_context(timezone_id="America/New_York", viewport={"width": 390, "height": 844})
    context.set_default_timeout(10_000)
    there = f"http://127.0.0.1:{server.server_port}"
    settings.EMBED_ORIGINS = [there]

    def opened(kind: str) -> Page:
        (tmp_path / "index.html").write_text(PAGE.format(site=live_server.url, kind=kind))
        page = context.new_page()
        page.goto(f"{there}/?utm_source=practice&secret=1")
        return page

    yield opened
    context.close()
    server.shutdown()
    server.server_close()


def form_in(page: Page) -> Frame:
    page.wait_for_selector("iframe")
    page.wait_for_function("document.querySelector('iframe').style.height !== '42rem'")
    frame = page.frames[1]
    frame.wait_for_load_state()
    return frame


def ask_and_choose(frame: Frame) -> None:
    frame.get_by_label("First name").fill("Ana")
    frame.get_by_label("E-mail", exact=True).first.fill("ana@example.com")
    frame.get_by_label("You may contact me").check()
    frame.locator("form button").last.click()
    frame.get_by_role("radio").first.check()
    frame.locator("form button").last.click()
    frame.get_by_text("We will answer by").wait_for()


@pytest.mark.django_db(transaction=True)
def test_a_call_is_asked_for_in_the_page_of_another_site(host: Host) -> None:
    page = host("inline")
    frame = form_in(page)

    ask_and_choose(frame)

    assert Appointment.objects.get().status == Appointment.Status.PENDING
    assert Inquiry.objects.get().source["utm_source"] == "practice"
    assert "secret" not in Inquiry.objects.get().source["page"]
    assert page.context.cookies() == []


@pytest.mark.django_db(transaction=True)
def test_the_frame_is_as_high_as_its_page(host: Host) -> None:
    page = host("inline")
    frame = form_in(page)
    needed = frame.evaluate("document.documentElement.scrollHeight - document.documentElement.clientHeight")
    assert needed <= 1


@pytest.mark.django_db(transaction=True)
def test_the_dialog_opens_and_closes_by_keyboard(host: Host) -> None:
    page = host("popup")
    page.get_by_role("button", name="Ask for a call").focus()
    page.keyboard.press("Enter")
    form_in(page).get_by_label("First name").wait_for()

    page.keyboard.press("Escape")

    page.wait_for_function("!document.querySelector('dialog').open")
    assert page.evaluate("document.activeElement.textContent") == "Ask for a call"


@pytest.mark.django_db(transaction=True)
def test_the_button_leads_to_the_form_with_where_it_stood(host: Host) -> None:
    page = host("button")
    page.get_by_role("link", name="Ask for a call").click()
    page.get_by_label("First name").wait_for()
    assert page.locator("input[name=utm_source]").input_value() == "practice"


@pytest.mark.django_db(transaction=True)
def test_a_site_that_is_not_allowed_shows_no_form(host: Host, settings: Any) -> None:
    settings.EMBED_ORIGINS = ["https://www.example.org"]
    page = host("inline")
    page.wait_for_selector("iframe")
    page.wait_for_load_state("networkidle")
    assert page.frames[1].locator("input").count() == 0
