"""Many people, one time: what the database promises, and a control that shows the race is real."""

import datetime as dt
import os
from threading import Barrier
from uuid import uuid4

import pytest
from django.db import connection

from inquiries import intake, story
from inquiries.models import Activity, Inquiry
from notifications import claiming, planner
from notifications.models import Notification
from scheduling import booking, slots
from scheduling.models import Appointment, AppointmentType, Practitioner
from tests.crowd import at_once, overlapping_pairs, standing_crowd
from tests.factories import NOW, a_clinic, a_staff_member, an_appointment, an_inquiry

TEN = dt.datetime(2026, 12, 9, 15, 0, tzinfo=dt.UTC)  # Wednesday, 10:00 in Miami
STEP = dt.timedelta(minutes=20)
ROUNDS = int(os.environ.get("RACE_ROUNDS", "100"))  # `make soak` makes it a thousand

pytestmark = pytest.mark.django_db(transaction=True)


def request(inquiry: Inquiry, start: dt.datetime) -> Appointment:
    kind = AppointmentType.objects.get()
    return booking.request(inquiry=inquiry, kind=kind, start=start, by=story.PATIENT, now=NOW)


def race(clients: int, starts: list[dt.datetime]) -> list[Appointment | Exception]:
    inquiries = [an_inquiry(given_name=f"N{number}") for number in range(clients)]
    return at_once([lambda n=n, i=i: request(i, starts[n % len(starts)]) for n, i in enumerate(inquiries)])  # type: ignore[misc]


def winners(results: list[Appointment | Exception]) -> list[Appointment]:
    return [result for result in results if isinstance(result, Appointment)]


def test_one_of_many_gets_the_time_and_the_others_get_alternatives() -> None:
    a_clinic(practitioners=1)
    results = race(32, [TEN])
    lost = [result for result in results if isinstance(result, booking.SlotTaken)]
    assert (len(winners(results)), len(lost)) == (1, 31)
    assert all(len(refusal.alternatives) == 3 for refusal in lost)


def test_two_practitioners_last_time_is_exactly_two_calls() -> None:
    a_clinic(practitioners=2)
    results = race(32, [TEN])
    assert len(winners(results)) == 2
    assert {won.practitioner_id for won in winners(results)} == set(
        Practitioner.objects.active().values_list("pk", flat=True)
    )


def test_requests_that_fall_back_on_each_others_first_choice_do_not_wait_for_each_other() -> None:
    """English goes to one practitioner first, Spanish to the other; each then wants the other's."""
    a_clinic(practitioners=2)
    for practitioner, language in zip(Practitioner.objects.active(), ("en", "es"), strict=True):
        Practitioner.objects.filter(pk=practitioner.pk).update(languages=[language])
    inquiries = [an_inquiry(given_name=f"L{number}", language=("en", "es")[number % 2]) for number in range(24)]

    results = at_once([lambda i=i: request(i, TEN) for i in inquiries])  # type: ignore[misc]

    assert len(winners(results)) == 2
    assert all(isinstance(result, Appointment | booking.SlotTaken) for result in results)


def test_mixed_starts_never_overlap() -> None:
    AppointmentType.objects.filter(pk=a_clinic(practitioners=1).pk).update(slot_step_minutes=5)
    race(40, [TEN + dt.timedelta(minutes=5 * number) for number in range(12)])
    assert overlapping_pairs() == []


def test_without_the_constraint_the_same_race_sells_a_time_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: a look before the insert, without lock and constraint, is not enough."""
    a_clinic(practitioners=1)
    with connection.cursor() as cursor:
        cursor.execute("alter table scheduling_appointment drop constraint appointment_time_once")
    gate = Barrier(32)  # everybody has looked before anybody takes
    monkeypatch.setattr("scheduling.booking.holding.lock_practitioners", lambda ids: gate.wait(20))
    try:
        results = race(32, [TEN])
        assert len(winners(results)) > 1
        assert overlapping_pairs() != []
    finally:
        with connection.cursor() as cursor:
            cursor.execute("truncate scheduling_appointment cascade")
        constraint = next(c for c in Appointment._meta.constraints if c.name == "appointment_time_once")
        with connection.schema_editor() as editor:
            editor.add_constraint(Appointment, constraint)


def test_the_constraint_alone_refuses_a_second_owner() -> None:
    first = an_appointment(start=TEN) if a_clinic(practitioners=1) else None
    assert first is not None
    kind = AppointmentType.objects.get()
    twin = Appointment(
        id=uuid4(),
        inquiry=an_inquiry(given_name="Bea"),
        appointment_type=kind,
        practitioner_id=first.practitioner_id,
        status="booked",
        start=first.start + dt.timedelta(minutes=10),
        end=first.end + dt.timedelta(minutes=10),
        occupied=slots.occupied(kind, first.start + dt.timedelta(minutes=10)),
        time_zone="America/New_York",
        created_at=NOW,
    )
    with pytest.raises(Exception, match="appointment_time_once"):
        twin.save()


LEGAL_ENDS = {
    ("confirmed",): ("booked", ["appointment_confirmed", "reminder", "reminder"]),
    ("confirmed", "withdrawn"): ("cancelled", ["appointment_cancelled"]),
    ("withdrawn",): ("cancelled", ["appointment_cancelled"]),
    ("expired",): ("cancelled", ["request_expired"]),
}


def test_confirm_confirm_cancel_and_expiry_end_in_one_legal_state_with_the_mails_agreeing() -> None:
    kind = a_clinic(practitioners=1, horizon_days=366)
    one, two = a_staff_member("one"), a_staff_member("two")
    later = NOW + dt.timedelta(days=1, hours=1)
    free = slots.offered(kind=kind, start=TEN, end=NOW + dt.timedelta(days=366), now=NOW).slots[::2]
    rows = []
    with standing_crowd(4) as at_once:
        for number, slot in zip(range(ROUNDS), free, strict=False):
            row = an_appointment(start=slot.start, inquiry=an_inquiry(given_name=f"R{number}"))
            results = at_once(
                [
                    lambda row=row: booking.confirm(appointment=row, by=one, now=NOW),  # type: ignore[misc]
                    lambda row=row: booking.confirm(appointment=row, by=two, now=NOW),  # type: ignore[misc]
                    lambda row=row: booking.withdraw(appointment=row, now=NOW),  # type: ignore[misc]
                    lambda: booking.expire_overdue(now=later),
                ]
            )
            row.refresh_from_db()
            begun, *told = [each.removeprefix("appointment.") for each in kinds_of(row)]
            assert (begun, row.status) == ("requested", LEGAL_ENDS[tuple(told)][0]), results
            rows.append((row, LEGAL_ENDS[tuple(told)][1]))
    while planner.plan_pending(now=later):
        pass
    assert len(rows) == ROUNDS
    assert [true_news_of(row) for row, _ in rows] == [news for _, news in rows]


def true_news_of(row: Appointment) -> list[str]:
    """The kinds of the messages to the patient that would leave: planned, and still true of the call as it is."""
    due = Notification.objects.filter(appointment=row, status="due", kind__in=Notification.PATIENT_KINDS)
    return [letter.kind for letter in due.order_by("due_at", "pk") if claiming.still_true(letter)]


def kinds_of(row: Appointment) -> list[str]:
    return list(Activity.objects.filter(appointment_id=row.pk).order_by("pk").values_list("kind", flat=True))


def test_two_moves_that_swap_times_do_not_deadlock() -> None:
    a_clinic(practitioners=2)
    coordinator = a_staff_member()
    for round_number in range(10):
        day = dt.timedelta(days=round_number % 3)
        one = an_appointment(start=TEN + day, inquiry=an_inquiry(given_name=f"A{round_number}"))
        two = an_appointment(start=TEN + day + 3 * STEP, inquiry=an_inquiry(given_name=f"B{round_number}"))
        at_once(
            [
                lambda o=one, s=two.start: booking.reschedule(appointment=o, start=s, by=coordinator, now=NOW),  # type: ignore[misc]
                lambda t=two, s=one.start: booking.reschedule(appointment=t, start=s, by=coordinator, now=NOW),  # type: ignore[misc]
            ]
        )
        assert overlapping_pairs() == []
        for row in Appointment.objects.holding_time():
            booking.cancel(appointment=row, by=coordinator, now=NOW)


def test_a_lapsed_hold_goes_to_the_next_person_openly() -> None:
    a_clinic(practitioners=1)
    old = an_appointment(start=TEN)
    assert old.held_until is not None
    fresh = an_inquiry(given_name="Bea")
    kind = AppointmentType.objects.get()
    AppointmentType.objects.update(notice_minutes=0)
    kind.refresh_from_db()
    new = booking.request(inquiry=fresh, kind=kind, start=TEN, by=story.PATIENT, now=old.held_until)
    old.refresh_from_db()
    assert (old.status, old.reason, new.status) == ("cancelled", "expired", "pending")
    assert kinds_of(old)[-1] == "appointment.expired"


def test_one_person_holds_one_time_even_when_they_press_twice() -> None:
    a_clinic(practitioners=2)
    inquiry = an_inquiry()
    results = at_once([lambda: request(inquiry, TEN), lambda: request(inquiry, TEN + 3 * STEP)])
    assert len(winners(results)) == 1
    assert isinstance(next(r for r in results if isinstance(r, Exception)), booking.AlreadyHasAppointment)


def test_erasing_leaves_the_story_whole() -> None:
    a_clinic(practitioners=1)
    row = an_appointment(start=TEN)
    intake.erase(inquiry=row.inquiry, by=story.PATIENT, now=NOW)
    assert list(story.broken_chains()) == []
    assert row.inquiry.contact.__class__.objects.get(inquiry=row.inquiry).called == ""
