"""Who may come in: every address of the desk, and the end of a session."""

import datetime as dt
from uuid import uuid4

import pytest
import time_machine
from django.test import Client

from inquiries.models import StaffMember
from tests.desk.conftest import PASSWORD

pytestmark = pytest.mark.django_db


def sign_in(client: Client, password: str = PASSWORD, username: str = "cleo") -> int:
    return client.post("/accounts/login/", {"login": username, "password": password}).status_code


def test_a_disabled_account_is_a_stranger(desk: Client, cleo: StaffMember) -> None:
    StaffMember.objects.filter(pk=cleo.pk).update(is_active=False)

    assert desk.get("/desk/").status_code == 302
    assert sign_in(Client()) == 400


@pytest.mark.parametrize("page", ["appointments/{}/", "appointments/{}/times/", "inquiries/{}/", "inquiries/{}/times/"])
def test_an_unknown_case_is_not_found(desk: Client, page: str) -> None:
    assert desk.get("/desk/" + page.format(uuid4())).status_code == 404


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
        client.post("/accounts/login/", {"login": username, "password": password}).content.decode()
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
        client.post("/accounts/login/", {"login": "cleo", "password": "x"}, REMOTE_ADDR="203.0.113.9")

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


def test_what_is_not_there_leads_staff_back_to_the_queue(desk: Client) -> None:
    page = desk.get("/desk/nothing/", raise_request_exception=False)

    assert page.status_code == 404
    assert (b'href="/desk/"' in page.content, b"You can also call us" in page.content) == (True, False)
