"""The words of the clinic's pages, as a manager changes them."""

import pytest
from django.test import Client

from inquiries.models import Passage
from tests.factories import the_clinics_words
from tests.pages.reader import Page

pytestmark = pytest.mark.django_db

TEXTS = "/desk/settings/texts/"
WORDS = {
    "place": "questions",
    "position": "1",
    "is_shown": "on",
    "title_en": "May I bring my sister?",
    "body_en": "Yes.\r\n\r\n- to the visit\r\n- to the call",
    "title_es": "¿Puede venir mi hermana?",
    "body_es": "Sí.",
}


@pytest.fixture(autouse=True)
def _written() -> None:
    the_clinics_words()


def test_a_new_question_is_on_the_page_at_once(manager: Client) -> None:
    assert manager.post(TEXTS + "new/", WORDS)["Location"] == TEXTS

    shown = Page(Client().get("/questions/"))
    assert shown.text.index("May I bring my sister?") < shown.text.index("bipolar disorder?")
    assert "<ul><li>to the visit</li><li>to the call</li></ul>" in shown.source


def test_a_text_is_changed_and_hidden(manager: Client) -> None:
    passage = Passage.objects.filter(place="questions").first()
    assert passage is not None

    manager.post(f"{TEXTS}{passage.pk}/", {**WORDS, "is_shown": ""})

    passage.refresh_from_db()
    assert (passage.title_es, passage.is_shown) == ("¿Puede venir mi hermana?", False)
    assert "hidden" in Page(manager.get(TEXTS)).text


@pytest.mark.parametrize("missing", ["title_es", "body_es", "title_en", "body_en"])
def test_both_languages_are_asked_for_and_nothing_typed_is_lost(manager: Client, missing: str) -> None:
    answer = manager.post(TEXTS + "new/", {**WORDS, missing: " "})

    assert (answer.status_code, Passage.objects.filter(position=1).count()) == (400, 0)
    assert "bring my sister" in Page(answer).source or missing == "title_en"


def test_only_managers_write_for_visitors(desk: Client) -> None:
    assert desk.get(TEXTS).status_code == 403
