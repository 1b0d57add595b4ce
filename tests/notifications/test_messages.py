"""Every message in both languages: whole, discreet, and the same in text and HTML."""

import datetime as dt
import html
import re
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from icalendar import Calendar

from notifications import discretion, messages
from notifications.discretion import Indiscreet
from notifications.models import Notification
from notifications.readers import reader_of
from scheduling.models import Appointment, AppointmentType
from tests.factories import NOW
from tests.notifications.stories import STORIES, a_letter

pytestmark = pytest.mark.django_db
KINDS = [str(kind) for kind in Notification.Kind]
LANGUAGES = ["en", "es"]
TAG, LINK = re.compile(r"<(style|title).*?</\1>|<[^>]+>", re.S), re.compile(r"https?://\S+")


@pytest.fixture(autouse=True)
def _clinic(clock: time_machine.Traveller, kind: AppointmentType) -> None:
    """The demo clinic on a Monday at ten."""


def rendered(row: Notification) -> EmailMessage:
    parsed: Any = message_from_bytes(messages.render([row], now=NOW)[0].encode("ascii"), policy=default)
    return parsed


def part(message: EmailMessage, content_type: str) -> str:
    (found,) = (each for each in message.walk() if each.get_content_type() == content_type)
    return str(found.get_content())


def words(text: str) -> list[str]:
    return re.findall(r"\w+", LINK.sub("", text))


def test_there_is_a_story_for_every_kind() -> None:
    assert sorted(STORIES) == sorted(KINDS)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", KINDS)
def test_text_and_html_say_the_same(name: str, language: str) -> None:
    message = rendered(a_letter(name, language=language))

    seen = html.unescape(TAG.sub(" ", part(message, "text/html")))
    assert words(part(message, "text/plain")) == words(seen)
    assert message["Content-Language"] == language


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", KINDS)
def test_no_message_tells_why_somebody_wrote_to_us(name: str, language: str) -> None:
    row = a_letter(name, language=language, message="ketamine", concerns=("bipolar", "ptsd"))

    message = rendered(row)

    everything = [
        str(each.get_content()) for each in message.walk() if not each.is_multipart() and each["Content-Type"]
    ]
    said = "\n".join(text for text in everything if not text.startswith("b'"))
    assert discretion.health_words(said + str(message["Subject"]) + str(message["From"])) == []


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", [kind for kind in KINDS if kind in Notification.PATIENT_KINDS])
def test_who_asked_for_discretion_never_reads_the_clinics_name(name: str, language: str, settings: Any) -> None:
    settings.CLINIC_NAME, settings.DEFAULT_FROM_EMAIL = "Harbor Clinic", "Harbor Clinic <calls@example.org>"
    row = a_letter(name, language=language, discreet=True)

    raw = messages.render([row], now=NOW)[0]

    message: Any = message_from_bytes(raw.encode(), policy=default)
    decoded = [part.get_payload(decode=True).decode() for part in message.walk() if not part.is_multipart()]
    assert message["From"] == "calls@example.org"
    assert not [text for text in (raw, *decoded) if "Harbor" in text.replace("\r\n ", "")]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", KINDS)
def test_a_link_opens_the_page_in_the_readers_language(name: str, language: str) -> None:
    row = a_letter(name, language=language)

    links = LINK.findall(part(rendered(row), "text/plain"))

    if row.kind == "erased":
        assert links == []
    elif row.is_for_patient:
        pages = [re.sub(r"/[^/]+/$", "", link.removeprefix("http://127.0.0.1:8000")) for link in links]
        prefix = "/es" if language == "es" else ""
        assert pages == [f"{prefix}/m", *([f"{prefix}/no-reminders"] if name == "reminder" else [])]
    elif row.calendar:
        assert links == [f"http://127.0.0.1:8000/desk/settings/practitioners/{row.calendar.practitioner_id}/calendars/"]
    else:
        assert links == [f"http://127.0.0.1:8000/desk/inquiries/{row.inquiry_id}/"]


@pytest.mark.parametrize("broken", ["Your ketamine infusion", "Su llamada sobre la depresión", "PTSD", "Psiquiatría"])
def test_a_template_that_tells_is_refused_when_it_is_written(broken: str, monkeypatch: Any) -> None:
    """The control of the linter: the words are found in subject, text and HTML alike."""
    row = a_letter("reminder")
    fine = messages.standard(row.kind, messages.context(row, reader_of(row), now=NOW))
    for name in ("subject", "text", "html"):
        bad = messages.Texts(**{**vars(fine), name: f"{getattr(fine, name)} {broken}"})
        monkeypatch.setattr(messages, "standard", lambda *_, bad=bad, **__: bad)

        with pytest.raises(Indiscreet) as refusal:
            messages.render([row], now=NOW)

        assert "Ana" not in str(refusal.value)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", [kind for kind in KINDS if kind in Notification.PATIENT_KINDS])
def test_every_number_to_call_is_a_link_that_calls(name: str, language: str) -> None:
    seen = part(rendered(a_letter(name, language=language, phone="")), "text/html")

    in_links = re.findall(r'<a href="tel:(\+?\d+)"[^>]*>([^<]*)</a>', seen)
    assert {"+13055550100", "911"} == {number for number, _ in in_links}
    assert seen.count("+1 305 555 0100") == sum(shown == "+1 305 555 0100" for _, shown in in_links)


@pytest.mark.parametrize(
    "hidden",
    [
        *("keta\u200bmine", "keta\u200dmine", "keta\u00admine", "keta\u034fmine", "_ketamine_", "ｋｅｔａｍｉｎｅ"),
        *("KETAMINA", "DEPRESIÓN", "depresio\u0301n", "terapéutico", "trastornos", "esketamina", "antidepresivos"),
        *("bipolaridad", "bipolares", "siquiatra", "sicóloga", "pánico", "estresada", "insomnio", "TDAH", "TOC"),
        *("stressed", "panic", "clinicians", "overdose", "OCD", "ADHD", "antidepressant", "schizophrenia", "rehab"),
    ],
)
def test_a_health_word_is_found_however_it_is_written(hidden: str) -> None:
    assert len(discretion.health_words(f"About {hidden}, or so")) == 1


def test_ordinary_words_are_no_health_words() -> None:
    said = "Un gusto estar con usted; nuestro edificio, su calendario. Somebody calls you at the clinic. Dolores"

    assert discretion.health_words(said) == []


def test_a_name_that_would_tell_is_left_out_of_the_greeting() -> None:
    row = a_letter("inquiry_received", given_name="Depression")

    assert "Hello," in part(rendered(row), "text/plain").splitlines()


def test_what_people_type_stays_text() -> None:
    row = a_letter("inquiry_received", given_name="<b>Ana</b> & {{ x }}")

    message = rendered(row)

    assert "Hello <b>Ana</b> & {{ x }}," in part(message, "text/plain")
    assert "Hello &lt;b&gt;Ana&lt;/b&gt; &amp; {{ x }}," in part(message, "text/html")


@pytest.mark.parametrize(
    ("zone", "language", "time", "ours"),
    [
        ("America/New_York", "en", "9:00 AM (Eastern Standard Time)", ""),
        ("America/Bogota", "es", "9:00 a.m. (hora estándar de Colombia)", ""),
        (
            "America/Los_Angeles",
            "en",
            "6:00 AM (Pacific Standard Time)",
            "Our time: Monday, December 14, 2026, 9:00 AM (Eastern Standard Time)",
        ),
        (
            "Europe/Madrid",
            "es",
            "3:00 p.m. (hora estándar de Europa central)",
            "Nuestra hora: lunes, 14 de diciembre de 2026, 9:00 a.m. (hora estándar oriental)",
        ),
    ],
)
def test_a_time_is_said_in_the_readers_zone_and_in_ours_where_it_differs(
    zone: str, language: str, time: str, ours: str
) -> None:
    text = part(rendered(a_letter("reminder", language=language, time_zone=zone)), "text/plain")

    assert time in text.splitlines()
    assert (ours in text.splitlines()) if ours else ("Our time" not in text and "Nuestra hora" not in text)


def test_a_change_of_the_clocks_before_the_call_is_pointed_out() -> None:
    row = a_letter("reminder")
    row.due_at = summer = dt.datetime(2026, 10, 30, 12, tzinfo=ZoneInfo("America/New_York"))

    message: Any = message_from_bytes(messages.render([row], now=summer)[0].encode(), policy=default)

    assert "The clocks change before that day." in part(message, "text/plain")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", ["appointment_cancelled", "request_declined", "request_expired", "no_show_follow_up"])
def test_a_time_that_is_over_is_not_called_right(name: str, language: str) -> None:
    row = a_letter(name, language=language)
    row.due_at = summer = dt.datetime(2026, 10, 30, 12, tzinfo=ZoneInfo("America/New_York"))

    message: Any = message_from_bytes(messages.render([row], now=summer)[0].encode())

    seen = [each.get_payload(decode=True).decode() for each in message.walk() if each.get_content_maintype() == "text"]
    assert not [text for text in seen if "The time above is right" in text or "La hora indicada" in text]


def test_the_confirmation_says_what_happens_and_asks_for_a_missing_number() -> None:
    text = part(rendered(a_letter("appointment_confirmed", phone="")), "text/plain")

    assert "What happens in this call" in text
    assert "We do not have a phone number for you yet." in text


def test_the_reminder_says_what_a_missed_time_costs() -> None:
    text = part(rendered(a_letter("reminder")), "text/plain")

    assert "These 20 minutes are kept for you alone" in text


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_invitation_is_a_private_neutral_entry_in_utc(language: str) -> None:
    row = a_letter("appointment_confirmed", language=language, given_name="Ana\nATTENDEE:x")
    appointment = Appointment.objects.get(pk=row.appointment_id)

    message = rendered(row)

    content = part(message, "text/calendar")
    (event,) = Calendar.from_ical(content).walk("VEVENT")
    assert str(event["SUMMARY"]).split()[0] == {"en": "Call", "es": "Llamada"}[language]
    assert (event["CLASS"], event["STATUS"]) == ("PRIVATE", "CONFIRMED")
    assert f"DTSTART:{appointment.start:%Y%m%dT%H%M%SZ}" in content
    assert event["ATTENDEE"] == "mailto:ana@example.com"
    assert max(len(line.encode()) for line in content.splitlines()) <= 75
    attachment = next(message.iter_attachments())
    assert (attachment.get_filename(), attachment.get_content_type()) == ("invite.ics", "application/ics")
    assert attachment.get_content().decode().splitlines() == content.splitlines()


def test_lines_of_a_message_are_ascii_ended_by_crlf() -> None:
    raw = messages.render([a_letter("appointment_confirmed", language="es")], now=NOW)[0]

    assert raw.isascii()
    assert "\n" not in raw.replace("\r\n", "")
    assert max(map(len, raw.split("\r\n"))) < 998


def test_a_word_that_chance_puts_into_a_secret_link_stops_no_message(monkeypatch: Any) -> None:
    """One token in a hundred thousand holds one; the control is that it would be refused anywhere else."""
    token = "ab-iv-ptsd-cd"
    monkeypatch.setattr("secrets.token_urlsafe", lambda _bytes: token)
    monkeypatch.setattr("notifications.unsubscribing._signer.sign", lambda _: token)
    row = a_letter("reminder")

    text = part(rendered(row), "text/plain")

    assert (f"/m/{token}/" in text, f"/no-reminders/{token}/" in text) == (True, True)
    assert discretion.health_words(token) == ["iv", "ptsd"]
