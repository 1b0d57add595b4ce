"""Staff book outside the rules only knowingly, it is recorded, and never over another call."""

import datetime as dt

import pytest
from django.test import Client

from scheduling.models import Appointment, Practitioner
from tests.factories import an_appointment, an_inquiry
from tests.pages.reader import Page

pytestmark = pytest.mark.django_db

SATURDAY = dt.datetime(2026, 12, 12, 12, 10, tzinfo=dt.UTC)  # 7:10 in Miami
OWN = {"own_date": "2026-12-12", "own_time": "07:10", "overrule": "on"}


def test_a_time_outside_the_rules_is_booked_and_recorded(desk: Client) -> None:
    ana = an_inquiry()

    answer = desk.post(f"/desk/inquiries/{ana.pk}/book/", OWN)

    row = Appointment.objects.get()
    assert (row.start, row.status) == (SATURDAY, Appointment.Status.BOOKED)
    assert "Outside the rules, knowingly" in Page(desk.get(answer["Location"])).text


def test_a_call_is_moved_outside_the_rules(desk: Client) -> None:
    row = an_appointment("booked")

    desk.post(f"/desk/appointments/{row.pk}/reschedule/", OWN | {"version": str(row.version)})

    row.refresh_from_db()
    assert row.start == SATURDAY


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"overrule": ""}, "Tick that you know that this time may be outside the rules."),
        ({"own_time": ""}, "Write the date and the time of day, like 09:00."),
        ({"own_date": "soon"}, "Write the date and the time of day, like 09:00."),
        ({"own_date": "2026-12-05"}, "Choose a time that is still to come, within a year."),
    ],
)
def test_it_is_done_knowingly_or_not_at_all(desk: Client, changes: dict[str, str], sentence: str) -> None:
    answer = desk.post(f"/desk/inquiries/{an_inquiry().pk}/book/", OWN | changes)

    assert answer.status_code == 400
    assert sentence in Page(answer).text
    assert not Appointment.objects.exists()


def test_another_call_is_never_overruled(desk: Client) -> None:
    person = str(Practitioner.objects.order_by("pk")[0].pk)
    tom, ana = an_inquiry(given_name="Tom"), an_inquiry()
    desk.post(f"/desk/inquiries/{tom.pk}/book/", OWN | {"practitioner": person})

    answer = desk.post(f"/desk/inquiries/{ana.pk}/book/", OWN | {"practitioner": person})

    assert answer.status_code == 409
    assert Appointment.objects.get().inquiry == tom
