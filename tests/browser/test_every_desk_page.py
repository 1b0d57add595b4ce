"""What holds for every page and state of the desk: nothing that axe finds wrong, nothing wider than the screen."""

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Page

from inquiries.models import StaffMember
from scheduling.models import AppointmentType
from tests.browser.conftest import Visitor
from tests.browser.desk_gallery import desk_pages
from tests.browser.test_every_page import COLOURS, RULES, WIDER, complaints
from tests.factories import a_staff_member

BAR = "document.querySelector('.bar').offsetHeight"
ONE_LINE, TWO_LINES = 60, 100
A_FEW = ("queue", "calendar week", "pending", "insights", "ledger", "new closure", "team")


def a_managers_page(visitor: Visitor, member: StaffMember, **look: object) -> Page:
    client = Client()
    client.force_login(member)
    page = visitor("/healthz", reduced_motion="reduce", **look)
    session = client.cookies[settings.SESSION_COOKIE_NAME].value
    page.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": page.url}])
    return page


def test_every_page_is_right_on_the_smallest_phone_in_spanish(visitor: Visitor, kind: AppointmentType) -> None:
    """1280 pixels at 400 % are 320."""
    member = a_staff_member("max", role="manager", language="es")
    wrong, wider, bars = {"sign in": complaints(visitor("/accounts/login/", width=320))}, {}, {}
    page = a_managers_page(visitor, member, width=320, height=640)

    for name, path in desk_pages(member, timezone.now()).items():
        page.goto(path)
        wrong[name], wider[name], bars[name] = complaints(page), page.evaluate(WIDER), page.evaluate(BAR)

    assert {name: found for name, found in wrong.items() if found} == {}
    assert {name: by for name, by in wider.items() if by > 0} == {}
    assert {name: height for name, height in bars.items() if height > TWO_LINES} == {}


@pytest.mark.parametrize(
    ("language", "scheme", "rules"), [("es", "light", RULES), ("en", "dark", COLOURS)], ids=["light", "dark"]
)
def test_the_busiest_pages_are_right_at_a_desk(
    visitor: Visitor, kind: AppointmentType, language: str, scheme: str, rules: dict[str, object]
) -> None:
    member = a_staff_member("max", role="manager", language=language, first_name="Maximiliano", last_name="Rivera")
    page = a_managers_page(visitor, member, color_scheme=scheme)
    pages = desk_pages(member, timezone.now())

    wrong, wider, bars = {}, {}, {}
    for name in A_FEW:
        page.goto(pages[name], wait_until="networkidle")
        wrong[name], wider[name], bars[name] = complaints(page, rules), page.evaluate(WIDER), page.evaluate(BAR)

    assert {name: found for name, found in wrong.items() if found} == {}
    assert {name: by for name, by in wider.items() if by > 0} == {}
    assert {name: height for name, height in bars.items() if height > ONE_LINE} == {}
