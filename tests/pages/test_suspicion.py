"""What may come from a program is set aside: it holds no time, nobody is written to, and staff see it."""

import hashlib
from typing import Any

import pytest
import time_machine
from django.test import Client

from inquiries import suspicion
from inquiries.models import Activity, Inquiry
from notifications import invariants
from notifications.models import Notification
from notifications.planner import plan_pending
from scheduling import booking
from scheduling.desk import queue
from scheduling.models import Appointment, AppointmentType
from scheduling.picker import iso
from tests.factories import NOW, a_form_key, a_staff_member, an_appointment, an_inquiry, free_times
from tests.pages.reader import Page

pytestmark = pytest.mark.django_db
ANA = {"given_name": "Ana", "email": "ana@example.com", "time_zone": "America/New_York", "consent_contact": "on"}
Why = Inquiry.SetAside


def send(client: Client, **changes: Any) -> Any:
    return client.post("/contact/", {**ANA, "form_key": a_form_key(), **changes})


def proof_of(key: str) -> str:
    """What a browser looks for, found by the standard library."""
    tried = 0
    while int.from_bytes(hashlib.sha256(f"{key.split(':')[-1]}:{tried}".encode()).digest()) >> (
        256 - suspicion.PROOF_BITS
    ):
        tried += 1
    return str(tried)


def set_aside() -> list[str]:
    """Why each inquiry is, in the order in which they came."""
    first = Activity.objects.filter(number=1).order_by("pk")
    return list(first.values_list("inquiry__set_aside", flat=True))


@pytest.fixture
def _strict(settings: Any) -> None:
    """As in production, where trial runs need no room."""
    settings.MINIMUM_FILL_SECONDS = 3
    settings.OPEN_REQUESTS_PER_PERSON = 2
    settings.THROTTLES = settings.THROTTLES | {
        "person": (6, 3600),
        "page": (3, 86_400),
        "hold": (20, 3600),
        "flood": (100, 600),
    }


pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_strict", "clock", "kind")]


def test_a_page_that_was_open_for_three_seconds_may_hold_a_time(client: Client) -> None:
    sent = send(client, form_key=a_form_key(age=3), start=iso(free_times()[0]))

    assert sent["Location"].startswith("/m/")
    assert (set_aside(), Appointment.objects.count()) == ([""], 1)


@pytest.mark.parametrize(
    ("key", "why"),
    [
        ("", Why.NO_KEY),
        ("forged", Why.NO_KEY),
        (lambda: a_form_key()[:-1] + "_", Why.NO_KEY),
        (lambda: a_form_key(age=2), Why.TOO_FAST),
        (lambda: a_form_key(age=-60), Why.TOO_FAST),
    ],
)
def test_what_no_person_sends_is_set_aside(client: Client, key: Any, why: str) -> None:
    sent = send(client, form_key=key() if callable(key) else key, start=iso(free_times()[0]))
    plan_pending(now=NOW)

    assert sent["Location"] == "/contact/received/"
    assert set_aside() == [why]
    assert (Appointment.objects.count(), Notification.objects.count()) == (0, 0)
    assert Activity.objects.values_list("kind", "facts").get() == ("inquiry.set_aside", {"set_aside": why})


def test_who_needs_help_today_reads_who_helps_at_once_even_so(client: Client) -> None:
    sent = send(client, form_key="", needs_help_now="yes")

    assert "tel:988" in Page(client.get(sent["Location"])).source
    assert "You do not have to wait for us" in Page(client.get(sent["Location"])).text


def test_a_page_that_was_open_for_two_days_is_only_sent_once_more(client: Client) -> None:
    again = Page(send(client, form_key=a_form_key(age=2 * 86_400), concerns=["bipolar", "anxiety"]))
    checked = [box["value"] for box in again.fields()["concerns"] if "checked" in box]

    sent = send(client, form_key=again.values("form_key")[0])

    assert "Nothing is lost: send it once more." in again.text
    assert (again.values("email"), checked) == (["ana@example.com"], ["bipolar", "anxiety"])
    assert (sent["Location"].startswith("/m/"), set_aside()) == (True, [""])


def test_an_address_that_asks_seven_times_within_an_hour_is_set_aside(client: Client) -> None:
    for _ in range(7):
        send(client)

    assert set_aside() == [""] * 6 + [Why.OFTEN]


def test_one_page_is_sent_by_three_people_at_most(client: Client) -> None:
    key = a_form_key()
    for number in range(4):
        send(client, email=f"a{number}@example.com", form_key=key)

    assert set_aside() == [""] * 3 + [Why.PAGE_AGAIN]


def test_a_phone_counts_too_and_an_hour_later_it_is_forgotten(client: Client, clock: time_machine.Traveller) -> None:
    for number in range(7):
        send(client, email=f"a{number}@example.com", phone="305 555 0123")
    clock.shift(3600)
    send(client, phone="305 555 0123")

    assert set_aside() == [""] * 6 + [Why.OFTEN, ""]


def test_who_holds_two_times_holds_no_third(client: Client) -> None:
    first, second, third = free_times(3)
    for start in (first, second):
        an_appointment(inquiry=an_inquiry(), start=start)

    sent = send(client, email="ANA@example.com", start=iso(third))

    assert (sent["Location"], Appointment.objects.count()) == ("/contact/received/", 2)
    assert set_aside() == ["", "", Why.HOLDS_ENOUGH]


def test_a_call_that_is_over_counts_no_more(client: Client, clock: time_machine.Traveller) -> None:
    for start in free_times(2):
        an_appointment("booked", inquiry=an_inquiry(), start=start)
    clock.shift(7 * 86_400)

    assert send(client)["Location"].startswith("/m/")


def test_one_place_holds_no_more_than_its_share(client: Client, settings: Any) -> None:
    settings.THROTTLES = settings.THROTTLES | {"hold": (1, 3600)}
    for number, start in enumerate(free_times(2)):
        send(client, email=f"a{number}@example.com", start=iso(start))

    assert (set_aside(), Appointment.objects.count()) == (["", Why.SOURCE], 1)


def test_what_is_set_aside_holds_no_time_whoever_asks(kind: AppointmentType) -> None:
    inquiry = an_inquiry()
    Inquiry.objects.update(set_aside=Why.OFTEN)
    inquiry.refresh_from_db()

    for by in (Activity.Actor.PATIENT, a_staff_member()):
        with pytest.raises(booking.LooksFirst):
            booking.request(inquiry=inquiry, kind=kind, start=free_times()[0], by=by, now=NOW)


def test_time_held_for_what_is_set_aside_is_found() -> None:
    row = an_appointment()
    Inquiry.objects.update(set_aside=Why.OFTEN)

    assert invariants.report(now=NOW)["I9_set_aside_holds_nothing"] == [str(row.pk)]


def test_in_a_flood_a_browser_proves_its_work_once(client: Client, settings: Any) -> None:
    settings.PROOF_OF_WORK = "always"
    key = a_form_key()
    proof = proof_of(key)

    send(client, form_key=key, proof=proof)
    send(client, form_key=key, proof=proof)
    send(client, form_key=key, proof=proof, given_name="Anna")
    send(client, form_key=a_form_key(), proof=proof)
    send(client)

    assert set_aside() == ["", Why.UNPROVEN, Why.UNPROVEN, Why.UNPROVEN]


@pytest.mark.parametrize("proof", ["", "-1", "1e3", "²", "0" * 30])
def test_no_other_text_is_a_proof(proof: str) -> None:
    assert suspicion.proves(a_form_key(), proof) is False


def test_a_thousand_forms_of_programs_hold_no_time_and_a_person_gets_through(client: Client, settings: Any) -> None:
    """Of every kind that we know: no key, a forged one, too fast, one address, and the trap filled in."""
    start, known = iso(free_times()[0]), a_form_key(age=2)
    trapped = {"homepage": "https://spam.example"}
    bots: list[dict[str, str]] = [
        {"form_key": ""},
        {"form_key": "forged"},
        {"form_key": known},
        {"email": "one@example.com", "form_key": ""},
    ]
    for number in range(1000):
        bot = bots[number % 4] if number % 10 else trapped
        if number == 500:
            key = a_form_key(age=60)
            through = send(client, form_key=key, proof=proof_of(key), start=start)
        send(client, **{"email": f"bot{number}@example.com", "start": start} | bot)
    while plan_pending(now=NOW):
        pass

    held = Appointment.objects.get()
    lists = queue.waiting(a_staff_member(), NOW)
    assert through["Location"].startswith("/m/")
    assert (held.inquiry.contact.called, held.status) == ("Ana", "pending")
    assert ([row.pk for row in lists["requests"]], lists["contacts"], lists["urgent"]) == ([held.pk], [], [])
    assert set(Notification.objects.values_list("inquiry", flat=True)) == {held.inquiry_id}
    assert (Inquiry.objects.admitted().count(), Inquiry.objects.to_look_at().count()) == (1, 900)
