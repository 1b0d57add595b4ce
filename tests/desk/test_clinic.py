"""The clinic's name, looks and holidays, as a manager sets them; and everybody's own API tokens."""

import datetime as dt

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError
from django.test import Client
from django.utils import translation

from inquiries import clinic, colours
from inquiries.clinic import ClinicProfile
from inquiries.models import ApiToken
from notifications import envelope
from scheduling import slots
from scheduling.desk.rules.public_holidays import next_holidays
from scheduling.models import AppointmentType
from tests.factories import NOW, a_staff_member
from tests.pages.reader import Page

pytestmark = pytest.mark.django_db

CLINIC, TOKENS = "/desk/settings/clinic/", "/desk/settings/tokens/"
HARBOR = {"name": "Harbor Clinic", "phone": "+1 305 555 0177", "holidays": "US-FL", "accent": "#7a1f5c"}
PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 40


def test_the_name_is_said_everywhere(manager: Client) -> None:
    manager.post(CLINIC, HARBOR | {"sender": "hello@harbor.example"})

    assert "Harbor Clinic" in Page(manager.get("/")).text
    assert "Harbor Clinic" in Page(manager.get("/desk/")).text
    assert envelope.sender_address() == "hello@harbor.example"
    assert envelope.sender_name(discreet=False) == "Harbor Clinic"


def test_what_is_not_set_is_as_configured(manager: Client, settings: object) -> None:
    assert clinic.clinic().sender == settings.DEFAULT_FROM_EMAIL  # type: ignore[attr-defined]
    assert Page(manager.get(CLINIC)).values("name") == [settings.CLINIC_NAME]  # type: ignore[attr-defined]


def test_what_was_last_known_holds_while_the_database_is_silent(monkeypatch: pytest.MonkeyPatch) -> None:
    clinic.change(name="Harbor Clinic")
    assert clinic.clinic().name == "Harbor Clinic"
    clinic.known({"name": "Harbor Clinic"}, lasts=-1)

    def silent(*_: object) -> None:
        raise DatabaseError

    monkeypatch.setattr(ClinicProfile.objects, "values", silent)

    assert clinic.clinic().name == "Harbor Clinic"


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("name", "", "Enter the clinic's name."),
        ("accent", "teal", "Write a colour like #1b5e5a."),
        ("accent", "#86cfc4", "Too faint to read"),
        ("accent_dark", "#1b5e5a", "Too faint to read"),
        ("holidays", "Narnia", "Write a country like US"),
        ("holidays", "US-XX", "Write a country like US"),
        ("sender", "nobody", "Enter an e-mail address like"),
    ],
)
def test_what_cannot_be_is_refused_beside_its_field(manager: Client, field: str, value: str, sentence: str) -> None:
    answer = manager.post(CLINIC, HARBOR | {field: value})

    assert answer.status_code == 400
    assert Page(answer).text.count(sentence) == 2
    assert not ClinicProfile.objects.exists()


def test_an_accent_is_readable_in_both_schemes(manager: Client) -> None:
    manager.post(CLINIC, HARBOR)

    page, sheet = Page(manager.get("/contact/")), manager.get("/theme.css").content.decode()

    assert "/theme.css?v=7a1f5c" in [link.get("href") for link in page.all("link")]
    assert "--accent: #7a1f5c;" in sheet
    lighter = colours.lightened("#7a1f5c")
    assert f"--accent: {lighter};" in sheet
    assert colours.least_contrast(lighter, colours.DARK_GROUNDS) >= 4.5


@pytest.mark.parametrize("accent", ["#7a1f5c", "#1b5e5a", "#005ea5", "#000000", "#6d4c00"])
def test_what_follows_from_an_accent_can_be_read_too(accent: str) -> None:
    for given, dark in ((accent, False), (colours.lightened(accent), True)):
        tokens = colours.accents(given, dark=dark)
        assert colours.contrast(tokens["on-accent"], tokens["accent"]) >= 4.5
        assert colours.contrast(tokens["accent-strong"], tokens["accent-soft"]) >= 4.5


@pytest.mark.parametrize(
    ("data", "sentence"),
    [(b"<svg onload='alert(1)'/>", "Choose a PNG or JPEG picture."), (PNG + b"0" * 204800, "This file is too large")],
)
def test_a_logo_that_is_none_or_too_large_is_refused(manager: Client, data: bytes, sentence: str) -> None:
    answer = manager.post(CLINIC, HARBOR | {"logo": SimpleUploadedFile("logo.png", data)})

    assert answer.status_code == 400
    assert sentence in Page(answer).text
    assert manager.get("/logo").status_code == 404


def test_a_logo_is_served_as_what_it_is_and_taken_away_again(manager: Client) -> None:
    manager.post(CLINIC, HARBOR | {"logo": SimpleUploadedFile("logo.html", PNG, content_type="text/html")})

    answer = Client().get("/logo")
    assert (answer.content, answer["Content-Type"], answer["X-Content-Type-Options"]) == (PNG, "image/png", "nosniff")
    assert clinic.clinic().logo_version

    manager.post(CLINIC, HARBOR | {"no_logo": "on"})
    assert Client().get("/logo").status_code == 404


@pytest.mark.parametrize(
    ("place", "language", "names"),
    [
        ("US-FL", "en", ["Friday After Thanksgiving", "Christmas Day", "New Year's Day"]),
        ("US-FL", "es", ["Viernes después de Acción de Gracias", "Navidad", "Año Nuevo"]),
        ("MX", "es", ["Navidad", "Año Nuevo", "Día de la Constitución"]),
    ],
)
def test_holidays_bear_their_names_in_the_readers_language(place: str, language: str, names: list[str]) -> None:
    with translation.override(language):
        found = next_holidays(place, dt.date(2026, 11, 27))

    assert [name for _, name in found[:3]] == names


def test_a_holiday_that_is_observed_on_another_day_is_named_too() -> None:
    with translation.override("es"):
        found = next_holidays("US", dt.date(2027, 7, 1))

    assert (dt.date(2027, 7, 5), "Día de la Independencia (observado)") in found


def test_a_holiday_is_worked_after_all(manager: Client, kind: AppointmentType) -> None:
    christmas = dt.datetime(2026, 12, 25, 14, 0, tzinfo=dt.UTC)
    window = {"kind": kind, "start": christmas, "end": christmas + dt.timedelta(hours=8), "now": NOW}
    assert not slots.offered(**window).slots
    days = Page(manager.get(CLINIC)).values("holiday")
    assert "2026-12-25" in days

    manager.post(CLINIC, HARBOR | {"holiday": days, "closed": [day for day in days if day != "2026-12-25"]})

    assert slots.offered(**window).slots
    assert clinic.clinic().worked_holidays == {dt.date(2026, 12, 25)}


def test_a_token_is_shown_once_works_and_is_revoked(desk: Client) -> None:
    token = Page(desk.post(TOKENS)).fields()[""][0]["value"]
    bearer = Client(headers={"Authorization": f"Bearer {token}"})

    assert bearer.get("/api/v1/desk/appointments/").status_code == 200
    assert token not in Page(desk.get(TOKENS)).source

    desk.post(f"{TOKENS}{ApiToken.objects.get().pk}/revoke/")
    assert bearer.get("/api/v1/desk/appointments/").status_code == 401
    assert "You have none." in Page(desk.get(TOKENS)).text


def test_nobody_revokes_what_is_somebody_elses(desk: Client) -> None:
    ApiToken.issue(staff_member=a_staff_member("max"), now=NOW)

    assert desk.post(f"{TOKENS}{ApiToken.objects.get().pk}/revoke/").status_code == 404
    assert ApiToken.objects.get().revoked_at is None
