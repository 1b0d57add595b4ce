"""How much time one person may hold, however many of their requests arrive together."""

from threading import Barrier
from typing import Any

import pytest

from inquiries import story
from scheduling import booking
from scheduling.booking import persons
from scheduling.models import Appointment, AppointmentQuerySet, AppointmentType
from tests.crowd import at_once
from tests.factories import NOW, a_clinic, a_staff_member, an_appointment, an_inquiry, free_times

pytestmark = pytest.mark.django_db(transaction=True)
CROWD, MOST = 12, 2


@pytest.fixture(autouse=True)
def _strict(settings: Any) -> None:
    settings.OPEN_REQUESTS_PER_PERSON = MOST


@pytest.fixture
def _no_other_lock(monkeypatch: pytest.MonkeyPatch) -> None:
    """As where each request is for another practitioner: no lock but the person's makes one wait for the other."""
    monkeypatch.setattr("scheduling.booking.holding.lock_practitioners", lambda ids: None)


def race() -> list[Appointment | Exception]:
    """So many inquiries of one person, by their phone, ask for a time each, all at once."""
    kind: AppointmentType = a_clinic()
    asked = [(an_inquiry(email=f"a{number}@example.com"), start) for number, start in enumerate(free_times(CROWD))]
    return at_once(
        [
            lambda inquiry=inquiry, start=start: booking.request(  # type: ignore[misc]
                inquiry=inquiry, kind=kind, start=start, by=story.PATIENT, now=NOW
            )
            for inquiry, start in asked
        ]
    )


@pytest.mark.usefixtures("_no_other_lock")
def test_of_many_requests_of_one_person_two_hold_a_time() -> None:
    refused = [result for result in race() if isinstance(result, booking.LooksFirst)]

    assert (len(refused), Appointment.objects.count()) == (CROWD - MOST, MOST)


@pytest.mark.usefixtures("_no_other_lock")
def test_without_the_lock_all_of_them_would(monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: each has counted before the first of them is done."""
    gate, counted = Barrier(CROWD), persons._is_enough

    def counted_together(held: AppointmentQuerySet) -> bool:
        is_enough = counted(held)
        gate.wait(20)
        return is_enough

    monkeypatch.setattr(persons, "_lock", lambda indexes: None)
    monkeypatch.setattr(persons, "_is_enough", counted_together)

    race()

    assert Appointment.objects.count() == CROWD


def test_staff_may_book_a_third_for_a_caller() -> None:
    kind = a_clinic()
    starts = free_times(3)
    for start in starts[:2]:
        an_appointment(inquiry=an_inquiry(), start=start)

    booked = booking.request(inquiry=an_inquiry(), kind=kind, start=starts[2], by=a_staff_member(), now=NOW)

    assert booked.status == "booked"


def test_who_gives_one_time_back_may_hold_another() -> None:
    kind = a_clinic()
    starts = free_times(3)
    held = [an_appointment(inquiry=an_inquiry(), start=start) for start in starts[:2]]
    booking.withdraw(appointment=held[0], now=NOW)

    third = booking.request(inquiry=an_inquiry(), kind=kind, start=starts[2], by=story.PATIENT, now=NOW)

    assert third.status == "pending"
