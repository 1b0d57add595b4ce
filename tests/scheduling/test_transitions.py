"""Every status × every verb: it succeeds as TRANSITIONS says, or is refused and changes nothing."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest

from inquiries.models import Activity
from inquiries.story import PATIENT
from scheduling import booking
from scheduling.booking.requests import offers_of
from scheduling.booking.rules import STAFF_VERBS, TRANSITIONS
from scheduling.models import Appointment, AppointmentType, Closure, Practitioner
from tests.factories import NOW, Status, a_staff_member, an_appointment, an_inquiry, free_times

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


def expire_earlier(row: Appointment) -> None:
    """What the clock does to an earlier time on offer; nothing happens to the call itself."""
    offers = booking.earlier_offers(row, now=LATER)
    ends = offers[0].held_until if offers else LATER
    if not (row.status == Status.BOOKED and booking.expire_overdue(now=ends or LATER)):
        raise booking.InvalidTransition(row.status, row.version)


def arranged(status: str, verb: str) -> Appointment:
    """An appointment in that state; for the verbs of the earlier-time list, with a freed time, or an offer of it."""
    if status != Status.BOOKED or verb not in ("offer_earlier", "take_earlier", "refuse_earlier", "lapse_earlier"):
        return an_appointment(status)
    first, second = free_times(2)
    earlier = NOW - dt.timedelta(minutes=5)
    other = an_appointment(status, inquiry=an_inquiry(given_name="Bea", now=earlier), start=first, now=earlier)
    row = an_appointment(status, inquiry=an_inquiry(now=earlier), start=second, now=earlier)
    row = booking.want_earlier(appointment=row, wanted=True, by=PATIENT, now=earlier)
    booking.withdraw(appointment=other, now=earlier)
    if verb != "offer_earlier":
        assert booking.offer_freed_times(now=LATER) == 1
    row.refresh_from_db()
    return row


def displace(row: Appointment) -> None:
    """By a closure of the hour around the call."""
    closure = Closure.objects.create(start=row.start - HOUR, end=row.end + HOUR)
    try:
        booking.displace(appointment=row, closure=closure, text="storm", **staff())
    finally:
        closure.delete()


def offer_earlier(row: Appointment) -> None:
    """What the list does when the time that a call gave up is still free; nobody else is on it."""
    if not booking.offer_freed_times(now=LATER):
        raise booking.InvalidTransition(row.status, row.version)


def take_earlier(row: Appointment) -> Appointment:
    offers = booking.earlier_offers(row, now=LATER)
    proposal = str(offers[0].pk) if offers else ""
    return booking.take_earlier(appointment=row, proposal=proposal, now=LATER)


VERBS: dict[str, Act] = {
    "confirm": lambda row: booking.confirm(appointment=row, **staff()),
    "decline": lambda row: booking.decline(appointment=row, **staff()),
    "propose": lambda row: booking.propose(appointment=row, starts=free_times(2, days_ahead=7), **staff()),
    "reschedule": lambda row: booking.reschedule(appointment=row, start=free_times(days_ahead=7)[0], **staff()),
    "reassign": lambda row: booking.reassign(appointment=row, practitioner=somebody_else(row), **staff()),
    "cancel": lambda row: booking.cancel(appointment=row, **staff()),
    "complete": lambda row: booking.complete(appointment=row, **staff()),
    "no_show": lambda row: booking.mark_no_show(appointment=row, **staff()),
    "call_back": lambda row: booking.record_call_back(appointment=row, **staff()),
    "accept": lambda row: booking.accept(appointment=row, proposal=some_offer(row), now=LATER),
    "refuse": lambda row: booking.refuse(appointment=row, now=LATER),
    "withdraw": lambda row: booking.withdraw(appointment=row, now=LATER),
    "ask_to_move": lambda row: booking.ask_to_move(appointment=row, start=free_times(days_ahead=7)[0], now=LATER),
    "confirm_attendance": lambda row: booking.confirm_attendance(appointment=row, now=LATER),
    "expire": expire,
    "displace": displace,
    "want_earlier": lambda row: booking.want_earlier(appointment=row, wanted=True, **staff()),
    "offer_earlier": offer_earlier,
    "take_earlier": take_earlier,
    "refuse_earlier": lambda row: booking.refuse_earlier(appointment=row, now=LATER),
    "lapse_earlier": expire_earlier,
}
BECOMES = {
    "confirm": Status.BOOKED,
    "decline": Status.CANCELLED,
    "propose": Status.PROPOSED,
    "reschedule": Status.BOOKED,
    "cancel": Status.CANCELLED,
    "complete": Status.FULFILLED,
    "no_show": Status.NOSHOW,
    "call_back": Status.FULFILLED,
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
    appointment = arranged(status, verb)
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


# Nobody read a version who expires, closes or offers.
BY_ITSELF = ("expire", "displace", "offer_earlier", "lapse_earlier")
VERSIONED = [(status, verb) for status, verb in ALLOWED if verb not in BY_ITSELF]


@pytest.mark.parametrize(("status", "verb"), VERSIONED)
def test_a_stale_version_is_refused_and_changes_nothing(status: str, verb: str, kind: AppointmentType) -> None:
    """Each verb with the version that was read before somebody else changed the row."""
    appointment = arranged(status, verb)
    Appointment.objects.filter(pk=appointment.pk).update(version=appointment.version + 1)
    before = everything()

    with pytest.raises(booking.StaleVersion):
        with_version(verb, appointment)

    assert everything() == before


def with_version(verb: str, row: Appointment) -> object:
    name = {"no_show": "mark_no_show", "call_back": "record_call_back"}.get(verb, verb)
    extra: dict[str, dict[str, Any]] = {
        "propose": {"starts": free_times(2, days_ahead=7)},
        "reschedule": {"start": free_times(days_ahead=7)[0]},
        "ask_to_move": {"start": free_times(days_ahead=7)[0]},
        "reassign": {"practitioner": somebody_else(row)},
        "accept": {"proposal": some_offer(row)},
        "take_earlier": {"proposal": some_offer(row)},
        "want_earlier": {"wanted": True},
    }
    by = staff() if verb in STAFF_VERBS else {"now": LATER}
    return getattr(booking, name)(appointment=row, version=row.version, **by, **extra.get(verb, {}))
