"""In a flood of forms a browser proves its work beside the person, by our own script alone."""

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from inquiries import suspicion
from inquiries.models import Inquiry
from scheduling.models import AppointmentType
from tests.browser.conftest import Visitor

PICKER = re.compile(r"/m/[\w-]{43}/time/$")


@pytest.fixture(autouse=True)
def _flood(settings: Any) -> None:
    settings.PROOF_OF_WORK = "always"


@pytest.fixture
def _aged(monkeypatch: pytest.MonkeyPatch) -> None:
    """The person took their time, which the test does not."""
    monkeypatch.setattr(suspicion, "FLOOD_SECONDS", 0)


def fill_in(page: Page) -> None:
    page.get_by_label("First name").fill("Ana")
    page.get_by_label("E-mail").first.fill("ana@example.com")
    page.get_by_label("You may contact me about this request").check()
    page.get_by_role("button", name="Continue to the times").click()


@pytest.mark.usefixtures("_aged")
def test_a_worker_finds_the_proof_while_the_person_types(visitor: Visitor, kind: AppointmentType) -> None:
    page = visitor("/contact/")
    fill_in(page)

    expect(page).to_have_url(PICKER, timeout=20_000)
    assert Inquiry.objects.get().set_aside == ""


@pytest.mark.usefixtures("_aged")
def test_without_a_script_a_person_is_heard_all_the_same(visitor: Visitor, kind: AppointmentType) -> None:
    page = visitor("/contact/", java_script_enabled=False)
    fill_in(page)

    expect(page.get_by_role("heading", level=1)).to_have_text("We have your request")
    assert Inquiry.objects.get().set_aside == Inquiry.SetAside.UNPROVEN
