"""What holds for every visitor page: help in a crisis, one heading, its language, nobody else's server, few bytes."""

import json
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.test import Client, RequestFactory
from django.utils import translation

from config import errors
from inquiries.models import Inquiry
from tests.factories import a_link, an_appointment, an_inquiry
from tests.pages.reader import Page

KILOBYTES = 1024
PAGES = [
    "/",
    "/first-call/",
    "/treatment/",
    "/questions/",
    "/contact/",
    "/link/",
    "/link/sent/",
    "/forgotten/",
    "/help/",
    "/nowhere/",
    "/m/nonsense/",
    "{page}",
    "{page}time/",
    "{page}time/?all=1",
    "{page}none-suits/",
    "{page}erase/",
    "{page}help/",
]
LOADED = ("stylesheet", "icon")
DATA_BLOCK = {"type": "application/ld+json"}
STATES = ["pending", "proposed", "booked", "fulfilled", "noshow", "cancelled"]

every_page = pytest.mark.parametrize("path", PAGES)
both_languages = pytest.mark.parametrize("prefix", ["", "/es"])


def crisis_links(page: Page) -> list[str]:
    return [link["href"] for link in page.all("a") if link.get("href") in ("tel:911", "tel:988", "sms:988")]


@pytest.fixture
def read(client: Client, page: str) -> Callable[[str, str], Page]:
    return lambda prefix, path: Page(client.get(prefix + path.format(page=page)))


@pytest.mark.django_db
@both_languages
@every_page
def test_help_in_a_crisis_stands_before_the_first_field(
    read: Callable[[str, str], Page], prefix: str, path: str
) -> None:
    page = read(prefix, path)

    controls = ("input", "select", "textarea")
    order = [tag for tag, attributes in page.tags if tag in controls or attributes.get("href") == "sms:988"]
    assert crisis_links(page)[:3] == ["tel:911", "tel:988", "sms:988"]
    assert order[0] == "a"


@pytest.mark.django_db
@both_languages
@every_page
def test_a_page_has_one_heading_its_language_and_the_way_to_the_other(
    read: Callable[[str, str], Page], prefix: str, path: str
) -> None:
    page = read(prefix, path)

    language, other = ("es", "en") if prefix else ("en", "es")
    assert (page.all("html"), len(page.all("h1"))) == ([{"lang": language}], 1)
    assert [link["hreflang"] for link in page.all("a") if "hreflang" in link] == [other]


@pytest.mark.django_db
@both_languages
@every_page
def test_a_page_asks_nobody_elses_server_and_runs_nothing_inline(
    read: Callable[[str, str], Page], prefix: str, path: str
) -> None:
    page = read(prefix, path)

    loaded = [value for _, attributes in page.tags for name, value in attributes.items() if name in ("src", "action")]
    loaded += [link["href"] for link in page.all("link") if link["rel"] in LOADED]
    assert [address for address in loaded if urlsplit(address).netloc] == []
    assert [tag for tag, attributes in page.tags if tag == "style" or "style" in attributes] == []
    assert all("src" in script for script in page.all("script") if script != DATA_BLOCK)
    assert not any(name.startswith("on") for _, attributes in page.tags for name in attributes)


@pytest.mark.django_db
@both_languages
@every_page
def test_a_page_weighs_little_over_the_wire(client: Client, page: str, prefix: str, path: str) -> None:
    over_the_wire = {"accept-encoding": "gzip"}
    address = prefix + path.format(page=page)
    shown = Page(client.get(address))

    parts = [address] + [link["href"] for link in shown.all("link") if link["rel"] in LOADED]
    parts += [script["src"] for script in shown.all("script") if script != DATA_BLOCK]
    weight = sum(len(client.get(part, headers=over_the_wire).getvalue()) for part in parts)
    assert weight <= 60 * KILOBYTES


@pytest.mark.django_db
@pytest.mark.parametrize("status", STATES)
def test_every_control_has_a_label_in_every_state(client: Client, page: str, ana: Inquiry, status: str) -> None:
    an_appointment(status, inquiry=ana)

    for path in ("", "time/", "none-suits/"):
        shown = Page(client.get(page + path, follow=True))
        labelled = {label["for"] for label in shown.all("label")}
        controls = [field for name in shown.fields() for field in shown.fields()[name] if field.get("type") != "hidden"]
        assert [field for field in controls if field.get("id") not in labelled] == []


@pytest.mark.django_db
def test_the_other_language_is_the_same_page_in_it(client: Client, page: str) -> None:
    shown = Page(client.get(page + "time/?from=2026-12-14"))

    (other,) = [link["href"] for link in shown.all("a") if link.get("hreflang") == "es"]
    assert other == f"/es{page}time/?from=2026-12-14"


@pytest.mark.django_db
def test_the_clinics_page_sets_no_cookie(client: Client, kind: object) -> None:
    assert not client.get("/").cookies


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        (errors.bad_request, 400),
        (errors.forbidden, 403),
        (errors.csrf_failure, 403),
        (errors.not_found, 404),
        (errors.server_error, 500),
    ],
)
@pytest.mark.parametrize("language", ["en", "es"])
def test_error_pages_need_no_database_and_say_where_help_is(
    rf: RequestFactory, answer: Callable[..., object], status: int, language: str
) -> None:
    """Without the `db` fixture any query fails the test."""
    with translation.override(language):
        response = answer(rf.get("/contact/"))

    page = Page(response)  # type: ignore[arg-type]
    assert (response.status_code, page.all("html")) == (status, [{"lang": language}])  # type: ignore[attr-defined]
    assert crisis_links(page)[:3] == ["tel:911", "tel:988", "sms:988"]


@pytest.mark.parametrize(
    ("answer", "status", "code"),
    [
        (errors.bad_request, 400, "bad_request"),
        (errors.not_found, 404, "not_found"),
        (errors.server_error, 500, "server_error"),
    ],
)
def test_what_the_api_does_not_answer_itself_is_a_problem_too(
    rf: RequestFactory, answer: Callable[[HttpRequest], HttpResponse], status: int, code: str
) -> None:
    response = answer(rf.get("/api/v1/slots/"))

    assert (response.status_code, response.headers["Content-Type"]) == (status, "application/problem+json")
    assert json.loads(response.content)["code"] == code


ENGLISH = re.compile(r"\b(the|you|your|and|with|call|time|please|choose)\b", re.IGNORECASE)


@pytest.mark.django_db
@pytest.mark.parametrize("path", [*PAGES, *STATES])
def test_no_english_word_is_left_on_a_spanish_page(client: Client, kind: object, clock: object, path: str) -> None:
    inquiry = an_inquiry(language="es", given_name="Lucía")
    if path in STATES:
        an_appointment(path, inquiry=inquiry)

    shown = Page(client.get("/es" + ("{page}" if path in STATES else path).format(page=f"/m/{a_link(inquiry)}/")))

    assert ENGLISH.findall(shown.text) == []


def test_a_page_without_a_request_has_its_frame_too() -> None:
    assert "Nothing here" in render_to_string("error.html", {"title": "Nothing here", "status": 404})


@both_languages
def test_the_way_to_help_needs_neither_database_nor_redis_nor_session(
    client: Client, settings: Any, prefix: str
) -> None:
    """Without the `db` fixture any query fails the test; nothing listens on port 9."""
    settings.CACHES = {
        "default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": "redis://127.0.0.1:9"}
    }

    response = client.get(prefix + "/help/")

    page = Page(response)
    assert (response.status_code, len(response.cookies)) == (200, 0)
    assert crisis_links(page) == ["tel:911", "tel:988", "sms:988", "tel:988", "sms:988", "tel:911"]
    assert f"{prefix}/help/" in [link["href"] for link in page.all("a")]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("path", "encoding"), [("/", "gzip"), ("/static/patient.css", "gzip"), ("/accounts/login/", ""), ("/api/docs/", "")]
)
def test_only_pages_that_no_session_reads_are_compressed(client: Client, path: str, encoding: str) -> None:
    response = client.get(path, headers={"accept-encoding": "gzip"})

    assert (response.status_code, response.headers.get("Content-Encoding", "")) == (200, encoding)
    response.close()
