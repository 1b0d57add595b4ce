"""The lines that staff paste into their own site."""

from typing import Any

import pytest
from django.test import Client
from pytest_django.asserts import assertContains

from scheduling.desk.embed import lines


def test_the_lines_are_shown_as_text(desk: Client, settings: Any) -> None:
    settings.SITE_URL = "https://book.example.org"
    page = desk.get("/desk/embed/?kind=inline&language=es&label=")
    assertContains(
        page,
        "&lt;script src=&quot;https://book.example.org/embed.js&quot; data-firstcall=&quot;inline&quot;"
        " data-language=&quot;es&quot; async&gt;&lt;/script&gt;",
    )


def test_words_on_the_button_cannot_leave_their_place() -> None:
    assert 'data-label="&quot;&gt;&lt;b&gt;"' in lines(kind="button", language="en", label='"><b>')


@pytest.mark.parametrize(
    ("origins", "sentence"),
    [([], "No site may show the form in a frame yet."), (["https://www.example.org"], "https://www.example.org")],
)
def test_it_says_which_sites_may_frame_the_form(desk: Client, settings: Any, origins: list[str], sentence: str) -> None:
    settings.EMBED_ORIGINS = origins
    assertContains(desk.get("/desk/embed/?kind=popup&language=en"), sentence)
