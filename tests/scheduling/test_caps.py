"""No practitioner gets more calls a day or a week than the rules say, however they come together."""

import datetime as dt

import pytest

from inquiries.models import StaffMember
from inquiries.story import PATIENT
from scheduling import booking, slots
from scheduling.booking import holding, moving
from scheduling.models import Appointment, AppointmentType, Practitioner
from tests.crowd import at_once
from tests.factories import NOW, a_clinic, a_staff_member, an_appointment, an_inquiry

HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)
TEN = dt.datetime(2026, 12, 9, 15, 0, tzinfo=dt.UTC)  # Wednesday, 10:00 in Miami
ROUNDS = 5

pytestmark = pytest.mark.django_db(transaction=True)


def booked(name: str, start: dt.datetime) -> Appointment:
    return an_appointment("booked", inquiry=an_inquiry(given_name=name, email=f"{name}@example.com"), start=start)


def calls_that_day() -> int:
    return Appointment.objects.holding_time().filter(start__gte=TEN, start__lt=TEN + 6 * HOUR).count()


def move_two_into_the_last_place(by: StaffMember) -> int:
    booked("a", TEN)
    rows = [booked("b", TEN + DAY), booked("c", TEN + DAY + HOUR)]
    new = [TEN + HOUR, TEN + 2 * HOUR]
    moves = zip(rows, new, strict=True)
    at_once([lambda r=r, s=s: booking.reschedule(appointment=r, start=s, by=by, now=NOW) for r, s in moves])  # type: ignore[misc]
    found = calls_that_day()
    for row in Appointment.objects.holding_time():
        booking.cancel(appointment=row, by=by, now=NOW)
    return found


def test_moves_at_once_stay_within_a_daily_cap() -> None:
    a_clinic(practitioners=1, daily_cap=2)
    by = a_staff_member()
    assert [move_two_into_the_last_place(by) for _ in range(ROUNDS)] == [2] * ROUNDS


def test_without_the_look_behind_the_lock_moves_exceed_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: both have looked before either has moved."""
    a_clinic(practitioners=1, daily_cap=2)
    monkeypatch.setattr(moving, "cap_reached", lambda *_, **__: False)
    by = a_staff_member()
    assert 3 in [move_two_into_the_last_place(by) for _ in range(ROUNDS)]


@pytest.mark.parametrize("cap", ["daily_cap", "weekly_cap"])
def test_requests_at_once_stay_within_a_cap(cap: str) -> None:
    kind = a_clinic(practitioners=1, **{cap: 2})
    inquiries = [an_inquiry(given_name=f"N{number}", email=f"n{number}@example.com", phone="") for number in range(6)]

    def ask(number: int) -> Appointment:
        start = TEN + number * HOUR
        return booking.request(inquiry=inquiries[number], kind=kind, start=start, by=PATIENT, now=NOW)

    answers = at_once([lambda number=number: ask(number) for number in range(6)])  # type: ignore[misc]

    assert sum(isinstance(answer, Appointment) for answer in answers) == 2
    assert all(isinstance(answer, Appointment | booking.SlotTaken) for answer in answers)


@pytest.mark.parametrize("over", ["complete", "mark_no_show"])
def test_a_call_that_is_over_still_counts(over: str) -> None:
    kind: AppointmentType = a_clinic(practitioners=1, daily_cap=1, notice_minutes=0)
    row, later = booked("a", TEN), TEN + dt.timedelta(minutes=1)
    getattr(booking, over)(appointment=row, by=a_staff_member(), now=later)

    assert slots.offered(kind=kind, start=later, end=TEN + 6 * HOUR, now=later).slots == []
    reasons = {reason for _, _, reason in slots.explain(kind=kind, start=TEN + HOUR, end=TEN + 2 * HOUR, now=later)}
    assert reasons == {"daily_cap"}
    with pytest.raises(booking.SlotTaken):
        booking.request(inquiry=an_inquiry(), kind=kind, start=TEN + HOUR, by=PATIENT, now=later)


def test_who_had_the_calls_of_this_week_is_not_asked_first_because_they_are_over() -> None:
    kind, by = a_clinic(practitioners=2, notice_minutes=0), a_staff_member()
    one, two = Practitioner.objects.active()
    for hour in range(2):
        start = TEN + hour * HOUR
        inquiry = an_inquiry(given_name=f"N{hour}")
        row = booking.request(inquiry=inquiry, kind=kind, start=start, by=by, now=NOW, practitioner=one.pk)
        booking.complete(appointment=row, by=by, now=start)
    booking.request(inquiry=an_inquiry(), kind=kind, start=TEN + DAY, by=by, now=NOW, practitioner=two.pk)

    found = holding.candidates(kind=kind, start=TEN + DAY + HOUR, now=TEN + 3 * HOUR)

    assert found == [(two.pk, "calls:1"), (one.pk, "calls:2")]


def test_staff_overrule_a_cap_knowingly() -> None:
    kind, by = a_clinic(practitioners=1, daily_cap=1), a_staff_member()
    booked("a", TEN)

    with pytest.raises(booking.SlotTaken):
        booking.request(inquiry=an_inquiry(), kind=kind, start=TEN + HOUR, by=by, now=NOW)
    row = booking.request(inquiry=an_inquiry(), kind=kind, start=TEN + HOUR, by=by, now=NOW, overrule=True)
    booking.reschedule(appointment=row, start=TEN + 2 * HOUR, by=by, now=NOW, overrule=True)

    assert calls_that_day() == 2
