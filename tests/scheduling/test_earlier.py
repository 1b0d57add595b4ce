"""The earlier-time list: one person at a time, in order, with a real hold, and nobody is moved without a yes."""

import contextlib
import datetime as dt
import random
from threading import Barrier, local

import pytest
from django.db import IntegrityError, connection

from inquiries import story
from inquiries.models import Activity
from notifications import invariants
from scheduling import availability, booking, closures
from scheduling.booking import earlier, holding
from scheduling.models import Appointment, AppointmentType, Closure, FreedTime, Practitioner
from scheduling.models.earlier import FreedTimeQuerySet
from tests.crowd import at_once, overlapping_pairs
from tests.factories import NOW, Status, a_clinic, a_staff_member, an_inquiry, free_times

pytestmark = pytest.mark.django_db
MINUTE, HOUR, DAY = dt.timedelta(minutes=1), dt.timedelta(hours=1), dt.timedelta(days=1)
SOON = NOW + 2 * MINUTE  # nobody can undo any more


def a_call(name: str, start: dt.datetime, *, now: dt.datetime = NOW - HOUR, **facts: object) -> Appointment:
    """Booked by staff, an hour ago."""
    inquiry = an_inquiry(given_name=name, email=f"{name.lower()}@example.com", now=now, **facts)
    kind = AppointmentType.objects.get()
    return booking.request(inquiry=inquiry, kind=kind, start=start, by=a_staff_member(), now=now)


def on_the_list(row: Appointment, *, since: dt.datetime = NOW - HOUR / 2) -> Appointment:
    return booking.want_earlier(appointment=row, wanted=True, by=story.PATIENT, now=since)


def three_waiting(**facts: object) -> tuple[dt.datetime, list[Appointment]]:
    """A time that was freed, and three people with later calls; the last of them is the longest on the list."""
    first, *later = free_times(4)
    freed = a_call("Gone", first)
    waiting = [a_call(name, start, **facts) for name, start in zip("ABC", later, strict=True)]
    for number, row in enumerate(waiting):
        on_the_list(row, since=NOW - (number + 1) * MINUTE)
    booking.withdraw(appointment=freed, now=NOW)
    return first, waiting


def offered_to(now: dt.datetime = SOON) -> list[str]:
    """Who is being offered an earlier time now, by name."""
    holds = Appointment.objects.earlier_offers().filter(held_until__gt=now).select_related("held_for__inquiry__contact")
    return sorted(hold.held_for.inquiry.contact.called for hold in holds if hold.held_for)


def test_the_longest_on_the_list_is_asked_and_stays_booked(kind: AppointmentType) -> None:
    start, (_, _, longest) = three_waiting()

    assert booking.offer_freed_times(now=SOON) == 1

    row = Appointment.objects.get(pk=longest.pk)
    (offer,) = booking.offers_of(row, now=SOON)
    assert (offer.start, offer.held_until, offer.status) == (start, SOON + 30 * MINUTE, Status.PROPOSED)
    assert (row.status, row.start, row.sequence) == (Status.BOOKED, longest.start, longest.sequence)
    assert invariants.report(now=SOON)["I8_earlier_offers_fair"] == []


def test_nothing_is_offered_while_the_cancellation_can_be_undone(kind: AppointmentType) -> None:
    three_waiting()
    assert booking.offer_freed_times(now=NOW + 59 * dt.timedelta(seconds=1)) == 0


def test_a_cancellation_that_is_taken_back_is_offered_to_nobody(kind: AppointmentType) -> None:
    first, later = free_times(2)
    row = a_call("Gone", first)
    on_the_list(a_call("Ana", later))
    booking.cancel(appointment=row, by=a_staff_member(), now=NOW)
    booking.undo(appointment=row, by=a_staff_member(), now=NOW + MINUTE / 2)

    assert booking.offer_freed_times(now=SOON) == 0
    assert FreedTime.objects.get().outcome == FreedTime.Outcome.GONE


def test_a_yes_moves_the_call_and_its_old_time_goes_to_the_next(kind: AppointmentType) -> None:
    start, (a, b, longest) = three_waiting()
    booking.offer_freed_times(now=SOON)
    (offer,) = booking.offers_of(longest, now=SOON)

    moved = booking.accept(appointment=longest, proposal=str(offer.pk), now=SOON)

    assert (moved.pk, moved.status, moved.start, moved.sequence) == (longest.pk, "booked", start, longest.sequence + 1)
    assert (moved.uid, moved.wants_earlier_at, moved.holds.count()) == (longest.uid, None, 0)
    assert FreedTime.objects.get(start=start).outcome == FreedTime.Outcome.TAKEN
    assert FreedTime.objects.open().get().start == longest.start
    assert a.start < b.start < longest.start, "nobody waits for a time before what came free now"
    assert booking.offer_freed_times(now=SOON + 2 * MINUTE) == 0


@pytest.mark.parametrize("answer", ["refuse", "silence", "withdraw", "off the list"])
def test_without_a_yes_the_next_is_asked(kind: AppointmentType, answer: str) -> None:
    _, (_, second, longest) = three_waiting()
    booking.offer_freed_times(now=SOON)
    now = SOON + MINUTE
    if answer == "refuse":
        booking.refuse(appointment=longest, now=now)
    elif answer == "withdraw":
        booking.withdraw(appointment=longest, now=now)
    elif answer == "off the list":
        booking.want_earlier(appointment=longest, wanted=False, by=story.PATIENT, now=now)
    else:
        now = SOON + 30 * MINUTE
        assert booking.expire_overdue(now=now) == 1

    assert booking.offer_freed_times(now=now) == 1

    assert offered_to(now) == ["B"]
    freed = FreedTime.objects.get(start__lt=second.start)
    assert [each["appointment"] for each in freed.asked] == [str(longest.pk), str(second.pk)]
    if answer != "withdraw":
        longest.refresh_from_db()
        assert longest.status == Status.BOOKED


@pytest.mark.parametrize("verb", ["cancel", "complete", "mark_no_show", "reassign", "reschedule", "ask_to_move"])
def test_whatever_becomes_of_the_call_ends_its_offer(kind: AppointmentType, verb: str) -> None:
    _, (_, _, longest) = three_waiting()
    booking.offer_freed_times(now=SOON)
    staff = {"by": a_staff_member()}
    other = Practitioner.objects.active().exclude(pk=longest.practitioner_id)[0]
    more = {"reassign": {"practitioner": other}, "reschedule": {"start": free_times(days_ahead=9)[0]}}
    more["ask_to_move"] = more["reschedule"]
    arguments = more.get(verb, {}) | ({} if verb == "ask_to_move" else staff)

    getattr(booking, verb)(appointment=longest, now=SOON, **arguments)

    assert offered_to() == []
    assert FreedTime.objects.filter(hold=None, offered_to=longest, closed_at=None).count() == 1


def test_a_closure_takes_the_offer_back_and_leaves_the_call(kind: AppointmentType) -> None:
    start, (_, _, longest) = three_waiting()
    booking.offer_freed_times(now=SOON)
    closure = Closure.objects.create(start=start - MINUTE, end=start + 20 * MINUTE)

    done = closures.apply(closure=closure, text="storm", by=a_staff_member(), now=SOON)

    longest.refresh_from_db()
    assert (done.displaced, longest.status, offered_to()) == ([], Status.BOOKED, [])
    assert booking.offer_freed_times(now=SOON) == 0
    assert FreedTime.objects.get().outcome == FreedTime.Outcome.GONE


def test_a_time_closed_while_it_is_on_offer_is_not_taken(kind: AppointmentType) -> None:
    start, (_, _, longest) = three_waiting()
    booking.offer_freed_times(now=SOON)
    (offer,) = booking.offers_of(longest, now=SOON)
    Closure.objects.create(start=start, end=start + HOUR)
    with pytest.raises(booking.SlotTaken):
        booking.accept(appointment=longest, proposal=str(offer.pk), now=SOON)


def test_a_time_that_somebody_books_meanwhile_is_offered_to_nobody(kind: AppointmentType) -> None:
    start, _ = three_waiting()
    Practitioner.objects.exclude(pk=FreedTime.objects.get().practitioner_id).update(is_active=False)
    a_call("Quick", start, now=NOW)
    assert booking.offer_freed_times(now=SOON) == 0
    assert FreedTime.objects.get().outcome == FreedTime.Outcome.GONE


def test_too_little_notice_is_offered_to_nobody(kind: AppointmentType) -> None:
    start, _ = three_waiting()
    assert booking.offer_freed_times(now=start - 119 * MINUTE) == 0
    assert FreedTime.objects.get().outcome == FreedTime.Outcome.GONE


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        ({"time_zone": "Asia/Tokyo"}, "night"),
        ({"language": "es"}, "language"),
        ({"email": ""}, "unreachable"),
        ({"contact_by": ["phone"]}, "unreachable"),
    ],
)
def test_who_is_passed_over_and_why_is_kept(kind: AppointmentType, facts: dict[str, object], code: str) -> None:
    Practitioner.objects.update(languages=["en"])
    first, second, third = free_times(3)
    gone = a_call("Gone", first)
    inquiry = an_inquiry(given_name="Over", now=NOW - HOUR, **facts)
    kind = AppointmentType.objects.get()
    over = booking.request(inquiry=inquiry, kind=kind, start=third, by=a_staff_member(), now=NOW - HOUR)
    on_the_list(over, since=NOW - 20 * MINUTE)
    taken = on_the_list(a_call("Ana", second), since=NOW - 10 * MINUTE)
    booking.withdraw(appointment=gone, now=NOW)

    booking.offer_freed_times(now=SOON)

    (asked,) = FreedTime.objects.get().asked
    assert (asked["appointment"], asked["place"], asked["passed_over"]) == (str(taken.pk), 2, {str(over.pk): code})
    told = Activity.objects.get(kind="appointment.earlier_offered").facts
    assert (told["place"], told["passed_over"]) == (2, [code])


def test_at_night_nobody_is_asked_until_the_morning(kind: AppointmentType) -> None:
    three_waiting()
    night = NOW + 11 * HOUR  # nine in the evening in Miami
    assert booking.offer_freed_times(now=night) == 0
    assert booking.offer_freed_times(now=NOW + DAY - 3 * HOUR) == 0
    assert booking.offer_freed_times(now=NOW + DAY - 2 * HOUR) == 1


def test_a_decision_that_can_be_undone_is_left_alone(kind: AppointmentType) -> None:
    """An offer in between would keep staff from taking it back."""
    _, (_, _, longest) = three_waiting()
    booking.reschedule(appointment=longest, start=free_times(days_ahead=9)[0], by=a_staff_member(), now=SOON)
    booking.offer_freed_times(now=SOON + MINUTE / 2)
    assert offered_to() == ["B"]
    assert booking.undo(appointment=longest, by=a_staff_member(), now=SOON + MINUTE / 2).start == longest.start


def test_saying_it_twice_changes_nothing(kind: AppointmentType) -> None:
    row = on_the_list(a_call("Ana", free_times()[0]))
    assert on_the_list(row).version == row.version


# --- Many at once -----------------------------------------------------------------------------------


def next_by_hand(freed: FreedTime) -> Appointment | None:
    """Whose turn it is, said another way: a sort of the whole list in Python."""
    asked = {each["appointment"] for each in freed.asked}
    busy = set(Appointment.objects.earlier_offers().values_list("held_for", flat=True))
    rows = Appointment.objects.filter(wants_earlier_at__isnull=False, start__gt=freed.start)
    waiting = [row for row in rows if row.status == Status.BOOKED and row.held_for_id is None]
    fair = [row for row in waiting if str(row.pk) not in asked and row.pk not in busy]
    return min(fair, key=lambda row: (row.wants_earlier_at, row.pk), default=None)


def offer_one_after_the_other(now: dt.datetime) -> int:
    """Every freed time that is due, each held against the order by hand."""
    made = 0
    while (freed := FreedTime.objects.to_offer(now).first()) is not None:
        expected = next_by_hand(freed)
        before = len(freed.asked)
        made += booking.offer_freed_times(now=now, limit=1)
        freed.refresh_from_db()
        if freed.closed_at is None:
            assert [each["appointment"] for each in freed.asked[before:]] == ([str(expected.pk)] if expected else [])
    return made


def answer_at_random(rows: list[Appointment], now: dt.datetime, chance: random.Random) -> None:
    for row in rows:
        current = Appointment.objects.get(pk=row.pk)
        offers = booking.offers_of(current, now=now)
        answer = chance.choice(["accept", "refuse", "nothing"]) if offers else "nothing"
        if answer == "accept":
            booking.accept(appointment=current, proposal=str(offers[0].pk), now=now)
        elif answer == "refuse":
            booking.refuse(appointment=current, now=now)


def test_a_hundred_cancellations_for_thirty_people_on_the_list() -> None:
    """No time is held twice, nobody has two offers, everybody is asked in their turn, and nobody is moved later."""
    a_clinic(practitioners=3)
    chance = random.Random(2026)
    times = [start for start in free_times(200, days_ahead=2) for _ in range(3)][:130]
    calls = [a_call(f"N{number}", start) for number, start in enumerate(times)]
    waiting, leaving = calls[100:], calls[:100]
    for number, row in enumerate(chance.sample(waiting, 30)):
        on_the_list(row, since=NOW - HOUR / 2 + number * dt.timedelta(seconds=7))
    chance.shuffle(leaving)
    made, now = 0, NOW
    for batch in range(0, 100, 20):
        for row in leaving[batch : batch + 20]:
            booking.withdraw(appointment=row, now=now)
        now += 2 * MINUTE
        made += offer_one_after_the_other(now)
        held = list(Appointment.objects.earlier_offers().values_list("held_for", flat=True))
        assert len(held) == len(set(held))
        assert (overlapping_pairs(), list(invariants.unfair_offers())) == ([], [])
        answer_at_random(waiting, now, chance)
        now += chance.choice([5, 31]) * MINUTE
        booking.expire_overdue(now=now)
    assert made > 40
    for row in waiting:
        assert Appointment.objects.get(pk=row.pk).start <= row.start
    report = invariants.report(now=now)
    assert {name: found for name, found in report.items() if found} == {}


def a_crowd(people: int) -> None:
    """One freed time, and so many people on the list for it."""
    a_clinic(practitioners=1)
    first, *later = free_times(people + 1)
    gone = a_call("Gone", first)
    for number, start in enumerate(later):
        on_the_list(a_call(f"N{number}", start), since=NOW - number * MINUTE)
    booking.withdraw(appointment=gone, now=NOW)


@pytest.mark.django_db(transaction=True)
def test_many_workers_offer_a_time_once() -> None:
    a_crowd(6)
    results = at_once([lambda: booking.offer_freed_times(now=SOON) for _ in range(6)])
    assert sorted(map(str, results)) == ["0"] * 5 + ["1"]
    assert (offered_to(), overlapping_pairs()) == (["N5"], [])


@pytest.mark.django_db(transaction=True)
def test_many_workers_offer_a_person_one_time() -> None:
    a_clinic(practitioners=3)
    first, later = free_times(2)
    leaving = [a_call(name, first) for name in "ABC"]
    on_the_list(a_call("Ana", later))
    for row in leaving:
        booking.withdraw(appointment=row, now=NOW)

    results = at_once([lambda: booking.offer_freed_times(now=SOON) for _ in range(6)])

    assert (sum(map(int, results)), offered_to()) == (1, ["Ana"])  # type: ignore[arg-type]


def offer_or_fail() -> int:
    """Another constraint may stop one of them."""
    with contextlib.suppress(IntegrityError):
        return booking.offer_freed_times(now=SOON)
    return 0


@pytest.mark.django_db(transaction=True)
def test_without_locks_and_constraint_the_same_workers_offer_a_time_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: all have their connection, and none waits for another's look."""
    a_crowd(6)
    gate, through = Barrier(6), local()

    def wait_for_nobody_but_the_start(ids: object) -> None:
        if not hasattr(through, "gate"):
            through.gate = gate.wait(20)

    with connection.cursor() as cursor:
        cursor.execute("alter table scheduling_appointment drop constraint appointment_time_once")
    monkeypatch.setattr(holding, "lock_practitioners", wait_for_nobody_but_the_start)
    monkeypatch.setattr(earlier, "_reason_at", lambda freed, now: availability.FREE)
    monkeypatch.setattr(FreedTimeQuerySet, "select_for_update", lambda rows, **how: rows)
    try:
        at_once([offer_or_fail for _ in range(6)])
        assert len(offered_to()) > 1
        assert overlapping_pairs() != []
    finally:
        with connection.cursor() as cursor:
            cursor.execute("truncate scheduling_appointment cascade")
        constraint = next(c for c in Appointment._meta.constraints if c.name == "appointment_time_once")
        with connection.schema_editor() as editor:
            editor.add_constraint(Appointment, constraint)


def test_the_database_refuses_a_second_offer_to_one_person(kind: AppointmentType) -> None:
    three_waiting()
    booking.offer_freed_times(now=SOON)
    first = FreedTime.objects.get()
    assert first.offered_to is not None
    twin = FreedTime(
        practitioner=first.practitioner,
        appointment_type=kind,
        start=first.start + HOUR,
        freed_at=NOW,
        try_at=NOW,
        offered_to=first.offered_to,
        hold=first.offered_to,  # any other row
    )
    with pytest.raises(Exception, match="freed_time_one_offer_each"):
        twin.save()
