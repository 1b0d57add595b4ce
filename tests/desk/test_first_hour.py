"""An empty clinic leads its manager to the first booking, and a test booking leaves no trace of a person."""

from typing import Any

import pytest
from django.test import Client

from inquiries.models import Inquiry
from scheduling.models import Appointment, AppointmentType, Practitioner, WorkingHours
from tests.desk.test_hours import every_day
from tests.desk.test_queue import queries_of
from tests.factories import a_staff_member
from tests.pages.reader import Page

pytestmark = pytest.mark.django_db

START, PEOPLE = "/desk/settings/start/", "/desk/settings/practitioners/"


@pytest.fixture
def founder(clock: object) -> Client:
    """The manager of a clinic that has nothing yet."""
    client = Client()
    client.force_login(a_staff_member("max", "manager"))
    return client


def test_an_empty_clinic_becomes_one_that_is_booked(founder: Client) -> None:
    assert "Nobody can book a call yet." in Page(founder.get("/desk/")).text
    assert "After the steps above." in Page(founder.get(START)).text

    founder.post(PEOPLE + "office/", every_day("09:00", "17:00"))
    founder.post(PEOPLE + "new/", {"name": "Nadia", "languages": ["en"], "time_zone": "UTC", "is_active": "on"})
    assert "Hours of Nadia" in Page(founder.get(START)).text
    founder.post(f"{PEOPLE}{Practitioner.objects.get().pk}/hours/", every_day("09:00", "17:00"))
    founder.post(START + "call/")

    assert AppointmentType.objects.get().name_es == "Llamada de evaluación inicial"
    assert "Nobody can book a call yet." not in Page(founder.get("/desk/")).text
    founder.post(START + "test/")
    assert Appointment.objects.get().status == Appointment.Status.PENDING
    assert "Test booking max" in Page(founder.get("/desk/")).text


def test_the_test_booking_is_removed_with_its_person(manager: Client) -> None:
    for _ in range(2):  # pressed twice, it is one
        manager.post(START + "test/")
    inquiry = Inquiry.objects.get()

    manager.post(START + "remove/")

    inquiry.refresh_from_db()
    assert inquiry.erasure_requested_at is not None
    assert Appointment.objects.get().status == Appointment.Status.CANCELLED
    assert "Make a test booking" in Page(manager.get(START)).text


def test_an_answered_test_booking_can_be_removed_later_and_by_another_manager(manager: Client, founder: Client) -> None:
    manager.post(START + "test/")
    row = Appointment.objects.get()
    manager.post(f"/desk/appointments/{row.pk}/confirm/", {"version": row.version})

    page = Page(founder.get(START)).text
    for _ in range(2):  # pressed twice, it is gone once
        founder.post(START + "remove/")

    assert "Remove the test booking, and you are done." in page
    row.refresh_from_db()
    assert (row.status, row.inquiry.erasure_requested_at is not None) == (Appointment.Status.CANCELLED, True)


def test_a_clinic_without_free_times_says_so(manager: Client) -> None:
    WorkingHours.objects.exclude(practitioner=None).delete()

    answer = manager.post(START + "test/", follow=True)

    assert "No time is free yet: check the hours first." in Page(answer).text
    assert not Inquiry.objects.exists()


def test_whoever_holds_enough_already_is_told_so(manager: Client, settings: Any) -> None:
    settings.OPEN_REQUESTS_PER_PERSON = 0

    answer = manager.post(START + "test/", follow=True)

    assert "Your own address holds times already." in Page(answer).text
    assert not Inquiry.objects.exists()


def test_the_first_hour_costs_four_queries(manager: Client) -> None:
    assert queries_of(manager, START) == 4
