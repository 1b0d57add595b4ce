"""A closure moves everybody who is in its way, once each, and nobody without a word."""

import datetime as dt
from email import message_from_string, policy

import pytest

from inquiries.models import Activity
from notifications import messages, planner
from notifications.models import Notification
from scheduling import booking, closures, slots
from scheduling.models import Appointment, AppointmentQuerySet, AppointmentType, Closure, Practitioner
from tests.crowd import at_once, overlapping_pairs
from tests.factories import NOW, a_clinic, a_staff_member, an_appointment, an_inquiry

TEN = dt.datetime(2026, 12, 9, 15, 0, tzinfo=dt.UTC)  # Wednesday, 10:00 in Miami
HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)
START, END = TEN - 5 * HOUR, TEN + 9 * HOUR
Status = Appointment.Status

pytestmark = pytest.mark.django_db(transaction=True)


def a_closure(start: dt.datetime = START, end: dt.datetime = END) -> Closure:
    return Closure.objects.create(start=start, end=end)


def calls(count: int, status: str = Status.BOOKED, *, start: dt.datetime = TEN) -> list[Appointment]:
    return [
        an_appointment(status, inquiry=an_inquiry(given_name=f"N{number}"), start=start + number * 2 * HOUR / 3)
        for number in range(count)
    ]


def apply(closure: Closure, text: str = "storm") -> closures.Applied:
    return closures.apply(closure=closure, text=text, by=a_staff_member("max", "manager"), now=NOW)


def told(kind: str = "displaced") -> list[object]:
    return sorted(str(row.appointment_id) for row in Activity.objects.filter(kind=f"appointment.{kind}"))


def in_the_way(closure: Closure) -> int:
    return Appointment.objects.in_the_way_of(closure, NOW).count()


def test_a_preview_says_what_applying_then_does() -> None:
    a_clinic(practitioners=2)
    calls(4)
    seen = closures.preview(start=START, end=END, now=NOW)
    assert not Activity.objects.filter(kind="appointment.displaced").exists()

    done = apply(a_closure())

    offered = {row.pk: [offer.start for offer in booking.offers_of(row, now=NOW)] for row in done.displaced}
    assert {each.appointment.pk: each.offered for each in seen} == offered
    assert all(len(starts) == 3 and min(starts) >= END for starts in offered.values())
    assert overlapping_pairs() == []


def test_only_the_practitioners_who_are_away_are_in_the_way() -> None:
    a_clinic(practitioners=2)
    rows = [an_appointment(Status.BOOKED, inquiry=an_inquiry(given_name=name), start=TEN) for name in ("A", "B")]
    away = Practitioner.objects.get(pk=rows[0].practitioner_id)

    (affected,) = closures.preview(start=START, end=END, practitioners=[away], now=NOW)

    assert affected.appointment == rows[0]
    assert affected.offered[0].date() == TEN.date()  # the colleague has time the same day


def test_a_second_run_finds_nobody() -> None:
    a_clinic(practitioners=2)
    rows, closure = calls(3), a_closure()
    apply(closure)

    again = apply(closure, text="building")

    assert (again.displaced, again.cancelled, closure.text) == ([], [], "storm")
    assert told() == sorted(str(row.pk) for row in rows)


def test_a_run_that_died_is_taken_up_again(monkeypatch: pytest.MonkeyPatch) -> None:
    a_clinic(practitioners=2)
    rows, closure = calls(3), a_closure()
    really, done = booking.displace, []

    def dies_after_one(**arguments: object) -> Appointment:
        if done:
            raise RuntimeError("killed")
        done.append(really(**arguments))  # type: ignore[arg-type]
        return done[0]

    with monkeypatch.context() as patch:
        patch.setattr(booking, "displace", dies_after_one)
        with pytest.raises(RuntimeError):
            apply(closure)
    closure.refresh_from_db()
    assert (closure.applied_at, len(told())) == (None, 1)

    apply(closure)

    assert closure.applied_at == NOW
    assert told() == sorted(str(row.pk) for row in rows)


def test_two_runs_at_once_tell_everybody_once() -> None:
    a_clinic(practitioners=2)
    rows, closure = calls(6), a_closure()
    a_staff_member("max", "manager")

    results = at_once([lambda: apply(closure) for _ in range(4)])

    assert all(isinstance(result, closures.Applied) for result in results)
    assert told() == sorted(str(row.pk) for row in rows)
    assert overlapping_pairs() == []


@pytest.mark.parametrize("status", [Status.PENDING, Status.PROPOSED, Status.BOOKED])
def test_whatever_holds_a_closed_time_is_offered_others(status: str) -> None:
    a_clinic(practitioners=2)
    row = an_appointment(status, start=TEN)
    closure = a_closure(NOW, NOW + 4 * DAY)

    (moved,) = apply(closure).displaced

    assert (moved.pk, moved.status, in_the_way(closure)) == (row.pk, Status.PROPOSED, 0)


def test_a_move_asked_for_does_not_keep_the_old_time_when_that_is_closed() -> None:
    a_clinic(practitioners=1)
    (row,) = calls(1)
    booking.ask_to_move(appointment=row, start=TEN + 5 * DAY, now=NOW)
    closure = a_closure()

    (moved,) = apply(closure).displaced

    assert not moved.holds.filter(status=Status.BOOKED).exists()
    assert booking.offers_of(moved, now=NOW)[0].start == TEN + 5 * DAY  # the time they wished for, first of all
    assert in_the_way(closure) == 0


def test_nothing_free_is_a_cancellation_that_says_so() -> None:
    a_clinic(practitioners=1)
    (row,) = calls(1)
    closure = a_closure(START, NOW + 60 * DAY)

    done = apply(closure)

    assert ([row.pk], []) == ([each.pk for each in done.cancelled], done.displaced)
    assert done.cancelled[0].reason == Appointment.Reason.CLINIC
    assert "Our building" not in mail_of(row, "appointment_cancelled").get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert "A storm keeps us closed" in mail_of(row, "appointment_cancelled").get_body(("plain",)).get_content()  # type: ignore[union-attr]


def mail_of(row: Appointment, kind: str):  # type: ignore[no-untyped-def]
    planner.plan_pending(now=NOW)
    letter = Notification.objects.get(appointment=row, kind=kind)
    return message_from_string(messages.render([letter], now=NOW)[0], policy=policy.default)


@pytest.mark.parametrize(("language", "sentence"), [("en", "A storm keeps us closed"), ("es", "Una tormenta")])
def test_the_offer_says_why_and_takes_the_old_time_out_of_the_calendar(language: str, sentence: str) -> None:
    a_clinic(practitioners=2)
    row = an_appointment(Status.BOOKED, inquiry=an_inquiry(language=language), start=TEN)
    planner.plan_pending(now=NOW)
    sent = {"status": "sent", "sent_at": NOW, "try_at": None}
    Notification.objects.filter(appointment=row, kind="appointment_confirmed").update(**sent)
    first = row.sequence
    apply(a_closure())

    mail = mail_of(row, "times_proposed")

    assert sentence in mail.get_body(("plain",)).get_content()
    (entry,) = [part for part in mail.walk() if part.get_content_type() == "text/calendar"][:1]
    assert entry.get_param("method") == "CANCEL"
    row.refresh_from_db()
    assert row.sequence > first
    accepted = booking.accept(appointment=row, proposal=str(row.pk), now=NOW)
    assert accepted.sequence > row.sequence  # the next invitation is newer than the cancellation


@pytest.mark.parametrize("text", ["storm", "illness", "building", "other"])
@pytest.mark.parametrize("language", ["en", "es"])
def test_every_text_passes_the_linter_of_discretion(language: str, text: str) -> None:
    a_clinic(practitioners=2)
    row = an_appointment(Status.BOOKED, inquiry=an_inquiry(language=language), start=TEN)
    apply(a_closure(), text=text)
    assert mail_of(row, "times_proposed")["Subject"]


def test_a_closure_alone_moves_nobody() -> None:
    kind: AppointmentType = a_clinic(practitioners=1)
    (row,) = calls(1)
    a_closure()
    row.refresh_from_db()
    assert row.status == Status.BOOKED
    assert slots.offered(kind=kind, start=START, end=END, now=NOW).slots == []


@pytest.mark.parametrize("guarded", [True, False])
def test_run_twice_it_writes_to_everybody_once(guarded: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control does not look behind its locks whether the call is still in the way."""
    a_clinic(practitioners=2)
    rows, closure = calls(3), a_closure()
    if not guarded:
        everybody = AppointmentQuerySet.holding_time
        look = "in_the_way_of"
        monkeypatch.setattr(AppointmentQuerySet, look, lambda found, closure, now: everybody(found).spoken_of())
    for _ in range(2):
        apply(closure)
        planner.plan_pending(now=NOW)

    sent = Notification.objects.filter(kind="times_proposed").values_list("appointment", flat=True)
    assert sorted(map(str, sent)) == sorted(str(row.pk) for row in rows for _ in range(1 if guarded else 2))


@pytest.mark.parametrize("end", ["refuse", "withdraw"])
def test_who_ends_a_call_whose_time_was_closed_reads_the_time_that_they_had(end: str) -> None:
    a_clinic(practitioners=2)
    row = an_appointment(Status.BOOKED, start=TEN)
    planner.plan_pending(now=NOW)
    sent = {"status": "sent", "sent_at": NOW, "try_at": None}
    Notification.objects.filter(appointment=row, kind="appointment_confirmed").update(**sent)
    (moved,) = apply(a_closure()).displaced
    mail_of(row, "times_proposed")
    Notification.objects.filter(appointment=row, kind="times_proposed").update(**sent)

    getattr(booking, end)(appointment=moved, now=NOW)

    assert moved.start != TEN
    assert "December 9 at 10:00" in mail_of(row, "appointment_cancelled")["Subject"]
