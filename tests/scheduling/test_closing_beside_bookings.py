"""A closure is applied while people book: whoever was quicker is moved, whoever was slower is not let in."""

import datetime as dt
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest
from django.db import connection, connections, transaction

from inquiries import story
from inquiries.models import Activity, Inquiry
from scheduling import booking, closures, slots
from scheduling.booking import holding
from scheduling.models import Appointment, AppointmentType, Closure
from tests.crowd import at_once, overlapping_pairs
from tests.factories import NOW, Status, a_clinic, a_staff_member, an_appointment, an_inquiry

TEN = dt.datetime(2026, 12, 9, 15, 0, tzinfo=dt.UTC)  # Wednesday, 10:00 in Miami
HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)
START, END = TEN - 5 * HOUR, TEN + 9 * HOUR
SOON = 20  # seconds; far more than it takes

pytestmark = pytest.mark.django_db(transaction=True)


def close() -> closures.Applied:
    closure = Closure.objects.create(start=START, end=END)
    return closures.apply(closure=closure, text="storm", by=a_staff_member("max", "manager"), now=NOW)


def left_inside() -> list[Appointment]:
    (closure,) = Closure.objects.all()
    return list(Appointment.objects.in_the_way_of(closure, NOW))


def ask_for(start: dt.datetime, inquiry: Inquiry) -> Appointment:
    kind = AppointmentType.objects.get()
    return booking.request(inquiry=inquiry, kind=kind, start=start, by=story.PATIENT, now=NOW)


@pytest.fixture
def beside() -> Iterator[Callable[[Callable[[], object]], object]]:
    """Starts something in a thread with a connection of its own; its result or refusal is asked for later."""

    def run(call: Callable[[], object]) -> object:
        try:
            return call()
        except booking.Refusal as refusal:
            return refusal
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as pool:
        yield lambda call: pool.submit(run, call)


def test_bookings_beside_a_closure_all_end_outside_it() -> None:
    kind = a_clinic(practitioners=2)
    rows = [
        an_appointment(Status.BOOKED, inquiry=an_inquiry(given_name=f"N{number}"), start=TEN + number * 2 * HOUR / 3)
        for number in range(4)
    ]
    a_staff_member("max", "manager")
    free = slots.offered(kind=kind, start=TEN, end=END + DAY, now=NOW).slots
    starts = [slot.start for slot in free if slot.start < END][-6:] + [slot.start for slot in free[-4:]]
    others = [an_inquiry(given_name=f"O{number}") for number in range(len(starts))]

    applied, *booked = at_once([close, *(lambda s=s, o=o: ask_for(s, o) for s, o in zip(starts, others, strict=True))])  # type: ignore[misc]

    assert isinstance(applied, closures.Applied), applied
    assert (overlapping_pairs(), left_inside()) == ([], [])
    moved = Activity.objects.filter(kind__in=["appointment.displaced", "appointment.cancelled"])
    told = sorted(moved.values_list("appointment_id", flat=True))
    assert told == sorted({row.pk for row in [*applied.displaced, *applied.cancelled]})
    assert {row.pk for row in rows} <= set(told)
    assert all(isinstance(each, Appointment | booking.SlotTaken | booking.NotOffered) for each in booked)


def in_open_transaction(start: dt.datetime, inquiry: Inquiry, *, taken: Event, go_on: Event) -> Appointment:
    with transaction.atomic():
        row = ask_for(start, inquiry)
        taken.set()
        assert go_on.wait(SOON)
        return row


def somebody_waits_for_a_diary() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("select count(*) from pg_locks where locktype = 'advisory' and not granted")
        return bool(cursor.fetchone()[0])


@pytest.mark.parametrize("guarded", [True, False])
def test_a_booking_that_commits_after_the_look_is_moved_too(
    guarded: bool, beside: Callable[..., object], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The booking is made, and not committed, when the closure is applied; without the guard it stays inside."""
    a_clinic(practitioners=1)
    inquiry, taken, go_on = an_inquiry(), Event(), Event()
    if not guarded:
        monkeypatch.setattr(closures, "_let_bookings_finish", lambda closure: None)
    booked = beside(lambda: in_open_transaction(TEN, inquiry, taken=taken, go_on=go_on))
    assert taken.wait(SOON)
    with ThreadPoolExecutor(1) as pool:
        applying = pool.submit(close_and_hang_up)
        while not (applying.done() or somebody_waits_for_a_diary()):
            pass
        go_on.set()
        applying.result()

    assert isinstance(booked.result(), Appointment)  # type: ignore[attr-defined]
    assert len(left_inside()) == (0 if guarded else 1)


def close_and_hang_up() -> closures.Applied:
    try:
        return close()
    finally:
        connections.close_all()


@pytest.mark.parametrize("guarded", [True, False])
def test_a_booking_that_looked_before_the_closure_is_not_let_in_after_it(
    guarded: bool, beside: Callable[..., object], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The booking has looked, and not taken, when the closure is applied; without the guard it gets inside."""
    a_clinic(practitioners=1)
    inquiry, looked, go_on, look = an_inquiry(), Event(), Event(), holding.candidates

    def look_and_wait(**question: object) -> object:
        found = look(**question)  # type: ignore[arg-type]
        looked.set()
        assert go_on.wait(SOON)
        return found

    monkeypatch.setattr(holding, "candidates", look_and_wait)
    if not guarded:
        insert = holding.try_insert
        monkeypatch.setattr(holding, "try_insert", lambda row, **how: insert(row, even_closed=True))
    booked = beside(lambda: ask_for(TEN, inquiry))
    assert looked.wait(SOON)
    close()
    go_on.set()

    assert isinstance(booked.result(), booking.SlotTaken if guarded else Appointment)  # type: ignore[attr-defined]
    assert len(left_inside()) == (0 if guarded else 1)


def test_staff_who_overrule_the_rules_book_inside_a_closure_knowingly() -> None:
    kind = a_clinic(practitioners=1)
    Closure.objects.create(start=START, end=END)
    by = a_staff_member()
    row = booking.request(inquiry=an_inquiry(), kind=kind, start=TEN, by=by, now=NOW, overrule=True)
    moved = booking.reschedule(appointment=row, start=TEN + HOUR, by=by, now=NOW, overrule=True)
    assert (moved.status, moved.start) == (Status.BOOKED, TEN + HOUR)
