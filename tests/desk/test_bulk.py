"""Confirming several at once, deciding without leaving the queue, and who is looking at what."""

import datetime as dt

import pytest
import time_machine
from django.http import HttpResponse
from django.test import Client

from scheduling import booking
from scheduling.models import Appointment, Presence
from tests.desk.conftest import back_at_the_desk
from tests.desk.test_decisions import press
from tests.desk.test_queue import queries_of
from tests.factories import NOW, a_staff_member, an_appointment, an_inquiry, free_times
from tests.pages.reader import Page

pytestmark = pytest.mark.django_db
Status = Appointment.Status
FROM_THE_PAGE = {"hx-request": "true"}


def requests(count: int) -> list[Appointment]:
    times = free_times(count)
    return [
        an_appointment(start=start, inquiry=an_inquiry(given_name=f"P{number}")) for number, start in enumerate(times)
    ]


def confirm_all(desk: Client, *rows: Appointment) -> HttpResponse:
    return desk.post("/desk/confirm/", {"chosen": [f"{row.pk}:{row.version}" for row in rows]}, follow=True)


def states(*rows: Appointment) -> list[str]:
    return [Appointment.objects.get(pk=row.pk).status for row in rows]


def test_the_chosen_ones_are_confirmed_and_the_others_are_not(desk: Client) -> None:
    first, second, third = requests(3)

    page = Page(confirm_all(desk, first, third))

    assert states(first, second, third) == [Status.BOOKED, Status.PENDING, Status.BOOKED]
    assert page.text.count("Confirmed.") == 2
    assert page.text.count("Undo (") == 2


def test_each_answer_stands_by_itself(desk: Client) -> None:
    first, second = requests(2)
    booking.decline(appointment=first, reason="no_capacity", by=a_staff_member("mona"), now=NOW)

    page = Page(confirm_all(desk, first, second))

    assert states(first, second) == [Status.CANCELLED, Status.BOOKED]
    assert "Not confirmed. P0 Ruiz" in page.text
    assert "The appointment has changed since you read it." in page.text
    assert "Confirmed. P1 Ruiz" in page.text


def test_one_of_several_can_be_taken_back(desk: Client) -> None:
    first, second = requests(2)
    confirm_all(desk, first, second)
    second.refresh_from_db()

    press(desk, second, "undo", back="queue")

    assert states(first, second) == [Status.BOOKED, Status.PENDING]


@pytest.mark.parametrize("chosen", [[], ["nonsense"], ["00000000-0000-4000-8000-000000000000:1"], ["x:y"]])
def test_nothing_chosen_is_said(desk: Client, chosen: list[str]) -> None:
    page = Page(desk.post("/desk/confirm/", {"chosen": chosen}, follow=True))

    assert "Choose the requests to confirm first." in page.text


def test_who_needs_help_today_stands_first_whatever_the_promise(desk: Client) -> None:
    calm = an_appointment(inquiry=an_inquiry(given_name="Calm"), now=NOW - dt.timedelta(hours=1))
    urgent = an_appointment(start=free_times(2)[1], inquiry=an_inquiry(given_name="Urgent", needs_help_now="yes"))

    names = [link["id"] for link in Page(desk.get("/desk/")).all("a") if link.get("id", "").startswith("row-")]

    assert names == [f"row-{urgent.pk}", f"row-{calm.pk}"]


def test_a_decision_from_the_page_brings_the_lists(desk: Client) -> None:
    row = an_appointment()

    answer = desk.post(
        f"/desk/appointments/{row.pk}/confirm/",
        {"version": 1, "back": "queue"},
        headers=FROM_THE_PAGE,
        follow=True,
    )

    assert "Confirmed. Ana Ruiz" in Page(answer).text
    assert "<html" not in answer.content.decode()


def test_a_conflict_on_the_queue_says_what_is_so_now(desk: Client) -> None:
    row = an_appointment()
    booking.decline(appointment=row, reason="no_capacity", by=a_staff_member("mona"), now=NOW)

    data = {"version": row.version, "back": "queue"}
    answer = desk.post(f"/desk/appointments/{row.pk}/confirm/", data, headers=FROM_THE_PAGE)

    page = Page(answer)
    assert answer.status_code == 409
    assert "The appointment has changed since you read it. Look at it again. Ana Ruiz" in page.text
    assert "Cancelled" in page.text
    assert "Every request has its answer." in page.text


def test_times_are_proposed_in_place(desk: Client) -> None:
    row = an_appointment()
    part = Page(desk.get(f"/desk/appointments/{row.pk}/times/?back=queue", headers=FROM_THE_PAGE))

    answer = desk.post(
        f"/desk/appointments/{row.pk}/propose/",
        {"version": 1, "back": part.values("back")[0], "starts": part.values("starts")[3]},
        headers=FROM_THE_PAGE,
    )

    assert answer["Location"] == "/desk/"
    assert states(row) == [Status.PROPOSED]


def test_a_time_that_went_meanwhile_is_said_where_it_was_chosen(desk: Client) -> None:
    row, taken = an_appointment(), free_times(4)[3]
    for _ in range(3):
        an_appointment(start=taken, inquiry=an_inquiry())

    data = {"version": 1, "back": "queue", "starts": taken.isoformat()}
    answer = desk.post(f"/desk/appointments/{row.pk}/propose/", data, headers=FROM_THE_PAGE)

    assert answer.status_code == 409
    assert answer["HX-Retarget"] == f"#panel-{row.pk}"
    assert "This time has just been taken." in Page(answer).text


@pytest.fixture
def mona(desk: Client) -> Client:
    """A colleague's browser."""
    client = Client()
    client.force_login(a_staff_member("mona", first_name="Mona"))
    return client


def looks_at(client: Client, row: Appointment) -> str:
    answer = client.post(f"/desk/appointments/{row.pk}/presence/")
    assert answer.status_code == 200
    return Page(answer).text


def test_colleagues_see_who_is_looking_until_they_are_gone(
    desk: Client, mona: Client, clock: time_machine.Traveller
) -> None:
    row = an_appointment()
    before = Page(desk.get("/desk/")).text
    looks_at(mona, row)

    beside, listed = looks_at(desk, row), Page(desk.get("/desk/")).text
    clock.shift(dt.timedelta(seconds=30))
    gone, later = looks_at(desk, row), Page(desk.get("/desk/")).text

    assert "Looking at it now" not in before
    assert beside == "Looking at it now: Mona"
    assert "Looking at it now: Mona" in listed
    assert gone == ""
    assert "Looking at it now" not in later


def test_looking_changes_nothing_of_the_case(desk: Client, clock: time_machine.Traveller) -> None:
    row = an_appointment()
    told = row.inquiry.activities.count()

    looks_at(desk, row)
    looks_at(desk, row)
    version = Appointment.objects.get().version
    clock.shift(dt.timedelta(hours=2))
    back_at_the_desk(desk)
    looks_at(desk, an_appointment(start=free_times(3)[2], inquiry=an_inquiry()))

    assert (version, row.inquiry.activities.count()) == (1, told)
    assert Presence.objects.count() == 1  # what lapsed long ago is forgotten


def test_reading_is_no_sign_of_life(desk: Client) -> None:
    row = an_appointment()

    desk.get(f"/desk/appointments/{row.pk}/")

    assert desk.get(f"/desk/appointments/{row.pk}/presence/").status_code == 405
    assert not Presence.objects.exists()


def test_a_page_that_beats_by_itself_keeps_nobody_signed_in(desk: Client, clock: time_machine.Traveller) -> None:
    row = an_appointment()
    desk.get("/desk/")
    clock.shift(dt.timedelta(minutes=10))
    desk.post(f"/desk/appointments/{row.pk}/presence/", headers={"hx-request": "true", "hx-trigger": "presence"})
    clock.shift(dt.timedelta(minutes=6))

    assert desk.get("/desk/").status_code == 302


@pytest.mark.parametrize("rows", [1, 30])
def test_lookers_and_last_decisions_cost_one_query_more(desk: Client, mona: Client, rows: int) -> None:
    made = requests(rows + 2)
    for row in made:
        looks_at(mona, row)
    confirm_all(desk, made[0])

    assert queries_of(desk, "/desk/") == 9


def test_keys_are_listed_and_can_be_switched_off(desk: Client) -> None:
    listed = Page(desk.get("/desk/keys/"))
    on = "data-keys" in desk.get("/desk/").content.decode()
    desk.post("/desk/keys/", {"keys": "off"})
    off = "data-keys" in desk.get("/desk/").content.decode()
    desk.post("/desk/keys/", {"keys": "on"})

    assert "c Confirm it" in listed.text
    assert (on, off, "data-keys" in desk.get("/desk/").content.decode()) == (True, False, True)
