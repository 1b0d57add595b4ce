"""Who may come in: every address of the desk, and the end of a session."""

import datetime as dt
from uuid import uuid4

import pytest
import time_machine
from django.test import Client
from django.urls import URLPattern, reverse

from inquiries.models import StaffMember
from notifications import desk_urls as message_urls
from scheduling import desk_urls
from tests.desk.conftest import PASSWORD
from tests.factories import an_appointment, an_inquiry

pytestmark = pytest.mark.django_db

PATTERNS: list[URLPattern] = [*desk_urls.urlpatterns, *message_urls.urlpatterns]
NAMES = [str(pattern.name) for pattern in PATTERNS] + ["desk-health"]
POSTED = [
    name
    for name in NAMES
    if name
    not in {
        "desk",
        "desk-calls",
        "desk-health",
        "desk-messages",
        "desk-appointment",
        "desk-appointment-times",
        "desk-inquiries",
        "desk-new-inquiry",
        "desk-inquiry",
        "desk-inquiry-times",
    }
]


def address(name: str, pk: object = None) -> str:
    plain = {"desk", "desk-calls", "desk-inquiries", "desk-new-inquiry", "desk-health"}
    return reverse(name) if name in plain else reverse(name, args=[pk or uuid4()])


def sign_in(client: Client, password: str = PASSWORD, username: str = "cleo") -> int:
    return client.post("/accounts/login/", {"username": username, "password": password}).status_code


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("name", NAMES)
def test_a_stranger_is_sent_to_sign_in(client: Client, name: str, method: str) -> None:
    answer = getattr(client, method)(address(name))

    assert answer.status_code == 302
    assert answer["Location"].startswith("/accounts/login/?next=/desk/")


def test_a_disabled_account_is_a_stranger(desk: Client, cleo: StaffMember) -> None:
    StaffMember.objects.filter(pk=cleo.pk).update(is_active=False)

    assert desk.get("/desk/").status_code == 302
    assert sign_in(Client()) == 400


@pytest.mark.parametrize("name", POSTED)
def test_reading_never_acts(desk: Client, name: str) -> None:
    assert desk.get(address(name, an_appointment().pk)).status_code == 405


@pytest.mark.parametrize("name", [name for name in NAMES if address(name) != reverse("desk")])
def test_an_unknown_case_is_not_found(desk: Client, name: str) -> None:
    method = desk.post if name in POSTED else desk.get
    expected = 200 if address(name).count("/") < 4 else 404
    if name in {"desk-new-inquiry", "desk-health"}:
        expected = 200

    assert method(address(name)).status_code == expected


def test_every_action_asks_for_the_forms_mark(cleo: StaffMember, kind: object, clock: object) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(cleo)

    answers = {strict.post(address(name, an_inquiry().pk)).status_code for name in POSTED}

    assert answers == {403}


def test_a_page_that_renews_itself_leads_to_the_sign_in_page(client: Client) -> None:
    answer = client.get("/desk/", headers={"hx-request": "true", "hx-current-url": "http://testserver/desk/calls/"})

    assert answer["HX-Redirect"] == "/accounts/login/?next=/desk/calls/"


def test_staff_come_in_with_name_and_password(client: Client, cleo: StaffMember, kind: object) -> None:
    assert sign_in(client) == 302
    assert client.get("/desk/").status_code == 200


def test_no_answer_tells_whether_an_account_exists(client: Client, cleo: StaffMember) -> None:
    StaffMember.objects.create_user("gone", password=PASSWORD, is_active=False)
    sentence = "This username and password do not fit together."

    answers = [
        client.post("/accounts/login/", {"username": username, "password": password}).content.decode()
        for username, password in (("cleo", "wrong"), ("nobody", PASSWORD), ("gone", PASSWORD))
    ]

    assert [sentence in answer for answer in answers] == [True, True, True]


def test_guessing_is_slowed_down_even_with_the_right_password_at_last(client: Client, cleo: StaffMember) -> None:
    guesses = [sign_in(client, "wrong") for _ in range(10)]

    assert guesses == [400] * 10
    assert sign_in(client) == 429
    assert sign_in(client, username="nobody") == 400


def test_somebody_elses_guesses_do_not_shut_me_out(client: Client, cleo: StaffMember) -> None:
    for _ in range(11):
        client.post("/accounts/login/", {"username": "cleo", "password": "x"}, REMOTE_ADDR="203.0.113.9")

    assert sign_in(client) == 302


def test_signing_out_is_a_press_not_a_link(desk: Client) -> None:
    assert desk.get("/accounts/logout/").status_code == 405
    assert desk.post("/accounts/logout/").status_code == 302
    assert desk.get("/desk/").status_code == 302


@pytest.mark.parametrize(("minutes", "status"), [(14, 200), (15, 200), (16, 302)])
def test_fifteen_idle_minutes_end_a_session(
    desk: Client, clock: time_machine.Traveller, minutes: int, status: int
) -> None:
    desk.get("/desk/")
    clock.shift(dt.timedelta(minutes=minutes))

    assert desk.get("/desk/").status_code == status


def test_a_page_that_renews_itself_keeps_nobody_signed_in(desk: Client, clock: time_machine.Traveller) -> None:
    desk.get("/desk/")
    for _ in range(16):
        clock.shift(dt.timedelta(minutes=1))
        desk.get("/desk/", headers={"hx-request": "true"})

    assert desk.get("/desk/").status_code == 302


def test_twelve_hours_end_a_session_however_busy(desk: Client, clock: time_machine.Traveller) -> None:
    for _ in range(72):
        assert desk.get("/desk/calls/").status_code == 200
        clock.shift(dt.timedelta(minutes=10))
    assert desk.get("/desk/calls/").status_code == 200
    clock.shift(dt.timedelta(minutes=1))

    assert desk.get("/desk/calls/").status_code == 302
