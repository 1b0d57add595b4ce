"""A real Chromium against the real pages, served by a thread beside the test on the test's own database."""

import os
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright
from pytest_django.live_server_helper import LiveServer

from tests.browser.chromium import launched

os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"  # Playwright keeps an event loop in the thread of the test

Visitor = Callable[..., Page]


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright, launched(playwright) as browser:
        yield browser


@pytest.fixture
def visitor(chromium: Browser, live_server: LiveServer) -> Iterator[Visitor]:
    """Opens a page of the site in a fresh browser profile: `visitor("/contact/", width=390, …)`.

    Fails the test afterwards when a page broke its content security policy, threw an error, or asked another server.
    """
    contexts, complaints = [], []

    def watch(page: Page) -> None:
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda said: complaints.append(said.text) if "Content Security" in said.text else None)
        page.on("request", lambda asked: complaints.append(asked.url) if not is_ours(asked.url) else None)

    def is_ours(address: str) -> bool:
        return address.startswith((live_server.url, "data:"))

    def opened(path: str, *, width: int = 1280, height: int = 900, **options: Any) -> Page:
        screen = ViewportSize(width=width, height=height)
        zone = "America/New_York"
        context = chromium.new_context(base_url=live_server.url, viewport=screen, timezone_id=zone, **options)
        context.set_default_timeout(10_000)
        contexts.append(context)
        page = context.new_page()
        watch(page)
        page.goto(path)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert complaints == []
