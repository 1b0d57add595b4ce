"""Every status × every verb: it succeeds as TRANSITIONS says, or is refused and changes nothing."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest

from inquiries.models import Activity
from scheduling import booking
from scheduling.booking.requests import offers_of
from scheduling.booking.rules import STAFF_VERBS, TRANSITIONS
from scheduling.models import Appointment, AppointmentType, Closure, Practitioner
from tests.factories import NOW, Status, a_staff_member, an_appointment, free_times

LATER = NOW + dt.timedelta(minutes=1)
Act = Callable[[Appointment], object]

HOUR = dt.timedelta(hours=1)


def staff() -> dict[str, Any]:
    return {"by": a_staff_member(), "now": LATER}


def some_offer(row: Appointment) -> str:
    offers = offers_of(row, now=LATER)
    return str(offers[-1].pk) if offers else str(row.pk)


def somebody_else(row: Appointment) -> Practitioner:
    return Practitioner.objects.active().exclude(pk=row.practitioner_id)[0]


def expire(row: Appointment) -> None:
    """What the clock does, once the time to answer is over."""
    if not booking.expire_overdue(now=(row.held_until or LATER) + dt.timedelta(seconds=1)):
        raise booking.InvalidTransition(row.status, row.version)


def displace(row: Appointment) -> None:
    """By a closure of the hour around the call."""
    closure = Closure.objects.create(start=row.start - HOUR, end=row.end + HOUR)
    try:
        booking.displace(appointment=row, closure=closure, text="storm", **staff())
    finally:
        closure.delete()


VERBS: dict[str, Act] = {
    "confirm": lambda row: booking.confirm(appointment=row, **staff()),
    "decline": lambda row: booking.decline(appointment=row, **staff()),
    "propose": lambda row: booking.propose(appointment=row, starts=free_times(2, days_ahead=7), **staff()),
    "reschedule": lambda row: booking.reschedule(appointment=row, start=free_times(days_ahead=7)[0], **staff()),
    "reassign": lambda row: booking.reassign(appointment=row, practitioner=somebody_else(row), **staff()),
    "cancel": lambda row: booking.cancel(appointment=row, **staff()),
    "complete": lambda row: booking.complete(appointment=row, **staff()),
    "no_show": lambda row: booking.mark_no_show(appointment=row, **staff()),
    "accept": lambda row: booking.accept(appointment=row, proposal=some_offer(row), now=LATER),
    "refuse": lambda row: booking.refuse(appointment=row, now=LATER),
    "withdraw": lambda row: booking.withdraw(appointment=row, now=LATER),
    "ask_to_move": lambda row: booking.ask_to_move(appointment=row, start=free_times(days_ahead=7)[0], now=LATER),
    "confirm_attendance": lambda row: booking.confirm_attendance(appointment=row, now=LATER),
    "expire": expire,
    "displace": displace,
}
BECOMES = {
    "confirm": Status.BOOKED,
    "decline": Status.CANCELLED,
    "propose": Status.PROPOSED,
    "reschedule": Status.BOOKED,
    "cancel": Status.CANCELLED,
    "complete": Status.FULFILLED,
    "no_show": Status.NOSHOW,
    "accept": Status.BOOKED,
    "refuse": Status.CANCELLED,
    "withdraw": Status.CANCELLED,
    "ask_to_move": Status.PENDING,
    "confirm_attendance": Status.BOOKED,
    "expire": Status.CANCELLED,
    "displace": Status.PROPOSED,
}
GRID = [(status, verb) for status in Status.values for verb in VERBS]
ALLOWED = [(status, verb) for status, verb in GRID if status in TRANSITIONS[verb]]
FORBIDDEN = [(status, verb) for status, verb in GRID if status not in TRANSITIONS[verb]]


def everything() -> list[Any]:
    return [list(model.objects.order_by("pk").values()) for model in (Appointment, Activity)]


def test_the_grid_knows_every_verb() -> None:
    assert VERBS.keys() == TRANSITIONS.keys()


@pytest.mark.parametrize(("status", "verb"), ALLOWED)
def test_an_allowed_verb_changes_the_state_once_and_tells_of_it(status: str, verb: str, kind: AppointmentType) -> None:
    appointment = an_appointment(status)
    told = Activity.objects.count()

    VERBS[verb](appointment)

    row = Appointment.objects.get(pk=appointment.pk)
    assert row.status == BECOMES.get(verb, status)
    assert row.version == appointment.version + 1
    assert Activity.objects.count() == told + 1


@pytest.mark.parametrize(("status", "verb"), FORBIDDEN)
def test_a_forbidden_verb_says_the_state_and_changes_nothing(status: str, verb: str, kind: AppointmentType) -> None:
    appointment = an_appointment(status)
    before = everything()

    with pytest.raises(booking.InvalidTransition) as refusal:
        VERBS[verb](appointment)

    assert (refusal.value.status, refusal.value.version) == (status, appointment.version)
    assert everything() == before


# Nobody read a version who expires or closes.
VERSIONED = [(status, verb) for status, verb in ALLOWED if verb not in ("expire", "displace")]


@pytest.mark.parametrize(("status", "verb"), VERSIONED)
def test_a_stale_version_is_refused_and_changes_nothing(status: str, verb: str, kind: AppointmentType) -> None:
    """Each verb with the version that was read before somebody else changed the row."""
    appointment = an_appointment(status)
    Appointment.objects.filter(pk=appointment.pk).update(version=appointment.version + 1)
    before = everything()

    with pytest.raises(booking.StaleVersion):
        with_version(verb, appointment)

    assert everything() == before


def with_version(verb: str, row: Appointment) -> object:
    name = "mark_no_show" if verb == "no_show" else verb
    extra: dict[str, dict[str, Any]] = {
        "propose": {"starts": free_times(2, days_ahead=7)},
        "reschedule": {"start": free_times(days_ahead=7)[0]},
        "ask_to_move": {"start": free_times(days_ahead=7)[0]},
        "reassign": {"practitioner": somebody_else(row)},
        "accept": {"proposal": some_offer(row)},
    }
    by = staff() if verb in STAFF_VERBS else {"now": LATER}
    return getattr(booking, name)(appointment=row, version=row.version, **by, **extra.get(verb, {}))
