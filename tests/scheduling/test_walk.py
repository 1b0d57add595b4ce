"""A random walk over every verb, with two people, two staff members, expiries and a moving clock, on the real database.

After each step nobody's time is held twice, every hold belongs to an appointment that has a use for it, and every
history is a legal path; at the end `check_invariants` finds nothing. `WALKS` and `WALK_STEPS` make it longer.
"""

import datetime as dt
import os
from contextlib import suppress
from copy import copy
from dataclasses import dataclass
from typing import Any

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from inquiries import story
from inquiries.models import Activity, Inquiry, StaffMember
from notifications import invariants
from scheduling import booking, closures, slots
from scheduling.booking.requests import offers_of
from scheduling.models import Appointment, AppointmentType, Closure, Practitioner
from tests.factories import NOW, a_clinic, a_staff_member, an_inquiry

WALKS, STEPS = int(os.environ.get("WALKS", "100")), int(os.environ.get("WALK_STEPS", "50"))
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
    "called_back": ({"noshow"}, {"fulfilled"}),
    "missed": ({"booked"}, {"noshow"}),
    "attendance_confirmed": ({"booked"}, {"booked"}),
    "earlier_wanted": ({"booked"}, {"booked"}),
    "earlier_not_wanted": ({"booked"}, {"booked"}),
    "earlier_offered": ({"booked"}, {"booked"}),
    "earlier_taken": ({"booked"}, {"booked"}),
    "earlier_refused": ({"booked"}, {"booked"}),
    "earlier_lapsed": ({"booked"}, {"booked"}),
    "undone": (set(Appointment.Status.values), {"pending", "proposed", "booked", "noshow"}),
}
patients = st.integers(0, PATIENTS - 1)
starts = st.integers(0, 11).map(lambda n: NOW + DAY * 2 + dt.timedelta(minutes=20 * n))
staff = st.integers(0, 1)


# Everything that a step can break, in one statement: what, which row, of which appointment, as what.
LOOK = """
select 'told', activity.id::text, appointment_id, kind, facts ->> 'status'
from inquiries_activity activity where activity.id > %(seen)s and kind like 'appointment.%%'
union all
select 'is', '', id, status, status from scheduling_appointment where held_for_id is null
union all
select 'held twice', one.id::text, other.id, one.status, other.status
from scheduling_appointment one join scheduling_appointment other
on one.practitioner_id = other.practitioner_id and one.id < other.id and one.occupied && other.occupied
where one.status in ('proposed', 'pending', 'booked') and other.status in ('proposed', 'pending', 'booked')
union all
select 'held for nothing', hold.id::text, kept.id, hold.status, kept.status
from scheduling_appointment hold join scheduling_appointment kept on kept.id = hold.held_for_id
where (hold.status, kept.status) not in
    (('booked', 'pending'), ('booked', 'proposed'), ('proposed', 'proposed'), ('proposed', 'booked'))
union all
select 'offered unfairly', hold.id::text, kept.id, hold.status, kept.status
from scheduling_appointment hold join scheduling_appointment kept on kept.id = hold.held_for_id
left join scheduling_freedtime freed on freed.hold_id = hold.id and freed.offered_to_id = kept.id
    and (freed.practitioner_id, freed.start) = (hold.practitioner_id, hold.start)
where (hold.status, kept.status) = ('proposed', 'booked') and (freed.id is null or kept.wants_earlier_at is null)
"""


class Walk(RuleBasedStateMachine):
    clinic: "Clinic"

    @initialize()
    def open_the_clinic(self) -> None:
        self.undoing = transaction.atomic()
        self.undoing.__enter__()
        self.kind, self.staff, self.seen = self.clinic.kind, self.clinic.staff, self.clinic.seen
        self.inquiries = [copy(inquiry) for inquiry in self.clinic.inquiries]
        self.now = NOW
        self.told: dict[object, str] = {}

    def teardown(self) -> None:
        if hasattr(self, "undoing"):
            try:
                self.nothing_contradicts()
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
        with suppress(booking.Refusal):
            booking.request(inquiry=self.inquiries[patient], kind=self.kind, start=start, by=by, now=self.now)

    def attempt(self, verb: Any, patient: int, **arguments: Any) -> None:
        """Refusals are answers; anything else is a bug."""
        row = self.of(patient)
        if row is None:
            return
        with suppress(booking.Refusal):
            verb(appointment=row, now=self.now, **arguments)

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

    @rule(changes=st.sampled_from([{"duration_minutes": 40}, {"duration_minutes": 20}, {"buffer_after_minutes": 25}]))
    def the_rules_change(self, changes: dict[str, int]) -> None:
        AppointmentType.objects.update(**changes)
        self.kind = AppointmentType.objects.get()

    @invariant()
    def nobody_is_held_twice_and_every_history_is_legal(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute(LOOK, {"seen": self.seen})
            found = cursor.fetchall()
        stands = {row: status for what, _, row, status, _ in found if what == "is"}
        told = sorted((int(number), row, kind, after) for what, number, row, kind, after in found if what == "told")
        for number, row, kind, after in told:
            self.follow(row, kind.removeprefix("appointment."), after)
            self.seen = number
        assert self.told == stands
        assert [each for each in found if each[0] not in ("told", "is")] == []

    def follow(self, row: object, kind: str, after: str) -> None:
        legal_before, legal_after = LEGAL[kind]
        assert self.told.get(row) in legal_before, kind
        assert after in legal_after, kind
        self.told[row] = after

    def nothing_contradicts(self) -> None:
        """What `manage.py check_invariants` finds, I1 and I7 among it, by statements of its own."""
        assert not any(invariants.report(now=self.now).values())


@dataclass
class Clinic:
    """What every walk begins with; each is rolled back to it."""

    kind: AppointmentType
    staff: list[StaffMember]
    inquiries: list[Inquiry]
    seen: int


def opened() -> Clinic:
    kind = a_clinic(practitioners=2)
    staff = [a_staff_member("one"), a_staff_member("two")]
    inquiries = [an_inquiry(given_name=f"P{n}", email=f"p{n}@example.com") for n in range(PATIENTS)]
    return Clinic(kind, staff, inquiries, seen=Activity.objects.latest("pk").pk)


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
    Walk.clinic = opened()
    run_state_machine_as_test(Walk, settings=how)
