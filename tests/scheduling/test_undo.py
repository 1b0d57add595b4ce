"""Undo brings back all that a decision took, and nothing that happened since."""

import datetime as dt
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest
from django.db import connections

from inquiries.models import Activity
from inquiries.story import PATIENT
from scheduling import booking, closures
from scheduling.booking import undoing
from scheduling.models import Appointment, Closure
from tests.crowd import at_once
from tests.factories import NOW, a_clinic, a_staff_member, an_appointment, an_inquiry

HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)
TEN = dt.datetime(2026, 12, 9, 15, 0, tzinfo=dt.UTC)  # Wednesday, 10:00 in Miami
LATER = NOW + dt.timedelta(minutes=5)
SOON = 20  # seconds; far more than it takes

pytestmark = pytest.mark.django_db(transaction=True)


def undo_and_hang_up(row: Appointment) -> object:
    try:
        return booking.undo(appointment=row, by=a_staff_member(), now=NOW)
    except booking.Refusal as refusal:
        return refusal
    finally:
        connections.close_all()


def undone_while(row: Appointment, happens: Callable[[], object], monkeypatch: pytest.MonkeyPatch) -> object:
    """What undo answers when something happens after it has seen what the last decision was."""
    seen, go_on, really = Event(), Event(), undoing._can_be_undone

    def look_and_wait(*told: object) -> bool:
        seen.set()
        assert go_on.wait(SOON)
        return really(*told)  # type: ignore[arg-type]

    monkeypatch.setattr(undoing, "_can_be_undone", look_and_wait)
    with ThreadPoolExecutor(1) as pool:
        taken_back = pool.submit(undo_and_hang_up, row)
        assert seen.wait(SOON)
        happens()
        go_on.set()
        return taken_back.result()


@pytest.mark.parametrize("guarded", [True, False])
def test_undo_does_not_take_back_what_the_patient_did_meanwhile(guarded: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control believes what it saw before the lock, and books a call that the patient has just cancelled."""
    a_clinic(practitioners=1)
    row = an_appointment("booked")
    if not guarded:
        told = undoing._last_told_of(row)
        monkeypatch.setattr(undoing, "_last_told_of", lambda appointment: told)

    answer = undone_while(row, lambda: booking.withdraw(appointment=row, now=NOW), monkeypatch)

    row.refresh_from_db()
    assert isinstance(answer, booking.InvalidTransition if guarded else Appointment)
    assert row.status == ("cancelled" if guarded else "pending")


def test_many_who_undo_the_same_decision_do_it_once() -> None:
    a_clinic(practitioners=1)
    row, by = an_appointment("cancelled"), a_staff_member()

    answers = at_once([lambda: booking.undo(appointment=row, by=by, now=NOW) for _ in range(8)])

    assert sum(isinstance(answer, Appointment) for answer in answers) == 1
    assert all(isinstance(answer, Appointment | booking.Refusal) for answer in answers)
    assert list(Activity.objects.filter(kind="appointment.undone").values_list("appointment_id", flat=True)) == [row.pk]


@pytest.mark.parametrize(
    "decide",
    [
        lambda row, by: booking.propose(appointment=row, starts=[TEN + DAY], by=by, now=LATER),
        lambda row, by: booking.cancel(appointment=row, by=by, now=LATER),
        lambda row, by: booking.reschedule(appointment=row, start=TEN + DAY, by=by, now=LATER),
    ],
)
def test_undo_offers_every_time_again_that_was_on_offer(decide: Callable[..., object]) -> None:
    a_clinic(practitioners=1)
    row, by = an_appointment(start=TEN), a_staff_member()
    booking.propose(appointment=row, starts=[TEN + HOUR, TEN + 2 * HOUR, TEN + 3 * HOUR], by=by, now=NOW)
    row.refresh_from_db()
    offered = {(offer.pk, offer.start, offer.held_until) for offer in booking.offers_of(row, now=LATER)}
    assert len(offered) == 3

    decide(row, by)
    row = booking.undo(appointment=row, by=by, now=LATER)

    assert {(offer.pk, offer.start, offer.held_until) for offer in booking.offers_of(row, now=LATER)} == offered
    last = booking.offers_of(row, now=LATER)[-1]
    assert booking.accept(appointment=row, proposal=str(last.pk), now=LATER).start == last.start


def test_undo_takes_nothing_when_a_time_that_was_on_offer_is_somebody_elses() -> None:
    kind = a_clinic(practitioners=1)
    row, by = an_appointment(start=TEN), a_staff_member()
    booking.propose(appointment=row, starts=[TEN + HOUR, TEN + 2 * HOUR], by=by, now=NOW)
    booking.cancel(appointment=row, by=by, now=LATER)
    booking.request(inquiry=an_inquiry(given_name="Bea"), kind=kind, start=TEN + 2 * HOUR, by=PATIENT, now=LATER)

    with pytest.raises(booking.SlotTaken):
        booking.undo(appointment=row, by=by, now=LATER)

    row.refresh_from_db()
    assert (row.status, row.holds.count()) == ("cancelled", 0)


def test_undo_knows_that_the_patient_said_they_would_be_there() -> None:
    a_clinic(practitioners=1)
    row = an_appointment("booked")
    booking.confirm_attendance(appointment=row, now=NOW)
    booking.cancel(appointment=row, by=a_staff_member(), now=LATER)

    assert booking.undo(appointment=row, by=a_staff_member(), now=LATER).attendance_confirmed_at == NOW


@pytest.mark.parametrize("unknown", ["offers", "attendance"])
def test_undo_refuses_what_older_code_did_not_tell_whole(unknown: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """As in the first minute after an upgrade: a half of it would leave the patient with offers that are none."""
    a_clinic(practitioners=1)
    row = booking.cancel(appointment=an_appointment("proposed"), by=a_staff_member(), now=LATER)
    told = Activity.objects.get(kind="appointment.cancelled")
    monkeypatch.setattr(undoing, "_last_told_of", lambda appointment: told)
    del told.facts["before"][unknown]

    with pytest.raises(booking.NothingToUndo):
        booking.undo(appointment=row, by=a_staff_member(), now=LATER)

    assert Appointment.objects.get(pk=row.pk).status == "cancelled"


def test_undo_keeps_no_time_inside_a_closure_that_has_looked_after_everybody() -> None:
    """The old time was let go when the closure was applied, so nobody would move it."""
    a_clinic(practitioners=1)
    by = a_staff_member()
    row = an_appointment("booked", start=TEN)
    booking.ask_to_move(appointment=row, start=TEN + 5 * DAY, now=NOW)
    booking.confirm(appointment=row, by=by, now=NOW)
    closure = Closure.objects.create(start=TEN - HOUR, end=TEN + HOUR)
    closures.apply(closure=closure, text="storm", by=by, now=NOW)

    with pytest.raises(booking.SlotTaken):
        booking.undo(appointment=row, by=by, now=NOW)

    assert not Appointment.objects.in_the_way_of(closure, NOW).exists()
    assert Appointment.objects.get(pk=row.pk).status == "booked"
