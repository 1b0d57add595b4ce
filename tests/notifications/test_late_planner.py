"""A planner that was away for hours writes the plan that it would have written in time, whatever happened since."""

import datetime as dt
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import transaction

from inquiries import intake, story
from inquiries.models import DO_NOT_CONTACT, Activity
from notifications import circumstances, planner
from notifications.models import Notification
from notifications.plan import TABLE
from scheduling import booking, closures
from scheduling.models import Appointment, AppointmentType, Closure
from tests.factories import NOW, a_staff_member, an_appointment, an_inquiry, free_times

pytestmark = pytest.mark.django_db
PATIENT = story.PATIENT
MINUTE, HOUR, DAY = dt.timedelta(minutes=1), dt.timedelta(hours=1), dt.timedelta(days=1)
TOMORROW = NOW + DAY
Story = Iterator[object]  # one change after the other; the planner in time runs after each


def later(days_ahead: int) -> dt.datetime:
    return free_times(days_ahead=days_ahead)[0]


def a_call(status: str = "booked", **facts: Any) -> Appointment:
    return an_appointment(status, start=later(5), **facts)


def answered() -> Story:
    """The request of seed 20: promised, moved, and answered, all before anybody planned."""
    row, by = a_call("pending"), a_staff_member()
    yield booking.ask_to_move(appointment=row, start=later(8), now=NOW + HOUR)
    yield booking.confirm(appointment=row, by=by, now=NOW + 2 * HOUR)
    yield booking.undo(appointment=row, by=by, now=NOW + 2 * HOUR)
    yield booking.decline(appointment=row, by=by, now=NOW + 3 * HOUR)


def chosen_afterwards() -> Story:
    yield (inquiry := an_inquiry())
    row = booking.request(inquiry=inquiry, kind=the_kind(), start=later(5), by=PATIENT, now=NOW + HOUR)
    yield row
    yield booking.withdraw(appointment=row, now=NOW + 2 * HOUR)


def chosen_at_once() -> Story:
    yield a_call("pending")


def offered() -> Story:
    row, by = a_call("pending"), a_staff_member()
    yield booking.propose(appointment=row, starts=[later(6), later(7)], by=by, now=NOW)
    yield booking.accept(appointment=row, proposal=str(row.pk), now=NOW + HOUR)
    yield booking.reschedule(appointment=row, start=later(9), by=by, now=NOW + 2 * HOUR)
    yield booking.cancel(appointment=row, by=by, now=NOW + 3 * HOUR)


def refused() -> Story:
    row = a_call("proposed")
    yield booking.refuse(appointment=row, now=NOW + HOUR)


def let_go() -> Story:
    row = a_call("pending")
    yield row
    yield booking.expire_overdue(now=NOW + 3 * DAY)


def moved_in_vain(end: Callable[[Appointment], object]) -> Callable[[], Story]:
    """A wish to move a booked call, which comes to nothing."""

    def tell() -> Story:
        row = a_call()
        yield booking.ask_to_move(appointment=row, start=later(8), now=NOW)
        yield end(Appointment.objects.get(pk=row.pk))

    return tell


def back_again(row: Appointment) -> object:
    (kept,) = row.holds.all()
    return booking.ask_to_move(appointment=row, start=kept.start, now=NOW + HOUR)


def booked_and_missed() -> Story:
    inquiry, by = an_inquiry(), a_staff_member()
    yield (row := booking.request(inquiry=inquiry, kind=the_kind(), start=later(5), by=by, now=NOW))
    yield booking.mark_no_show(appointment=row, by=by, now=NOW + 5 * DAY)
    yield booking.record_call_back(appointment=row, outcome=DO_NOT_CONTACT, by=by, now=NOW + 6 * DAY)


def held() -> Story:
    row, by = a_call(), a_staff_member()
    yield intake.stop_reminders(inquiry=row.inquiry, by=PATIENT, now=NOW + HOUR)
    yield booking.complete(appointment=row, outcome="consultation_booked", by=by, now=row.start)
    yield intake.close(inquiry=row.inquiry, reason="done", by=by, now=row.start)


def opened_again() -> Story:
    row, by = a_call(), a_staff_member()
    yield intake.close(inquiry=row.inquiry, reason=DO_NOT_CONTACT, by=by, now=NOW + HOUR)
    yield intake.reopen(inquiry=row.inquiry, by=by, now=NOW + 2 * HOUR)


def displaced() -> Story:
    row, by = a_call(), a_staff_member()
    closure = Closure.objects.create(start=row.start - HOUR, end=row.start + HOUR)
    yield closures.apply(closure=closure, text="storm", by=by, now=NOW + HOUR)


def urgent() -> Story:
    inquiry, by = an_inquiry(needs_help_now="yes", set_aside="often"), a_staff_member()
    yield intake.release(inquiry=inquiry, by=by, now=NOW + HOUR)
    yield intake.acknowledge(inquiry=inquiry, by=by, now=NOW + 2 * HOUR)


def forgotten() -> Story:
    row = a_call()
    yield booking.forget(inquiry=row.inquiry, now=NOW + HOUR)


def lost_the_link() -> Story:
    an_inquiry()
    intake.ask_for_link(email="ana@example.com", now=NOW + HOUR)
    yield intake.answer_link_requests(now=NOW + HOUR)


def asked_earlier(answer: Callable[[Appointment, dt.datetime], object]) -> Callable[[], Story]:
    """Somebody gives a time up, and it is offered to who would rather be called earlier."""

    def tell() -> Story:
        gone = an_appointment("booked", inquiry=an_inquiry(email="bea@example.com"), start=later(5), now=NOW - HOUR)
        row = an_appointment("booked", start=later(7), now=NOW - HOUR)
        booking.want_earlier(appointment=row, wanted=True, by=PATIENT, now=NOW)
        yield booking.withdraw(appointment=gone, now=NOW)
        yield booking.offer_freed_times(now=NOW + 2 * MINUTE)
        yield answer(row, NOW + 3 * MINUTE)

    return tell


def taken(row: Appointment, now: dt.datetime) -> object:
    (offer,) = booking.offers_of(row, now=now)
    return booking.accept(appointment=row, proposal=str(offer.pk), now=now)


STORIES: dict[str, Callable[[], Story]] = {
    **{tell.__name__: tell for tell in (answered, chosen_afterwards, chosen_at_once, offered, refused, let_go)},
    **{tell.__name__: tell for tell in (booked_and_missed, held, displaced, urgent, forgotten)},
    "lost_the_link": lost_the_link,
    "opened_again": opened_again,
    "move_declined": moved_in_vain(lambda row: booking.decline(appointment=row, by=a_staff_member(), now=NOW + HOUR)),
    "move_withdrawn": moved_in_vain(back_again),
    "move_expired": moved_in_vain(lambda row: booking.expire_overdue(now=NOW + 3 * DAY)),
    "earlier_taken": asked_earlier(taken),
    "earlier_refused": asked_earlier(lambda row, now: booking.refuse(appointment=row, now=now)),
    "earlier_lapsed": asked_earlier(lambda row, now: booking.expire_overdue(now=now + HOUR)),
    "earlier_not_wanted": asked_earlier(
        lambda row, now: booking.want_earlier(appointment=row, wanted=False, by=PATIENT, now=now)
    ),
}
# Its rows are gone before: it follows when everything else is planned and told (`work.finish_erasures`).
NEVER_LATE = {"inquiry.erased"}


def the_kind() -> AppointmentType:
    return AppointmentType.objects.get()


def ledger(tell: Callable[[], Story], *, in_time: bool) -> tuple[set[str], dict[tuple[Any, ...], str]]:
    """The kinds of activity that were planned, and the rows with how they stand; nothing of it is kept."""
    with transaction.atomic():
        for _ in tell():
            if in_time:
                planner.plan_pending(now=NOW)
        planner.plan_pending(now=NOW + 7 * DAY)
        kinds = set(Activity.objects.values_list("kind", flat=True))
        rows = {_facts(row): f"{row.status} {row.reason}".strip() for row in Notification.objects.all()}
        transaction.set_rollback(True)
    return kinds, rows


def _facts(row: Notification) -> tuple[Any, ...]:
    told = row.activity
    plan = (row.kind, row.variant, row.sequence, row.recipient_index, f"{row.due_at} {row.expires_at}")
    return (told.kind, told.at, told.number, *plan)


@pytest.mark.parametrize("tell", STORIES.values(), ids=STORIES)
def test_a_late_planner_writes_the_rows_of_one_in_time(kind: AppointmentType, tell: Callable[[], Story]) -> None:
    _, in_time = ledger(tell, in_time=True)
    _, late = ledger(tell, in_time=False)

    assert late.keys() == in_time.keys()
    changed = {row: late[row] for row in late if late[row] != in_time[row]}
    assert {status.partition(" ")[0] for status in changed.values()} <= {"cancelled", "skipped"}, changed


def test_the_stories_have_every_activity_that_is_planned(kind: AppointmentType) -> None:
    told = {kind for tell in STORIES.values() for kind in ledger(tell, in_time=False)[0]}

    assert TABLE.keys() - told == NEVER_LATE


def test_an_activity_that_older_code_told_is_planned_from_the_appointment(kind: AppointmentType) -> None:
    row = an_appointment()
    told = Activity.objects.get(kind="appointment.requested")
    whole = circumstances.happening_of(told, row)
    assert whole.answer_by
    assert whole.held_until

    del told.facts["answer_by"], told.facts["held_until"]

    assert circumstances.happening_of(told, row) == whole
