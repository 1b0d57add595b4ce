"""One click ends the reminders, and nothing else."""

import re
from email import message_from_bytes
from email.policy import default
from typing import Any

import pytest
from django.test import Client

from inquiries.models import Inquiry
from notifications import messages, unsubscribing
from tests.factories import NOW, an_appointment, an_inquiry, free_times
from tests.notifications.conftest import kinds
from tests.notifications.stories import a_letter
from tests.sink import SmtpSink

pytestmark = pytest.mark.django_db
ONE_CLICK = "List-Unsubscribe=One-Click"


def path_of(inquiry: Inquiry) -> str:
    return "/" + unsubscribing.address_for(inquiry).split("/", 3)[3]


def test_only_reminders_offer_the_click(clinic: SmtpSink, work: Any) -> None:
    call = an_appointment("booked", start=free_times(days_ahead=5)[0])
    work(61)
    work(4 * 24 * 3600)

    offered = {
        str(copy.message["Subject"]): (copy.message["List-Unsubscribe"] or "").strip() for copy in clinic.messages
    }
    one_click = {copy.message["List-Unsubscribe-Post"] for copy in clinic.messages if copy.message["List-Unsubscribe"]}

    assert {"Reminder" in subject for subject, link in offered.items() if link} == {True}
    assert {"Reminder" in subject for subject, link in offered.items() if not link} == {False}
    assert one_click == {ONE_CLICK}
    assert f"<{unsubscribing.address_for(call.inquiry)}>" in offered.values()


@pytest.mark.parametrize(("language", "words"), [("en", "Stop reminders"), ("es", "No recibir más recordatorios")])
def test_a_reminder_says_in_words_where_reminders_end(clinic: SmtpSink, language: str, words: str) -> None:
    row = a_letter("reminder", language=language)
    address = unsubscribing.address_for(row.inquiry)

    message: Any = message_from_bytes(messages.render([row], now=NOW)[0].encode(), policy=default)
    text, seen = (message.get_body((kind,)).get_content() for kind in ("plain", "html"))

    assert text.splitlines()[-1] == address
    assert text.splitlines()[-2].startswith(words)
    assert re.findall(rf'<a href="{re.escape(address)}"[^>]*>([^<]*)</a>', seen) == [words]


def test_a_mail_program_posts_without_cookies_and_no_reminder_goes(clinic: SmtpSink, work: Any) -> None:
    call = an_appointment("booked", start=free_times(days_ahead=5)[0])
    work(61)
    strict = Client(enforce_csrf_checks=True)

    body, kind = ONE_CLICK, "application/x-www-form-urlencoded"
    answers = [strict.post(path_of(call.inquiry), body, content_type=kind).status_code for _ in range(2)]
    work(4 * 24 * 3600)

    assert answers == [200, 200]
    assert kinds(kind="reminder") == ["reminder cancelled", "reminder cancelled"]
    assert call.inquiry.activities.filter(kind="inquiry.reminders_stopped").count() == 1


def test_a_scanner_that_opens_the_link_ends_nothing(client: Client) -> None:
    inquiry = an_inquiry(language="es")

    page = client.get(path_of(inquiry)).text

    inquiry.refresh_from_db()
    assert inquiry.reminders_ok
    assert '<form method="post">' in page
    assert 'lang="es"' in page
    assert "<title>Recordatorios</title>" in page


def test_a_call_booked_afterwards_has_no_reminders_and_says_why(clinic: SmtpSink, client: Client, work: Any) -> None:
    inquiry = an_inquiry()
    client.post(path_of(inquiry))

    an_appointment("booked", inquiry=inquiry, start=free_times(days_ahead=5)[0])
    work(61)

    assert kinds(kind="reminder", reason="no_consent") == ["reminder skipped", "reminder skipped"]


@pytest.mark.parametrize("token", ["", "x", "00000000000000000000000000000000.forged"])
def test_a_wrong_link_is_no_page(client: Client, token: str) -> None:
    assert client.get(f"/no-reminders/{token}/").status_code == 404


def test_a_letter_that_is_no_reminder_has_no_such_header(clinic: SmtpSink) -> None:
    assert "List-Unsubscribe" not in messages.render([a_letter("appointment_confirmed")], now=NOW)[0]


def test_the_link_of_one_click_stands_in_one_line(clinic: SmtpSink) -> None:
    """Folding it would leave the first line of the header empty, which some mail programs take for no link."""
    raw = messages.render([a_letter("reminder")], now=NOW)[0]

    (line,) = [each for each in raw.split("\r\n") if each.startswith("List-Unsubscribe:")]
    assert (line.endswith("/>"), len(line) > 78) == (True, True)
