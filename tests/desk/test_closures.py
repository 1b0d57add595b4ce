"""A storm at the desk: who is affected is seen first, one press looks after them, and pressing again does no harm."""

import datetime as dt
from typing import Any

import pytest
from django.test import Client

from inquiries.models import StaffMember
from scheduling import booking, closing
from scheduling.models import Appointment, Closure, Practitioner
from tests.desk.test_queue import queries_of
from tests.factories import NOW, an_appointment, an_inquiry
from tests.pages.reader import Page

pytestmark = pytest.mark.django_db

NEW = "/desk/settings/closures/new/"
TEN = dt.datetime(2026, 12, 9, 15, 0, tzinfo=dt.UTC)
STORM = {"from_date": "2026-12-09", "until_date": "2026-12-09", "text": "storm", "reason": "Storm Elsa"}
Status = Appointment.Status


def calls(count: int, **facts: Any) -> list[Appointment]:
    inquiries = [an_inquiry(given_name=f"N{number}", **facts) for number in range(count)]
    return [
        an_appointment(Status.BOOKED, inquiry=each, start=TEN + number // 3 * dt.timedelta(minutes=40))
        for number, each in enumerate(inquiries)
    ]


def storm(desk: Client) -> Closure:
    desk.post(NEW, STORM | {"apply": "1"})
    return Closure.objects.get()


def test_a_look_shows_who_is_affected_and_changes_nothing(desk: Client) -> None:
    calls(1)

    page = Page(desk.post(NEW, STORM | {"look": "1"})).text

    assert "1 call is affected" in page
    assert "Thu, Dec 10, 9:00 AM" in page
    assert "A storm keeps us closed, so we cannot call you (Wed, Dec 9, 10:00 AM)" in page
    assert "Una tormenta nos obliga a cerrar" in page
    assert not Closure.objects.exists()
    assert Appointment.objects.get(held_for=None).status == Status.BOOKED


def test_one_press_closes_and_offers_other_times(desk: Client) -> None:
    (row,) = calls(1)

    closure = storm(desk)

    row.refresh_from_db()
    assert (row.status, closure.text, closure.reason) == (Status.PROPOSED, "storm", "Storm Elsa")
    assert (closure.start, closure.end) == (TEN - dt.timedelta(hours=10), TEN + dt.timedelta(hours=14))
    page = Page(desk.get(f"/desk/settings/closures/{closure.pk}/")).text
    assert "1 of 1 looked after" in page
    assert "still in the way" not in page


def test_the_same_form_sent_twice_closes_once(desk: Client) -> None:
    calls(2)
    for _ in range(2):
        desk.post(NEW, STORM | {"apply": "1"})

    assert Closure.objects.count() == 1
    assert len(closing.moved_by(Closure.objects.get())) == 2


def test_applying_again_looks_after_whoever_is_left(desk: Client) -> None:
    (row,) = calls(1)
    desk.post(NEW, STORM | {"close": "1"})
    address = f"/desk/settings/closures/{Closure.objects.get().pk}/"
    assert "1 call is still in the way" in Page(desk.get(address)).text

    for _ in range(2):
        assert desk.post(address + "apply/", {"text": "illness"})["Location"] == address

    row.refresh_from_db()
    assert row.status == Status.PROPOSED
    assert [each.appointment for each in closing.moved_by(Closure.objects.get())] == [row]


@pytest.mark.parametrize("person", [{"email": ""}, {"contact_by": ("phone",)}])
def test_whom_no_mail_reaches_is_to_be_called(desk: Client, person: dict[str, Any]) -> None:
    calls(1, **person)
    assert "no e-mail: call them" in Page(desk.post(NEW, STORM | {"look": "1"})).text

    page = Page(desk.get(f"/desk/settings/closures/{storm(desk).pk}/"))

    assert "Call them: no e-mail reaches them" in page.text
    assert "tel:+13055550123" in [link.get("href") for link in page.all("a")]


def test_who_was_spoken_with_since_is_not_to_be_called(desk: Client, cleo: StaffMember) -> None:
    calls(1, email="")
    closure = storm(desk)
    row = Appointment.objects.spoken_of().get()
    row = booking.reschedule(appointment=row, start=row.start, by=cleo, now=NOW)
    booking.complete(appointment=row, by=cleo, now=row.start)

    assert "Call them" not in Page(desk.get(f"/desk/settings/closures/{closure.pk}/")).text


def test_one_person_away_leaves_the_others_alone(desk: Client) -> None:
    away, kept, _third = calls(3)

    desk.post(NEW, STORM | {"practitioners": str(away.practitioner_id), "apply": "1"})

    assert [Appointment.objects.get(pk=row.pk).status for row in (away, kept)] == [Status.PROPOSED, Status.BOOKED]


def test_opening_again_lets_calls_be_booked_there(desk: Client) -> None:
    closure = storm(desk)

    assert desk.post(f"/desk/settings/closures/{closure.pk}/open/")["Location"] == "/desk/settings/closures/"
    assert not Closure.objects.exists()
    assert desk.get(f"/desk/settings/closures/{closure.pk}/").status_code == 404


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"from_date": ""}, "Choose a date."),
        ({"from_date": "2026-02-30"}, "Choose a date."),
        ({"from_date": "2999-01-01", "until_date": ""}, "Choose a date nearer to today."),
        ({"until_date": "2028-12-09"}, "Close for a year at most."),
        ({"until_date": "2026-12-08"}, "The end has to be later than the start."),
        ({"from_time": "12:00", "until_time": "12:00"}, "The end has to be later than the start."),
        ({"from_date": "2026-12-01", "until_date": "2026-12-01"}, "This is over already."),
        ({"from_time": "25:00"}, "Enter a time of day like 09:00."),
        ({"practitioners": "999999"}, "Choose one of the practitioners."),
        ({"practitioners": "x"}, "Choose one of the practitioners."),
        ({"text": "the doctor has the flu"}, "Choose what patients are told."),
        ({"reason": "x" * 81}, "Use 80 characters at most."),
    ],
)
def test_a_closure_that_makes_no_sense_is_refused_beside_its_field(
    desk: Client, changes: dict[str, str], sentence: str
) -> None:
    answer = desk.post(NEW, STORM | changes | {"apply": "1"})

    assert answer.status_code == 400
    assert Page(answer).text.count(sentence) == 2
    assert not Closure.objects.exists()


def test_another_page_may_ask_for_a_day_and_a_person(desk: Client) -> None:
    person = Practitioner.objects.order_by("pk")[0]

    page = Page(desk.get(NEW, {"date": "2026-12-10", "practitioner": str(person.pk)}))

    assert page.values("from_date") == page.values("until_date") == ["2026-12-10"]
    assert [box["value"] for box in page.fields()["practitioners"] if "checked" in box] == [str(person.pk)]


def test_the_day_of_a_clock_change_is_closed_whole(desk: Client, cleo: StaffMember) -> None:
    desk.post(NEW, STORM | {"from_date": "2027-11-07", "until_date": "", "close": "1"})

    closure = Closure.objects.get()
    assert closure.end - closure.start == dt.timedelta(hours=25)


@pytest.mark.parametrize("rows", [1, 30])
def test_closures_cost_no_more_queries_for_more_calls(desk: Client, rows: int) -> None:
    calls(rows)
    for number in range(rows):
        closing.close(start=TEN + number * dt.timedelta(days=1), end=TEN + (number + 1) * dt.timedelta(days=1))
    closure = storm(desk).pk if rows == 0 else Closure.objects.order_by("pk")[0].pk
    desk.post(f"/desk/settings/closures/{closure}/apply/", {"text": "storm"})

    assert queries_of(desk, "/desk/settings/closures/") == 6
    assert queries_of(desk, f"/desk/settings/closures/{closure}/") == 7
