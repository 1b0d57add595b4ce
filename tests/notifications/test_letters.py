"""Letters that staff have rewritten: what is refused, what is said, and that no turn of a story is told wrongly."""

import html
import re
from email import message_from_bytes
from email.policy import default
from typing import Any

import pytest
import time_machine
from django.test import Client

from notifications import letters, messages, samples
from notifications.letters import Text
from notifications.models import LetterText, Notification
from scheduling.models import AppointmentType
from tests.factories import NOW, a_staff_member
from tests.notifications.stories import a_letter

pytestmark = pytest.mark.django_db
LANGUAGES = ["en", "es"]
KIND, PAGE = "appointment_confirmed", "/desk/messages/texts/appointment_confirmed/in/en/"
FINE = Text("See you on {date}", "Dear {name}, it is settled.\n\n{when}\n\nOpen your page:\n{link}")
TAG = re.compile(r"<(style|title).*?</\1>|<[^>]+>", re.S)


@pytest.fixture(autouse=True)
def _clinic(clock: time_machine.Traveller, kind: AppointmentType) -> None:
    """The demo clinic on a Monday at ten."""


@pytest.fixture
def manager() -> Client:
    client = Client()
    client.force_login(a_staff_member("max", role="manager"))
    return client


def rewrite(text: Text, kind: str = KIND, language: str = "en") -> LetterText:
    return letters.rewrite(kind=kind, language=language, text=text, by=a_staff_member("max"), now=NOW)


def read(row: Notification) -> tuple[str, str]:
    """Subject, and the plain text."""
    message: Any = message_from_bytes(messages.render([row], now=NOW)[0].encode(), policy=default)
    return str(message["Subject"]), str(message.get_body(("plain",)).get_content()).replace("\r\n", "\n")


def test_a_rewritten_letter_is_what_people_read() -> None:
    rewrite(FINE)

    subject, text = read(a_letter(KIND))

    assert subject == "See you on Monday, December 14"
    assert "Dear Ana, it is settled.\n\nMonday, December 14, 2026\n9:00 AM (Eastern Standard Time)" in text
    assert "Open your page:\nhttp://127.0.0.1:8000/m/" in text
    assert text.endswith("If this is an emergency, call 911.\n")


def test_a_number_that_staff_put_into_a_letter_is_a_link_that_calls() -> None:
    text = Text(FINE.subject, "Call us at {phone} <now>.\n\n" + FINE.body)

    seen = samples.sample(KIND, "en", text=text, now=NOW).html

    called = re.sub(r' style="[^"]*"', "", seen)
    assert 'Call us at <a href="tel:+13055550100">+1 305 555 0100</a> &lt;now&gt;.</p>' in called


def test_the_other_language_keeps_its_standard_text() -> None:
    rewrite(FINE)

    assert "confirmada" in read(a_letter(KIND, language="es"))[0]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", letters.EDITABLE)
def test_the_draft_of_every_letter_is_fit_and_says_what_the_standard_text_says(kind: str, language: str) -> None:
    draft = samples.draft(kind, language)
    own, standard = (samples.sample(kind, language, text=text, now=NOW) for text in (draft, None))

    assert letters.problems_of(kind, draft) == []
    assert own.subject == standard.subject
    assert own.text.split() == standard.text.split()


@pytest.mark.parametrize("kind", letters.EDITABLE)
def test_text_and_html_of_a_rewritten_letter_say_the_same(kind: str) -> None:
    own = samples.sample(kind, "en", text=samples.draft(kind, "en"), now=NOW)

    words = [
        re.findall(r"\w+", re.sub(r"https?://\S+", "", text))
        for text in (own.text, html.unescape(TAG.sub(" ", own.html)))
    ]
    assert words[0] == words[1]


@pytest.mark.parametrize(
    ("subject", "body", "refused"),
    [
        ("", FINE.body, "Write a subject and a text."),
        (FINE.subject, FINE.body + "\n\n{diagnosis}", "{diagnosis} is not a placeholder of this letter."),
        (FINE.subject, FINE.body + "\n\n{{ settings }}", "A brace stands alone."),
        (FINE.subject, FINE.body + "\n\n{% load x %}", "A brace stands alone."),
        ("At {when}", FINE.body, "{when} is too long for a subject."),
        (FINE.subject, "Hello.\n\nOpen:\n{link}", "The text needs {when}"),
        (FINE.subject, "{when}", "The text needs {link}"),
        (FINE.subject, "{when}\n\nsee {link}", "The text needs {link}"),
        ("Your ketamine call", FINE.body, "These words would tell others why somebody writes to us: ketamine."),
        (FINE.subject, FINE.body + "\n\nPara la depresión", "would tell others why somebody writes to us: depresion."),
        (FINE.subject, FINE.body + "\n\nHarbor Clinic", "Write {clinic} instead of the clinic's name"),
        (FINE.subject, FINE.body + "\n\nhttps://example.com", "Leave out web and e-mail addresses."),
        (FINE.subject, FINE.body + "\n\nSee Example.com.", "Leave out web and e-mail addresses."),
        (FINE.subject, FINE.body + "\n\nexample.es/now", "Leave out web and e-mail addresses."),
        ("We look at bit.ly on {date}", FINE.body, "Leave out web and e-mail addresses."),
    ],
)
def test_an_unfit_text_is_refused_with_a_sentence(subject: str, body: str, refused: str, settings: Any) -> None:
    settings.CLINIC_NAME = "Harbor Clinic"

    with pytest.raises(letters.Unfit) as refusal:
        rewrite(Text(subject, body))

    assert [refused in sentence for sentence in refusal.value.sentences] == [True]
    assert not LetterText.objects.exists()


def test_a_full_stop_is_no_address() -> None:
    text = Text("{date}, 9 a.m. or p.m.", FINE.body + "\n\nEn la mañana o tarde.Nos vemos... etc.; 3.5/5, and/or.")

    assert letters.problems_of(KIND, text) == []


def test_what_a_placeholder_holds_is_never_read_as_a_template() -> None:
    rewrite(FINE)
    row = a_letter(KIND, given_name="{link}{% include 'x' %}<b>")

    message: Any = message_from_bytes(messages.render([row], now=NOW)[0].encode(), policy=default)

    assert "Dear {link}{% include 'x' %}<b>, it is settled." in message.get_body(("plain",)).get_content()
    assert "Dear {link}{% include 'x' %}&lt;b&gt;, it" in message.get_body(("html",)).get_content()


def test_who_asked_for_discretion_reads_no_name_of_the_clinic_in_a_rewritten_letter() -> None:
    rewrite(Text("{clinic}: {date}", FINE.body + "\n\nYours, {clinic}"))

    subject, text = read(a_letter(KIND, discreet=True))

    assert "Biscayne" not in subject + text


def test_a_turn_that_the_rewritten_text_does_not_fit_keeps_the_standard_one() -> None:
    rewrite(FINE)

    subject, text = read(a_letter(KIND, phone=""))

    assert "confirmed" in subject
    assert "We do not have a phone number for you yet." in text


def test_a_text_that_turns_out_to_be_indiscreet_gives_way_to_the_standard_one(settings: Any) -> None:
    rewrite(Text(FINE.subject, "Bayfront greets you.\n\n" + FINE.body))
    settings.CLINIC_NAME = "Bayfront"

    subject, text = read(a_letter(KIND, discreet=True))

    assert ("confirmed" in subject, "Bayfront" in text) == (True, False)


def test_every_version_is_kept_and_the_standard_text_can_come_back(manager: Client) -> None:
    for subject in ("One on {date}", "Two on {date}"):
        manager.post(PAGE, {"subject": subject, "body": FINE.body, "keep": "1"})
    manager.post(PAGE, {"reset": "1"})

    rows = LetterText.objects.order_by("version")
    assert [(row.version, row.subject, row.by.username) for row in rows] == [
        (1, "One on {date}", "max"),
        (2, "Two on {date}", "max"),
        (3, "", "max"),
    ]
    assert (KIND, "en") not in letters.in_force()
    assert "Two on {date}" in manager.get(PAGE).content.decode()


def test_a_preview_keeps_nothing(manager: Client) -> None:
    page = manager.post(PAGE, {"subject": FINE.subject, "body": FINE.body, "look": "1"})

    assert (page.status_code, "Dear Ana, it is settled." in page.content.decode()) == (200, True)
    assert not LetterText.objects.exists()


def test_a_refused_text_is_shown_again_with_the_reason(manager: Client) -> None:
    page = manager.post(PAGE, {"subject": "Ketamine", "body": FINE.body, "keep": "1"})

    said = html.unescape(page.content.decode())
    assert page.status_code == 400
    assert "These words would tell others why somebody writes to us: ketamine." in said
    assert "Dear {name}, it is settled." in said


def test_a_coordinator_reads_and_does_not_write() -> None:
    client = Client()
    client.force_login(a_staff_member())

    assert client.get(PAGE).status_code == 200
    assert client.post(PAGE, {"subject": FINE.subject, "body": FINE.body, "keep": "1"}).status_code == 403
    assert client.get("/desk/messages/texts/").status_code == 200


def test_a_letter_that_was_written_ahead_is_written_anew() -> None:
    row = a_letter(KIND)
    Notification.objects.filter(pk=row.pk).update(body="written")

    rewrite(FINE)

    row.refresh_from_db()
    assert row.body.reveal() == ""
