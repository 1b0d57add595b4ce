"""SMART Scheduling Links: what directories read, and that it is what can be booked."""

import datetime as dt
import json
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.http import HttpResponse
from django.test import Client

from scheduling import slots
from scheduling.models import AppointmentType, Practitioner
from tests.factories import NOW, a_clinic, an_appointment, free_times

pytestmark = pytest.mark.django_db


def rows(response: HttpResponse) -> list[dict[str, Any]]:
    assert (response.status_code, response["Content-Type"]) == (200, "application/fhir+ndjson")
    return [json.loads(line) for line in response.content.splitlines()]


def read(client: Client, kind: str) -> list[dict[str, Any]]:
    """Every resource of this kind that the manifest leads to."""
    named = [file["url"] for file in client.get("/fhir/$bulk-publish").json()["output"] if file["type"] == kind]
    return [row for url in named for row in rows(client.get(urlsplit(url).path))]


def test_the_manifest_names_its_files(client: Client, kind: AppointmentType, clock: object, settings: Any) -> None:
    settings.SITE_URL = "https://book.example.org"

    manifest = client.get("/fhir/$bulk-publish").json()

    assert manifest["transactionTime"] == "2026-12-07T15:00:00+00:00"
    assert manifest["request"] == "https://book.example.org/fhir/$bulk-publish"
    assert [file["url"].removeprefix("https://book.example.org/fhir/") for file in manifest["output"]] == [
        "locations.ndjson",
        "schedules.ndjson",
        *[f"slots-{week}.ndjson" for week in ("2026-W50", "2026-W51", "2026-W52", "2026-W53", "2027-W01")],
    ]
    assert all(file["extension"] == {"state": ["FL"]} for file in manifest["output"])


def test_the_place_has_an_address_in_parts(client: Client, settings: Any) -> None:
    settings.CLINIC_ADDRESS = "Suite 4, 100 Example Avenue, Miami, FL 33131"

    [place] = rows(client.get("/fhir/locations.ndjson"))

    assert place["address"] == {
        "line": ["Suite 4", "100 Example Avenue"],
        "city": "Miami",
        "state": "FL",
        "postalCode": "33131",
    }


def test_an_address_of_another_country_is_one_text(client: Client, settings: Any) -> None:
    settings.CLINIC_ADDRESS = "Calle Mayor 1, 28013 Madrid"
    [place] = rows(client.get("/fhir/locations.ndjson"))
    assert place["address"] == {"text": "Calle Mayor 1, 28013 Madrid"}


def test_free_slots_are_the_times_that_can_be_booked(client: Client, kind: AppointmentType, clock: object) -> None:
    published = [row["start"] for row in read(client, "Slot") if row["status"] == "free"]

    horizon = NOW + dt.timedelta(days=kind.horizon_days + 1)
    assert published == [
        slot.start.isoformat() for slot in slots.offered(kind=kind, start=NOW, end=horizon, now=NOW).slots
    ]


def test_a_time_is_busy_once_nobody_is_left_for_it(client: Client, clock: object) -> None:
    a_clinic(practitioners=1)
    start = free_times()[0]
    an_appointment(start=start)

    [slot] = [row for row in read(client, "Slot") if row["start"] == start.isoformat()]

    assert (slot["status"], "extension" in slot) == ("busy", False)


def test_a_free_slot_leads_to_the_form_with_its_time(client: Client, kind: AppointmentType, clock: object) -> None:
    slot = next(row for row in read(client, "Slot") if row["status"] == "free")
    link = next(piece["valueUrl"] for piece in slot["extension"] if piece["url"].endswith("deep-link"))

    form = client.get(link[link.index("/contact/") :])

    assert form.context["form"].initial["start"] == slot["start"]


@pytest.mark.parametrize("week", ["2026-W49", "2027-W20", "nonsense", "2026-W99"])
def test_a_week_in_which_nothing_can_be_booked_is_not_found(
    client: Client, kind: AppointmentType, clock: object, week: str
) -> None:
    assert client.get(f"/fhir/slots-{week}.ndjson").status_code == 404


def test_nobody_is_named(client: Client, clock: object) -> None:
    a_clinic()
    an_appointment()
    names = [name for person in Practitioner.objects.all() for name in person.name.split()]

    told = json.dumps(read(client, "Slot") + read(client, "Schedule"))

    assert not [name for name in (*names, "Ana", "Ruiz") if name in told]


def test_an_unchanged_file_is_not_sent_twice(client: Client, kind: AppointmentType, clock: object) -> None:
    first = client.get("/fhir/slots-2026-W50.ndjson")
    again = client.get("/fhir/slots-2026-W50.ndjson", headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content, first["Cache-Control"]) == (304, b"", "public, max-age=60")


def test_who_asks_too_often_is_told_when_to_come_back(client: Client, clock: object, settings: Any) -> None:
    settings.THROTTLES = settings.THROTTLES | {"slots": (1, 60)}
    answers = [client.get("/fhir/locations.ndjson") for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 429]
    assert 0 < int(answers[1]["Retry-After"]) <= 60
