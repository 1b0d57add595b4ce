"""A random walk over every verb, with two people, two staff members, expiries and a moving clock, on the real database.

After each step nobody's time is held twice, and every hold belongs to an appointment that has a use for it; at the end
every history is a legal path, and the story's chain is whole. `WALKS` and `WALK_STEPS` make it longer.
"""

import datetime as dt
import os
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from inquiries import story
from inquiries.models import Activity
from notifications import invariants
from scheduling import booking, closures, slots
from scheduling.booking.requests import offers_of
from scheduling.models import Appointment, Closure, Practitioner
from tests.crowd import overlapping_pairs
from tests.factories import NOW, a_clinic, a_staff_member, an_inquiry

WALKS, STEPS = int(os.environ.get("WALKS", "20")), int(os.environ.get("WALK_STEPS", "50"))
DAY = dt.timedelta(days=1)
PATIENTS = 3

# kind: (states before, states after); None is "did not exist"
LEGAL: dict[str, tuple[set[str | None], set[str]]] = {
    "requested": ({None}, {"pending"}),
    "booked": ({None}, {"booked"}),
    "confirmed": ({"pending"}, {"booked"}),
    "declined": ({"pending"}, {"cancelled"}),
    "move_declined": ({"pending"}, {"booked"}),
    "move_expired": ({"pending", "proposed"}, {"booked"}),
    "move_withdrawn": ({"pending", "proposed"}, {"booked"}),
    "proposed": ({"pending", "proposed"}, {"proposed"}),
    "accepted": ({"proposed"}, {"booked"}),
    "offers_refused": ({"proposed"}, {"cancelled"}),
    "displaced": ({"pending", "proposed", "booked"}, {"proposed"}),
    "expired": ({"pending", "proposed"}, {"cancelled"}),
    "move_requested": ({"pending", "proposed", "booked"}, {"pending"}),
    "rescheduled": ({"pending", "proposed", "booked"}, {"booked"}),
    "reassigned": ({"pending", "booked"}, {"pending", "booked"}),
    "withdrawn": ({"pending", "proposed", "booked"}, {"cancelled"}),
    "cancelled": ({"pending", "proposed", "booked"}, {"cancelled"}),
    "completed": ({"booked"}, {"fulfilled"}),
    "missed": ({"booked"}, {"noshow"}),
    "attendance_confirmed": ({"booked"}, {"booked"}),
    "earlier_wanted": ({"booked"}, {"booked"}),
    "earlier_not_wanted": ({"booked"}, {"booked"}),
    "earlier_offered": ({"booked"}, {"booked"}),
    "earlier_taken": ({"booked"}, {"booked"}),
    "earlier_refused": ({"booked"}, {"booked"}),
    "earlier_lapsed": ({"booked"}, {"booked"}),
    "undone": (set(Appointment.Status.values), {"pending", "proposed", "booked"}),
}
patients = st.integers(0, PATIENTS - 1)
starts = st.integers(0, 11).map(lambda n: NOW + DAY * 2 + dt.timedelta(minutes=20 * n))
staff = st.integers(0, 1)


class Walk(RuleBasedStateMachine):
    @initialize()
    def open_the_clinic(self) -> None:
        self.undoing = transaction.atomic()
        self.undoing.__enter__()
        self.kind = a_clinic(practitioners=2)
        self.staff = [a_staff_member("one"), a_staff_member("two")]
        self.inquiries = [an_inquiry(given_name=f"P{n}", email=f"p{n}@example.com") for n in range(PATIENTS)]
        self.now = NOW

    def teardown(self) -> None:
        if hasattr(self, "undoing"):
            try:
                self.histories_are_legal()
            finally:
                transaction.set_rollback(True)
                self.undoing.__exit__(None, None, None)

    def of(self, patient: int) -> Appointment | None:
        """The patient's appointment; whoever has none, or one that is over, asks for the next free time first."""
        row = Appointment.objects.current_of(self.inquiries[patient])
        if row is None or row.status not in Appointment.HOLDING:
            for offered in slots.offered(kind=self.kind, start=self.now, end=self.now + DAY * 4, now=self.now).slots[
                :1
            ]:
                self.request_time(patient, offered.start, by=story.PATIENT)
            row = Appointment.objects.current_of(self.inquiries[patient])
        return row

    def request_time(self, patient: int, start: dt.datetime, *, by: story.By) -> None:
        try:
            with transaction.atomic():
                booking.request(inquiry=self.inquiries[patient], kind=self.kind, start=start, by=by, now=self.now)
        except booking.Refusal:
            pass

    def attempt(self, verb: Any, patient: int, **arguments: Any) -> None:
        """Refusals are answers; anything else is a bug."""
        row = self.of(patient)
        if row is None:
            return
        try:
            with transaction.atomic():
                verb(appointment=row, now=self.now, **arguments)
        except booking.Refusal:
            pass

    @rule(patient=patients, start=starts, by_staff=st.booleans())
    def request(self, patient: int, start: dt.datetime, by_staff: bool) -> None:
        self.request_time(patient, start, by=self.staff[0] if by_staff else story.PATIENT)

    @rule(
        patient=patients,
        who=staff,
        verb=st.sampled_from(["confirm", "confirm", "undo", "undo", "decline", "cancel", "complete", "mark_no_show"]),
    )
    def decide(self, patient: int, who: int, verb: str) -> None:
        self.attempt(getattr(booking, verb), patient, by=self.staff[who])

    @rule(patient=patients, who=staff, start=starts)
    def reschedule(self, patient: int, who: int, start: dt.datetime) -> None:
        self.attempt(booking.reschedule, patient, by=self.staff[who], start=start)

    @rule(patient=patients, who=staff, times=st.lists(starts, min_size=1, max_size=4))
    def propose(self, patient: int, who: int, times: list[dt.datetime]) -> None:
        self.attempt(booking.propose, patient, by=self.staff[who], starts=times)

    @rule(start=starts, who=staff, hours=st.integers(1, 30))
    def close(self, start: dt.datetime, who: int, hours: int) -> None:
        closure = Closure.objects.create(start=start, end=start + dt.timedelta(hours=hours))
        closures.apply(closure=closure, text="storm", by=self.staff[who], now=self.now)
        assert not Appointment.objects.in_the_way_of(closure, self.now).exists()
        closure.delete()

    @rule(patient=patients, who=staff)
    def reassign(self, patient: int, who: int) -> None:
        row = self.of(patient)
        other = Practitioner.objects.active().exclude(pk=row and row.practitioner_id).first()
        self.attempt(booking.reassign, patient, by=self.staff[who], practitioner=other)

    @rule(patient=patients, start=starts)
    def ask_to_move(self, patient: int, start: dt.datetime) -> None:
        self.attempt(booking.ask_to_move, patient, start=start)

    @rule(patient=patients, verb=st.sampled_from(["withdraw", "refuse", "confirm_attendance"]))
    def answer(self, patient: int, verb: str) -> None:
        self.attempt(getattr(booking, verb), patient)

    @rule(patient=patients, number=st.integers(0, 2))
    def accept(self, patient: int, number: int) -> None:
        row = self.of(patient)
        offers = offers_of(row, now=self.now) if row else []
        if offers:
            self.attempt(booking.accept, patient, proposal=str(offers[number % len(offers)].pk))

    @rule(patient=patients, wanted=st.sampled_from([True, True, True, False]))
    def want_earlier(self, patient: int, wanted: bool) -> None:
        self.attempt(booking.want_earlier, patient, wanted=wanted, by=story.PATIENT)

    @rule()
    def offer_freed_times(self) -> None:
        self.now += dt.timedelta(seconds=61)
        booking.offer_freed_times(now=self.now)

    @rule(minutes=st.sampled_from([0, 1, 30, 60, 300, 1440]))
    def time_passes(self, minutes: int) -> None:
        self.now += dt.timedelta(minutes=minutes)
        booking.expire_overdue(now=self.now)

    @invariant()
    def nobody_is_held_twice(self) -> None:
        assert overlapping_pairs() == []

    @invariant()
    def holds_have_a_use(self) -> None:
        for hold in Appointment.objects.exclude(held_for=None).select_related("held_for"):
            expected = {"pending", "proposed"} if hold.status == "booked" else {"proposed", "booked"}
            assert hold.held_for is not None
            assert hold.held_for.status in expected

    @invariant()
    def earlier_times_are_offered_fairly(self) -> None:
        assert list(invariants.unfair_offers()) == []

    def histories_are_legal(self) -> None:
        last: dict[object, str] = {}
        for told in Activity.objects.filter(kind__startswith="appointment.").order_by("pk"):
            before, after = LEGAL[told.kind.removeprefix("appointment.")]
            assert last.get(told.appointment_id) in before, told.kind
            assert told.facts["status"] in after, told.kind
            last[told.appointment_id] = told.facts["status"]
        assert {row.pk: row.status for row in Appointment.objects.spoken_of()} == last
        assert list(story.broken_chains()) == []


@pytest.mark.django_db
@pytest.mark.timeout(0)
def test_no_walk_breaks_an_invariant() -> None:
    how = settings(
        max_examples=WALKS,
        stateful_step_count=STEPS,
        deadline=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(Walk, settings=how)
