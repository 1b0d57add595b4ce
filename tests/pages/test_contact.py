"""The contact form: what it keeps, what it refuses, and that nothing typed is ever lost."""

import hashlib
import re
from typing import Any

import pytest
from django.db import OperationalError
from django.test import Client
from django.utils import translation

from inquiries import intake
from inquiries.forms import ContactForm
from inquiries.models import Activity, Contact, Inquiry, Statement
from scheduling.models import Appointment, AppointmentType
from scheduling.picker import iso
from tests.factories import a_form_key, an_appointment, an_inquiry, free_times
from tests.pages.reader import Page

pytestmark = pytest.mark.django_db

GOOD = {
    "given_name": "Ana",
    "family_name": "Ruiz",
    "email": "ana@example.com",
    "phone": "305 555 0123",
    "time_zone": "America/Chicago",
    "concerns": ["bipolar", "anxiety"],
    "message": "I would rather talk in the morning.",
    "consent_contact": "on",
}
LANGUAGES = {"en": "/contact/", "es": "/es/contact/"}


def send(client: Client, path: str = "/contact/", **changes: Any) -> Any:
    body = {"form_key": a_form_key(), **GOOD, **changes}
    return client.post(path, {name: value for name, value in body.items() if value is not None})


def test_an_inquiry_is_kept_before_any_time_is_chosen(client: Client, kind: AppointmentType, clock: object) -> None:
    response = send(client)

    inquiry = Inquiry.objects.get()
    contact = inquiry.contact
    assert response.status_code == 302
    assert response["Location"].endswith("/time/")
    assert (contact.full_name, contact.email.reveal(), contact.phone.reveal()) == (
        "Ana Ruiz",
        "ana@example.com",
        "+13055550123",
    )
    assert (inquiry.time_zone, inquiry.preferred_language, inquiry.consent_reminders_at) == (
        "America/Chicago",
        "en",
        None,
    )
    assert sorted(statement.text.reveal() for statement in inquiry.statements.all()) == [
        "I would rather talk in the morning.",
        "bipolar,anxiety",
    ]


def test_the_language_of_the_page_is_the_language_of_the_person(client: Client, kind: AppointmentType) -> None:
    response = send(client, "/es/contact/")

    assert response["Location"].startswith("/es/m/")
    assert Inquiry.objects.get().preferred_language == "es"


def test_the_source_of_a_visitor_is_kept(client: Client, kind: AppointmentType) -> None:
    arrived = client.get("/contact/?utm_source=flyer", headers={"referer": "https://example.org/a?b=c"})
    marks = {name: Page(arrived).values(name)[0] for name in ("utm_source", "referrer", "page")}

    send(client, **marks)

    assert Inquiry.objects.get().source == {
        "utm_source": "flyer",
        "referrer": "https://example.org/a",
        "page": "/contact/",
    }


FOLDED = [("preferred_name", "Anita"), ("discreet", "on"), ("message", "Hello"), ("concerns", ["ptsd"])]


def test_what_need_not_be_said_is_folded_away(client: Client, kind: AppointmentType) -> None:
    assert ["open" in fold for fold in Page(client.get("/contact/")).all("details")] == [False, False]


@pytest.mark.parametrize(("name", "value"), FOLDED)
def test_what_was_said_is_not_folded_away(client: Client, kind: AppointmentType, name: str, value: Any) -> None:
    said = {"message": "", "concerns": None, "given_name": "", name: value}

    opened = ["open" in fold for fold in Page(send(client, **said)).all("details")]

    assert opened == [name in ("preferred_name", "discreet"), name in ("message", "concerns")]


def test_a_form_without_its_mark_comes_back_as_it_was_filled_in(kind: AppointmentType) -> None:
    visitor = Client(enforce_csrf_checks=True)
    response = send(visitor)

    page = Page(response)
    assert response.status_code == 403
    assert Inquiry.objects.count() == 0
    assert page.values("given_name") == ["Ana"]
    assert GOOD["message"] in page.text
    assert send(visitor, csrfmiddlewaretoken=page.values("csrfmiddlewaretoken")[0]).status_code == 302


@pytest.mark.parametrize(("site", "status"), [("same-origin", 302), ("cross-site", 403), ("same-site", 403)])
def test_a_form_of_our_own_page_needs_no_cookie(kind: AppointmentType, site: str, status: int) -> None:
    visitor = Client(enforce_csrf_checks=True, headers={"sec-fetch-site": site})

    assert send(visitor).status_code == status


@pytest.mark.parametrize(("headers", "kept"), [({"sec-fetch-site": "none"}, []), ({}, ["csrftoken"])])
def test_only_an_older_browser_is_given_a_cookie(
    client: Client, kind: AppointmentType, headers: dict[str, str], kept: list[str]
) -> None:
    assert list(client.get("/contact/", headers=headers).cookies) == kept


BAD = {
    "no name": ({"given_name": ""}, "id_given_name", "Enter your first name.", "Escriba su nombre."),
    "a name of control characters": (
        {"given_name": "\x00\x07"},
        "id_given_name",
        "Enter your first name.",
        "Escriba su nombre.",
    ),
    "a name of 81 characters": (
        {"given_name": "a" * 81},
        "id_given_name",
        "Use 80 characters at most.",
        "Use 80 caracteres como máximo.",
    ),
    "a broken address": (
        {"email": "ana@"},
        "id_email",
        "Enter an e-mail address like name@example.com.",
        "Escriba un correo electrónico como nombre@ejemplo.com.",
    ),
    "a broken number": (
        {"phone": "12"},
        "id_phone",
        "Enter a phone number with its area code, like 305 555 0123.",
        "Escriba un número de teléfono con su código de área, como 305 555 0123.",
    ),
    "no way to answer": (
        {"email": "", "phone": ""},
        "id_email",
        "Enter an e-mail address or a phone number, so that we can answer.",
        "Escriba un correo electrónico o un número de teléfono para que podamos responderle.",
    ),
    "a way without its number": (
        {"phone": "", "contact_by": ["phone"]},
        "id_phone",
        "Enter your phone number, or choose another way to reach you.",
        "Escriba su número de teléfono, o elija otro medio para comunicarnos con usted.",
    ),
    "an unknown zone": (
        {"time_zone": "Mars/Olympus"},
        "id_time_zone",
        "Choose a time zone like America/New_York.",
        "Elija una zona horaria como America/New_York.",
    ),
    "a message of 2001 characters": (
        {"message": "a" * 2001},
        "id_message",
        "Use 2000 characters at most.",
        "Use 2000 caracteres como máximo.",
    ),
    "no consent": (
        {"consent_contact": None},
        "id_consent_contact",
        "Tick this box so that we may contact you.",
        "Marque esta casilla para que podamos comunicarnos con usted.",
    ),
    "a filled trap": (
        {"homepage": "https://spam.example"},
        "id_homepage",
        "Leave this field empty: it is there to stop programs that fill in forms.",
        "Deje este campo vacío: está ahí para detener a los programas que llenan formularios.",
    ),
}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("case", BAD)
def test_bad_input_is_explained_beside_its_field_and_on_top(
    client: Client, kind: AppointmentType, case: str, language: str
) -> None:
    changes, field, english, spanish = BAD[case]

    response = send(client, LANGUAGES[language], **changes)

    page, sentence = Page(response), english if language == "en" else spanish
    assert response.status_code == 422
    assert page.text.count(sentence) == 2
    assert {"href": f"#{field}"} in page.all("a")
    assert any(attributes.get("id") == field for tag in ("input", "select", "textarea") for attributes in page.all(tag))
    assert not Inquiry.objects.exists()


@pytest.mark.parametrize("name", ["concerns", "contact_by", "needs_help_now"])
def test_a_choice_that_is_not_offered_is_refused(client: Client, kind: AppointmentType, name: str) -> None:
    response = send(client, **{name: "made-up"})

    assert response.status_code == 422
    assert {"href": f"#id_{name}_0"} in Page(response).all("a")


def test_everything_typed_is_kept_on_an_error(client: Client, kind: AppointmentType, clock: object) -> None:
    start = iso(free_times()[0])

    page = Page(send(client, given_name="", needs_help_now="no", contact_by=["email"], start=start, utm_source="x"))

    assert page.values("email") == ["ana@example.com"]
    assert page.values("phone") == ["305 555 0123"]
    assert page.values("start") == [start]
    assert page.values("utm_source") == ["x"]
    chosen = {
        field.get("value", name) for name, fields in page.fields().items() for field in fields if "checked" in field
    }
    assert chosen == {"email", "no", "bipolar", "anxiety", "consent_contact"}
    assert {"value": "America/Chicago", "selected": ""} in page.all("option")
    assert "I would rather talk in the morning." in page.text


def test_control_characters_are_taken_out_of_what_is_kept(client: Client, kind: AppointmentType) -> None:
    send(client, given_name="A\x00na\u202e", message="one\x00\ntwo")

    assert Contact.objects.get().given_name.reveal() == "Ana"
    assert Statement.objects.get(kind="message").text.reveal() == "one\ntwo"


def test_consent_is_never_given_beforehand(client: Client) -> None:
    fields = Page(client.get("/contact/")).fields()

    assert ["checked" in fields[name][0] for name in ("consent_contact", "consent_reminders")] == [False, False]


def test_a_time_chosen_on_the_clinics_page_is_held_at_once(
    client: Client, kind: AppointmentType, clock: object
) -> None:
    start = free_times()[0]

    response = send(client, start=iso(start))

    appointment = Appointment.objects.get()
    assert (appointment.start, appointment.status) == (start, "pending")
    assert re.fullmatch(r"/m/[\w-]{43}/", response["Location"])


def test_a_chosen_time_that_is_gone_leads_to_the_nearest_times(
    client: Client, kind: AppointmentType, clock: object
) -> None:
    start = free_times()[0]
    for _ in range(3):
        an_appointment(inquiry=an_inquiry(), start=start)

    response = send(client, start=iso(start))
    page = Page(client.get(response["Location"]))

    assert "This time has just been taken." in page.text
    assert len([value for value in page.fields()["start"] if value["id"].startswith("near")]) == 3
    assert Inquiry.objects.filter(appointments=None).count() == 1


@pytest.mark.parametrize(
    "start", ["yesterday", "2026-12-09T10:00:00", "0001-01-01T00:00:00+00:00", "9999-12-31T23:59Z"]
)
def test_a_time_that_is_none_is_simply_not_used(
    client: Client, kind: AppointmentType, clock: object, start: str
) -> None:
    assert client.get("/contact/", {"start": start}).status_code == 200

    response = send(client, start=start)

    assert response["Location"].endswith("/time/")


def test_somebody_who_needs_help_today_sees_the_lifelines_first_and_is_not_stopped(
    client: Client, kind: AppointmentType, clock: object
) -> None:
    response = send(client, needs_help_now="yes")
    page = Page(client.get(response["Location"]))

    assert response["Location"].endswith("/help/")
    assert [link["href"] for link in page.all("a") if link.get("class", "").startswith("button")] == [
        "tel:988",
        "sms:988",
        "tel:911",
        "../time/",
    ]
    assert Activity.objects.get(kind="inquiry.received").facts["urgent"] is True


def test_a_page_without_a_clinic_still_takes_the_inquiry(client: Client, db: None) -> None:
    response = send(client)

    assert client.get(response["Location"]).status_code == 200


def test_a_form_sent_twice_is_one_inquiry(client: Client, kind: AppointmentType) -> None:
    (key,) = Page(client.get("/contact/")).values("form_key")

    answers = [send(client, form_key=key)["Location"] for _ in range(2)]

    assert Inquiry.objects.count() == 1
    assert answers[0] == answers[1]


def test_a_form_changed_and_sent_again_is_another_inquiry(client: Client, kind: AppointmentType) -> None:
    (key,) = Page(client.get("/contact/")).values("form_key")

    for name in ("Ana", "Anna"):
        send(client, form_key=key, given_name=name)

    assert Inquiry.objects.count() == 2


@pytest.mark.parametrize(("key", "status"), [("x" * 4000, 302), ("\x00", 422)])
def test_a_key_that_no_page_made_is_no_server_error(
    client: Client, kind: AppointmentType, key: str, status: int
) -> None:
    assert send(client, form_key=key).status_code == status


def test_too_many_forms_from_one_address_are_refused_with_everything_kept(
    client: Client, kind: AppointmentType, settings: Any
) -> None:
    settings.THROTTLES = {**settings.THROTTLES, "inquiry": (1, 60)}
    send(client)

    response = send(client)

    assert response.status_code == 429
    assert "Too many requests. Try again in a minute." in Page(response).text
    assert Page(response).values("email") == ["ana@example.com"]
    assert Inquiry.objects.count() == 1


def test_we_call_people_as_they_like(client: Client, kind: AppointmentType) -> None:
    response = send(client, preferred_name="Anita")

    assert Inquiry.objects.get().contact.called == "Anita"
    assert "Hello Anita," in Page(client.get(response["Location"].removesuffix("time/"))).text


CONSENT_DIGEST = "37c024217610c90d"


def test_the_words_of_the_consent_have_a_version() -> None:
    """Words that somebody agreed to never change under an old name: raise CONSENT_TEXT_VERSION, then set the digest."""
    words = []
    for language in LANGUAGES:
        with translation.override(language):
            words += [str(ContactForm.base_fields[name].label) for name in ("consent_contact", "consent_reminders")]

    digest = hashlib.sha256("\n".join(words).encode()).hexdigest()
    assert (intake.CONSENT_TEXT_VERSION, digest[:16]) == ("2026-11", CONSENT_DIGEST)


def test_while_the_database_is_away_nothing_typed_is_lost_and_help_comes_first(
    client: Client, kind: AppointmentType, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(**_: Any) -> None:
        raise OperationalError("refused")

    monkeypatch.setattr(intake, "receive", refused)

    response = send(client, needs_help_now="yes")

    shown = Page(response)
    assert response.status_code == 503
    assert (shown.values("given_name"), shown.values("email")) == (["Ana"], ["ana@example.com"])
    assert "We could not keep this just now." in shown.text
    assert shown.text.index("You do not have to wait for us") < shown.text.index("How to reach you")
    assert Inquiry.objects.count() == 0
