"""Catalogues are extracted, checked and compiled without gettext."""

from __future__ import annotations

import gettext
import multiprocessing
import shutil
from io import BytesIO
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog

from config import translations

TEMPLATE = b"""{% load i18n %}
<h1>{% translate "Hello" %}</h1>
  {% blocktranslate count n=times trimmed %}
    One time
  {% plural %}
    {{ n }} times
  {% endblocktranslate %}
{% translate "May" context "month" %} {{ _("Filtered") }}
"""
SPANISH = """
msgid ""
msgstr ""
"Content-Type: text/plain; charset=utf-8\\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\\n"

msgid "Hello"
msgstr "Hola"

#, fuzzy
msgid "Bye"
msgstr "Adiós"

msgid "%(n)s time"
msgid_plural "%(n)s times"
msgstr[0] "%(n)s vez"
msgstr[1] "%(m)s veces"

msgid "Gone"
msgstr "Ido"

msgid "Open"
msgstr ""
"""


@pytest.fixture
def spanish(tmp_path: Path) -> Path:
    place = tmp_path / "es" / "LC_MESSAGES" / "django.po"
    place.parent.mkdir(parents=True)
    place.write_text(SPANISH)
    return place


def sources_saying(*texts: str | tuple[str, str]) -> Catalog:
    catalogue = Catalog()
    for text in texts:
        catalogue.add(text)
    return catalogue


def test_a_template_yields_its_texts_plurals_and_contexts() -> None:
    found = translations.extract_template(BytesIO(TEMPLATE), translations.KEYWORDS, [], {})
    said = [(name, text) for _line, name, text, _comments in found]
    assert said == [
        ("gettext", "Hello"),
        ("ngettext", ("One time", "%(n)s times", None)),
        ("pgettext", ("month", "May")),
        ("_", "Filtered"),
    ]


def test_each_fault_of_a_catalogue_is_named(spanish: Path) -> None:
    found = sources_saying("Hello", "Bye", "Open", "New", ("%(n)s time", "%(n)s times"))
    assert sorted(translations.complaints(spanish, found)) == [
        "missing: 'New'",
        "no longer used: 'Gone'",
        "not translated: 'Bye'",
        "not translated: 'Open'",
        "unknown named placeholder 'm': ('%(n)s time', '%(n)s times')",
    ]


def test_a_compiled_catalogue_speaks_spanish_and_leaves_fuzzy_texts_alone(spanish: Path) -> None:
    translations.compile_catalogues(spanish.parents[2])
    with spanish.with_suffix(".mo").open("rb") as compiled:
        speak = gettext.GNUTranslations(compiled).gettext
    assert [speak("Hello"), speak("Bye")] == ["Hola", "Bye"]


def test_only_a_stale_catalogue_is_compiled_again(spanish: Path) -> None:
    translations.compile_catalogues(spanish.parents[2])
    compiled = spanish.with_suffix(".mo")
    shutil.copystat(spanish, compiled)
    before = compiled.stat().st_ino
    translations.compile_catalogues(spanish.parents[2])
    assert compiled.stat().st_ino == before


def test_the_desk_has_one_name_in_spanish() -> None:
    """It is «Recepción» in pages and mails alike."""
    spanish = [message.string for message in translations.read(translations.LOCALE / "es/LC_MESSAGES/django.po")]
    mails = (translations.BASE_DIR / "notifications/templates/notifications/es").iterdir()

    assert [text for text in [*map(str, spanish), *(mail.read_text() for mail in mails)] if "escritorio" in text] == []


def test_two_that_start_at_once_both_find_it_compiled(spanish: Path) -> None:
    """The control is a loop long enough to meet: with one name for all, nearly every run of the old code failed."""
    compiled = spanish.with_suffix(".mo")

    def compile_again() -> None:
        for _ in range(40):
            translations.compile_one(spanish, compiled)

    workers = [multiprocessing.get_context("fork").Process(target=compile_again) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()

    assert [worker.exitcode for worker in workers] == [0, 0]
    assert sorted(spanish.parent.iterdir()) == [compiled, spanish]
