"""The clinic's pages: in the words of the staff, laid out safely, and answering without PostgreSQL."""

import json
import re
from importlib import import_module
from typing import Any

import pytest
from django.apps import apps
from django.db import IntegrityError, OperationalError
from django.test import Client

from inquiries import passages
from inquiries.models import Passage
from scheduling.models import AppointmentType
from tests.factories import the_clinics_words
from tests.pages.reader import Page

PAGES = ["/", "/first-call/", "/treatment/", "/questions/"]
WORDS = {"title_en": "A title", "title_es": "Un título", "body_en": "A text.", "body_es": "Un texto."}

every_page = pytest.mark.parametrize("path", PAGES)


def markup(page: Page) -> list[dict[str, Any]]:
    """The JSON-LD blocks of a page."""
    return [json.loads(block) for block in re.findall(r'ld\+json">(.*?)</script>', page.source, re.DOTALL)]


@pytest.mark.django_db
@every_page
def test_every_page_leads_to_a_call_and_shows_the_next_free_times(
    client: Client, kind: AppointmentType, clock: object, path: str
) -> None:
    links = [link["href"] for link in Page(client.get(path)).all("a")]

    assert any(link.startswith("/contact/?start=") for link in links)
    assert any(link.startswith("/contact/?page=") for link in links)


@pytest.mark.django_db
def test_a_new_clinic_starts_with_words_in_both_languages() -> None:
    Passage.objects.all().delete()
    import_module("inquiries.migrations.0007_first_words").write(apps, None)

    kept = {(row.place, row.title_en, row.body_es) for row in Passage.objects.all()}

    assert kept == {(row.place, row.title_en, row.body_es) for row in passages.first_words()}


RISKS = {
    "": ["off-label", "Esketamine", "medical supervision", "promise no result", "blood pressure", "dissociation"],
    "/es": ["fuera de indicación", "esketamina", "supervisión médica", "prometemos ningún", "arterial", "disociación"],
}


@pytest.mark.django_db
@pytest.mark.parametrize(("prefix", "said"), RISKS.items())
def test_a_new_clinic_says_what_is_not_approved_and_what_can_go_wrong(
    client: Client, prefix: str, said: list[str]
) -> None:
    the_clinics_words()

    text = " ".join(Page(client.get(prefix + path)).text for path in ("/treatment/", "/questions/"))

    assert [words for words in said if words not in text] == []


@pytest.mark.django_db
@pytest.mark.parametrize(("path", "title", "text"), [("", "A title", "A text."), ("/es", "Un título", "Un texto.")])
def test_what_staff_write_is_on_the_page_in_both_languages(client: Client, path: str, title: str, text: str) -> None:
    Passage.objects.create(place="questions", position=1, **WORDS)

    shown = Page(client.get(f"{path}/questions/"))

    assert shown.text.index(title) < shown.text.index(text)
    assert markup(shown)[1]["mainEntity"][0] == {
        "@type": "Question",
        "name": title,
        "acceptedAnswer": {"@type": "Answer", "text": f"<p>{text}</p>"},
    }


@pytest.mark.django_db
def test_what_is_hidden_is_not_on_the_page(client: Client) -> None:
    the_clinics_words()
    Passage.objects.filter(place="questions").update(is_shown=False)

    assert "bipolar disorder?" not in Page(client.get("/questions/")).text


@pytest.mark.django_db
def test_no_text_brings_markup_of_its_own(client: Client) -> None:
    nasty = "</script><script src=/evil.js></script><b onclick=x>"
    Passage.objects.create(place="questions", position=1, **{**WORDS, "title_en": nasty, "body_en": nasty})

    shown = Page(client.get("/questions/"))

    assert [script.get("src") for script in shown.all("script") if script.get("src") == "/evil.js"] == []
    assert shown.all("b") == []
    assert markup(shown)[1]["mainEntity"][0]["name"] == nasty


@pytest.mark.django_db
@pytest.mark.parametrize("missing", ["title_en", "title_es", "body_en", "body_es"])
def test_a_text_in_one_language_only_cannot_be_kept(missing: str) -> None:
    with pytest.raises(IntegrityError, match="passage_in_both_languages"):
        Passage.objects.create(place="questions", **{**WORDS, missing: ""})


@every_page
def test_without_postgresql_the_words_stay_and_no_time_is_promised(
    client: Client, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    """The words are those read last, by this process."""
    monkeypatch.setattr(passages, "_read_last", [Passage(place="welcome", **WORDS), *passages.first_words()])
    monkeypatch.setattr("django.db.backends.base.base.BaseDatabaseWrapper.ensure_connection", _refused)

    response = client.get(path)

    shown = Page(response)
    assert (response.status_code, len(shown.all("h1"))) == (200, 1)
    assert "We cannot show the free times just now." in shown.text
    assert path != "/" or "A title" in shown.text


def _refused(*_: Any) -> None:
    raise OperationalError("refused")


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/", "/es/treatment/"])
def test_a_page_has_one_true_address_and_its_twin_in_the_other_language(
    client: Client, settings: Any, path: str
) -> None:
    settings.SITE_URL = "https://clinic.example"

    shown = Page(client.get(path + "?utm_source=flyer"))

    plain = path.removeprefix("/es")
    links = {
        link.get("hreflang", link["rel"]): link["href"] for link in shown.all("link") if "alternate" in link["rel"]
    }
    assert [link["href"] for link in shown.all("link") if link["rel"] == "canonical"] == [
        f"https://clinic.example{path}"
    ]
    assert links == {
        "en": f"https://clinic.example{plain}",
        "es": f"https://clinic.example/es{plain}",
        "x-default": f"https://clinic.example{plain}",
    }


def test_search_engines_are_shown_the_public_pages_and_kept_from_peoples_own(client: Client, settings: Any) -> None:
    settings.SITE_URL = "https://clinic.example"

    listed = re.findall(r"<loc>(.*?)</loc>", client.get("/sitemap.xml").content.decode())
    robots = client.get("/robots.txt").content.decode()

    assert listed[:4] == [
        "https://clinic.example/",
        "https://clinic.example/es/",
        "https://clinic.example/first-call/",
        "https://clinic.example/es/first-call/",
    ]
    assert "Disallow: /m/\n" in robots
    assert "Sitemap: https://clinic.example/sitemap.xml" in robots


@pytest.mark.django_db
def test_the_picture_for_previews_is_our_own(client: Client, settings: Any) -> None:
    shown = Page(client.get("/es/"))

    (picture,) = [meta["content"] for meta in shown.all("meta") if meta.get("property") == "og:image"]
    assert picture == f"{settings.SITE_URL}/static/card-es.png"
    assert client.get("/static/card-es.png").getvalue().startswith(b"\x89PNG")
