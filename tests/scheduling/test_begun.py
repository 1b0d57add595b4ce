"""Nobody agrees on a call that has begun, however late the clock's own work is."""

import datetime as dt

import pytest

from inquiries import intake
from inquiries.models import Activity
from scheduling import booking
from scheduling.booking.rules import STAFF_VERBS
from scheduling.desk import words
from scheduling.models import Appointment, AppointmentType, Practitioner
from tests.factories import NOW, a_staff_member, an_appointment, an_inquiry

A_MINUTE = dt.timedelta(minutes=1)


@pytest.mark.parametrize("late", [dt.timedelta(), A_MINUTE])
def test_a_request_whose_call_has_begun_cannot_be_confirmed(kind: AppointmentType, late: dt.timedelta) -> None:
    row = an_appointment()
    told = Activity.objects.count()

    with pytest.raises(booking.InvalidTransition):
        booking.confirm(appointment=row, by=a_staff_member(), now=row.start + late)

    assert "confirm" not in booking.allowed_verbs(row, of=STAFF_VERBS, now=row.start + late)
    assert (Appointment.objects.get().status, Activity.objects.count()) == ("pending", told)


def test_a_request_is_confirmed_until_a_minute_before_its_call(kind: AppointmentType) -> None:
    row = an_appointment()

    assert booking.confirm(appointment=row, by=a_staff_member(), now=row.start - A_MINUTE).status == "booked"


@pytest.mark.parametrize("late", [dt.timedelta(), A_MINUTE])
def test_a_call_is_not_moved_into_the_past_even_knowingly(kind: AppointmentType, late: dt.timedelta) -> None:
    row = an_appointment("booked")

    with pytest.raises(booking.InvalidTransition):
        booking.reschedule(appointment=row, start=NOW - late, by=a_staff_member(), now=NOW, overrule=True)


def test_a_call_is_given_to_somebody_else_until_it_begins(kind: AppointmentType) -> None:
    """The time stands already, so it needs no notice; the other practitioner must be free all the same."""
    row, by = an_appointment("booked"), a_staff_member()
    one, two = Practitioner.objects.active().exclude(pk=row.practitioner_id)
    busy = an_appointment("booked", inquiry=an_inquiry(given_name="Bea"), start=row.start)
    free = two if busy.practitioner_id == one.pk else one

    with pytest.raises(booking.SlotTaken):
        booking.reassign(appointment=row, practitioner=busy.practitioner, by=by, now=row.start - A_MINUTE)
    booking.reassign(appointment=row, practitioner=free, by=by, now=row.start - A_MINUTE)
    with pytest.raises(booking.NotOffered):
        booking.reassign(appointment=busy, practitioner=row.practitioner, by=by, now=row.start + A_MINUTE)

    row.refresh_from_db()
    assert row.practitioner == free


def test_an_offer_whose_time_has_come_cannot_be_taken(kind: AppointmentType) -> None:
    row = an_appointment("proposed")
    Appointment.objects.update(held_until=row.start + A_MINUTE)

    with pytest.raises(booking.InvalidTransition):
        booking.accept(appointment=Appointment.objects.get(pk=row.pk), proposal=str(row.pk), now=row.start)


def test_to_be_forgotten_frees_a_call_to_come_and_leaves_one_that_was_held(kind: AppointmentType) -> None:
    to_come, held = an_appointment("booked"), an_appointment("fulfilled", inquiry=an_inquiry(given_name="Berta"))

    for row in (to_come, held):
        booking.forget(inquiry=row.inquiry, now=NOW)

    reasons = dict(Appointment.objects.values_list("pk", "reason"))
    assert reasons == {to_come.pk: "withdrawn", held.pk: ""}


def test_to_be_forgotten_is_asked_for_once(kind: AppointmentType) -> None:
    inquiry = an_inquiry()
    booking.forget(inquiry=inquiry, now=NOW)

    with pytest.raises(intake.AlreadyErased):
        booking.forget(inquiry=inquiry, now=NOW)


def test_why_a_practitioner_was_chosen_is_kept_in_codes_and_said_in_words(kind: AppointmentType) -> None:
    codes = an_appointment(inquiry=an_inquiry(language="es")).choice

    assert (codes, words.choice(codes)) == ("speaks:es;calls:0", "speaks Spanish, 0 calls that week")
