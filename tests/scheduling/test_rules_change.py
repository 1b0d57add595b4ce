"""The rules of a type change while a call is being moved: the confirmed time is still theirs, and nobody else's."""

import datetime as dt
from typing import Any

import pytest

from scheduling import booking
from scheduling.models import Appointment, AppointmentType, Practitioner
from tests.crowd import overlapping_pairs
from tests.factories import NOW, a_clinic, a_staff_member, an_appointment, an_inquiry

HOUR, MINUTE = dt.timedelta(hours=1), dt.timedelta(minutes=1)
TEN = dt.datetime(2026, 12, 9, 15, 0, tzinfo=dt.UTC)  # Wednesday, 10:00 in Miami
CHANGES: list[dict[str, Any]] = [
    {},
    {"duration_minutes": 60},
    {"duration_minutes": 10, "buffer_after_minutes": 0},
    {"buffer_after_minutes": 60},
    {"buffer_before_minutes": 60},
]

pytestmark = pytest.mark.django_db


def booked(name: str, start: dt.datetime) -> Appointment:
    return an_appointment("booked", inquiry=an_inquiry(given_name=name), start=start)


def being_moved(*, to: dt.datetime) -> Appointment:
    """A booked call between two others, whose patient has asked for another time."""
    row = booked("Ana", TEN)
    booked("Bea", TEN + 40 * MINUTE)
    booked("Cem", TEN - 40 * MINUTE)
    return booking.ask_to_move(appointment=row, start=to, now=NOW)


def changed(row: Appointment, **rules: Any) -> Appointment:
    AppointmentType.objects.update(**rules)
    return Appointment.objects.get(pk=row.pk)


@pytest.mark.parametrize("rules", CHANGES)
@pytest.mark.parametrize("to", [TEN + 3 * HOUR, TEN + 10 * MINUTE])
@pytest.mark.parametrize("ends", ["declined", "expired"])
def test_a_move_that_does_not_come_about_gives_the_old_time_back(
    rules: dict[str, Any], to: dt.datetime, ends: str
) -> None:
    a_clinic(practitioners=1, slot_step_minutes=5)
    row = changed(being_moved(to=to), **rules)
    if ends == "declined":
        booking.decline(appointment=row, by=a_staff_member(), now=NOW)
    else:
        assert row.held_until is not None
        booking.expire_overdue(now=row.held_until)

    row.refresh_from_db()
    assert (row.status, row.start, row.end) == ("booked", TEN, TEN + 20 * MINUTE)
    if not rules:
        assert (row.occupied.lower, row.occupied.upper) == (row.start, row.end + 10 * MINUTE)
    assert (overlapping_pairs(), row.holds.count()) == ([], 0)


@pytest.mark.parametrize(
    ("length", "later", "start"),
    [(20, 60, TEN - 20 * MINUTE), (100, 20, TEN + 20 * MINUTE)],
)
def test_a_wish_whose_old_time_cannot_be_kept_in_one_piece_is_refused(
    length: int, later: int, start: dt.datetime
) -> None:
    a_clinic(practitioners=1, duration_minutes=length)
    row = changed(booked("Ana", TEN), duration_minutes=later)

    with pytest.raises(booking.SlotTaken):
        booking.ask_to_move(appointment=row, start=start, now=NOW)

    row.refresh_from_db()
    assert (row.status, row.start) == ("booked", TEN)


@pytest.mark.parametrize("apart", [30, 35, 50, 60])
def test_a_call_that_is_longer_than_calls_are_by_now_is_given_only_where_it_fits(apart: int) -> None:
    """Forty minutes and the ten after them were agreed; others take twenty now."""
    a_clinic(practitioners=2, slot_step_minutes=5, duration_minutes=40)
    row = booked("Ana", TEN)
    AppointmentType.objects.update(duration_minutes=20)
    bea = booked("Bea", TEN + apart * MINUTE)
    other = Practitioner.objects.exclude(pk=row.practitioner_id).order_by("pk")[0]
    if bea.practitioner_id != other.pk:
        booking.reassign(appointment=bea, practitioner=other, by=a_staff_member(), now=NOW)
    row.refresh_from_db()

    if apart >= 50:
        given = booking.reassign(appointment=row, practitioner=other, by=a_staff_member(), now=NOW)
        assert (given.practitioner_id, given.end) == (other.pk, TEN + 40 * MINUTE)
    else:
        with pytest.raises(booking.SlotTaken):
            booking.reassign(appointment=row, practitioner=other, by=a_staff_member(), now=NOW)
    assert overlapping_pairs() == []
