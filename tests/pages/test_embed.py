"""The form on other sites: who may show it, and that it needs no cookie there."""

from typing import Any

import pytest
from django.test import Client
from pytest_django.asserts import assertContains, assertNotContains

from inquiries.models import Inquiry
from tests.factories import a_form_key

pytestmark = pytest.mark.django_db
SITE = "https://www.example.org"
IN_A_FRAME = {"Sec-Fetch-Dest": "iframe"}
ANA = {"given_name": "Ana", "email": "ana@example.com", "time_zone": "America/New_York", "consent_contact": "on"}


@pytest.fixture
def _allowed(settings: Any) -> None:
    settings.EMBED_ORIGINS = [SITE]


def frame_ancestors(headers: Any) -> str:
    rules = dict(rule.split(" ", 1) for rule in headers["Content-Security-Policy"].split("; "))
    return rules["frame-ancestors"]


@pytest.mark.usefixtures("_allowed")
@pytest.mark.parametrize("path", ["/embed/", "/es/embed/", "/contact/", "{page}", "{page}time/", "/help/"])
def test_a_site_that_was_named_may_frame_the_way_to_a_time(client: Client, page: str, path: str) -> None:
    headers = client.get(path.format(page=page)).headers
    assert (frame_ancestors(headers), "X-Frame-Options" in headers) == (SITE, False)


@pytest.mark.usefixtures("_allowed")
@pytest.mark.parametrize("path", ["/", "/desk/", "/accounts/login/", "/api/docs/"])
def test_nobody_may_frame_anything_else(client: Client, kind: object, path: str) -> None:
    headers = client.get(path).headers
    assert (frame_ancestors(headers), headers["X-Frame-Options"]) == ("'none'", "DENY")


def test_the_form_is_kept_by_no_browser_wherever_it_stands(client: Client, kind: object) -> None:
    kept = [client.get(path).headers["Cache-Control"] for path in ("/contact/", "/embed/", "/es/embed/")]
    assert kept == ["no-store"] * 3


def test_where_no_site_is_named_nobody_may_frame(client: Client, kind: object) -> None:
    headers = client.get("/embed/").headers
    assert (frame_ancestors(headers), headers["X-Frame-Options"]) == ("'none'", "DENY")


@pytest.mark.usefixtures("_allowed")
def test_in_a_frame_the_page_is_the_form_and_where_help_is(client: Client, kind: object) -> None:
    framed = client.get("/embed/", headers=IN_A_FRAME)
    assertContains(framed, "tel:988")
    assertNotContains(framed, "masthead")
    assertContains(client.get("/embed/"), "masthead")


@pytest.mark.usefixtures("_allowed")
@pytest.mark.parametrize(("headers", "status"), [(IN_A_FRAME, 302), ({}, 403)])
def test_a_form_in_a_frame_needs_no_cookie(kind: object, headers: dict[str, str], status: int) -> None:
    browser = Client(enforce_csrf_checks=True)
    assert browser.post("/contact/", ANA | {"form_key": a_form_key()}, headers=headers).status_code == status
    assert Inquiry.objects.count() == (1 if status == 302 else 0)


def test_a_frame_that_is_not_allowed_needs_the_cookie_too(kind: object) -> None:
    answer = Client(enforce_csrf_checks=True).post("/contact/", ANA, headers=IN_A_FRAME)
    assert answer.status_code == 403


@pytest.mark.usefixtures("_allowed")
def test_the_desk_in_a_frame_still_asks_for_the_mark(kind: object) -> None:
    assert Client(enforce_csrf_checks=True).post("/accounts/login/", {}, headers=IN_A_FRAME).status_code == 403


@pytest.mark.usefixtures("_allowed")
def test_the_page_it_stood_on_is_kept_with_the_inquiry(client: Client, kind: object) -> None:
    marks = {"utm_source": "newsletter", "page": f"{SITE}/care", "referrer": "https://search.example/"}
    form = client.get("/embed/", marks, headers=IN_A_FRAME)
    client.post("/contact/", ANA | dict(form.context["source"]), headers=IN_A_FRAME)
    assert Inquiry.objects.get().source == marks


def test_the_script_may_be_loaded_by_any_site_and_kept(client: Client) -> None:
    first = client.get("/embed.js")
    again = client.get("/embed.js", headers={"If-None-Match": first["ETag"]})
    assert first["Content-Type"] == "text/javascript; charset=utf-8"
    assert first["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert (again.status_code, first["Cache-Control"]) == (304, "public, max-age=3600")
