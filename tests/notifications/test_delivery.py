"""Real SMTP, a clock that the test moves, and every answer that a mail server can give."""

import datetime as dt
import time
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.utils import timezone

from inquiries import intake, story
from notifications import claiming, delivery, planner, writing
from notifications.models import Notification
from notifications.smtp import Answer, Conversation, Outcome
from notifications.work import drain
from scheduling import booking
from scheduling.models import Appointment
from tests.crowd import at_once
from tests.factories import NOW, a_staff_member, an_appointment, an_inquiry, free_times
from tests.notifications.conftest import kinds
from tests.sink import SmtpSink

pytestmark = pytest.mark.django_db
committing = pytest.mark.django_db(transaction=True)
Status = Appointment.Status
A_MINUTE = 60


@pytest.fixture
def message(clinic: SmtpSink) -> Notification:
    """One message that is due, to Ana."""
    an_inquiry()
    planner.plan_pending(now=NOW)
    Notification.objects.exclude(kind="inquiry_received").delete()
    return Notification.objects.get()


def test_a_message_that_is_due_is_sent_and_recorded(message: Notification, clinic: SmtpSink, work: Any) -> None:
    work()

    (copy,) = clinic.messages
    message.refresh_from_db()
    assert (copy.recipients, copy.message["Message-ID"]) == (("ana@example.com",), message.message_id)
    assert (message.status, message.sent_at, message.attempts, message.last_reply) == ("sent", NOW, 1, "250 2.0.0")


def test_what_is_sent_is_sealed_in_the_ledger(message: Notification, clinic: SmtpSink, work: Any) -> None:
    work()

    with connection.cursor() as cursor:
        cursor.execute("select body from notifications_notification")
        ((stored,),) = cursor.fetchall()
    assert stored.startswith("test:")
    message.refresh_from_db()
    assert message.body.reveal().encode() == clinic.messages[0].raw.replace(b"\r\r", b"\r")


@pytest.mark.parametrize("at", ["MAIL", "RCPT", "DATA"])
def test_a_message_put_off_is_sent_later_with_the_same_bytes(
    message: Notification, clinic: SmtpSink, work: Any, at: str
) -> None:
    clinic.reply_with("450 4.2.1 Try later", at=at)
    work()
    message.refresh_from_db()
    assert (message.status, message.last_reply, message.data_started_at) == ("due", "450 4.2.1", None)
    assert NOW + dt.timedelta(seconds=30) <= message.try_at <= NOW + dt.timedelta(seconds=38)
    first = message.body.reveal()

    work(A_MINUTE)

    message.refresh_from_db()
    assert (message.status, message.attempts, message.body.reveal()) == ("sent", 2, first)
    assert clinic.messages[0].raw.decode() == first


def test_a_message_is_put_off_ever_longer_until_it_is_of_no_use(
    message: Notification, clinic: SmtpSink, work: Any, clock: time_machine.Traveller
) -> None:
    clinic.reply_with("451 4.3.0 Busy", times=100)
    waits = []
    while message.status == "due":
        work()
        message.refresh_from_db()
        if message.try_at:
            waits.append((message.try_at - timezone.now()).total_seconds() / 60)
            clock.move_to(message.try_at)

    assert [int(wait) for wait in waits[:2]] == [0, 2]
    assert 10 <= waits[2] <= 12.5
    assert all(60 <= wait <= 75 for wait in waits[4:-1])
    assert (message.status, message.reason) == ("failed", "expired")
    assert clinic.messages == []


@pytest.mark.parametrize("reply", ["550 5.1.1 No such user", "554 5.7.1 Rejected"])
def test_a_message_refused_for_good_is_not_tried_again(
    message: Notification, clinic: SmtpSink, work: Any, reply: str
) -> None:
    clinic.reply_with(reply, at="RCPT")

    work()
    work(3600)

    message.refresh_from_db()
    assert (message.status, message.reason, message.attempts) == ("failed", "refused", 1)
    assert "No such user" not in message.last_reply


def test_a_refused_message_stops_no_other_of_its_batch(clinic: SmtpSink, work: Any) -> None:
    for name in ("one", "two", "three"):
        an_inquiry(email=f"{name}@example.com")
    clinic.reply_with("550 5.1.1 No such user", at="RCPT")

    work()

    assert sorted(kinds(kind="inquiry_received")) == ["inquiry_received failed", *["inquiry_received sent"] * 2]


def test_a_message_without_an_answer_is_sent_once_more_and_never_again(
    message: Notification, clinic: SmtpSink, work: Any
) -> None:
    clinic.drop_after_data(times=5)

    work()
    message.refresh_from_db()
    assert (message.status, message.reason) == ("uncertain", "no_answer")
    work(A_MINUTE)
    work(3600)

    message.refresh_from_db()
    assert (message.status, message.try_at, message.attempts) == ("uncertain", None, 2)
    one, two = clinic.messages
    assert one.raw == two.raw


def test_a_copy_that_is_accepted_settles_an_uncertain_message(
    message: Notification, clinic: SmtpSink, work: Any
) -> None:
    clinic.drop_after_data()
    work()

    work(A_MINUTE)

    message.refresh_from_db()
    assert (message.status, message.reason) == ("sent", "")
    assert {copy.message["Message-ID"] for copy in clinic.messages} == {message.message_id}


def test_a_server_that_never_answers_is_left_after_the_time_out(
    message: Notification, clinic: SmtpSink, work: Any, settings: Any
) -> None:
    settings.EMAIL_TIMEOUT = 0.5
    clinic.hang_after_data()
    began = time.perf_counter()

    work()

    message.refresh_from_db()
    assert (message.status, message.last_reply) == ("uncertain", "disconnected")
    assert time.perf_counter() - began < 5


def test_a_server_that_is_away_postpones_the_batch_without_trying_each(
    clinic: SmtpSink, work: Any, settings: Any, clock: time_machine.Traveller
) -> None:
    for _ in range(3):
        an_inquiry()
    port, settings.EMAIL_PORT = settings.EMAIL_PORT, 1
    work()
    rows = Notification.objects.filter(kind="inquiry_received")
    assert {(row.status, row.last_reply) for row in rows} == {("due", "connection refused")}

    settings.EMAIL_PORT = port
    work(A_MINUTE)

    assert set(kinds()) == {"inquiry_received sent"}


def test_one_connection_serves_a_batch(clinic: SmtpSink, work: Any, caplog: Any) -> None:
    for _ in range(5):
        an_inquiry()

    work()

    hellos = [line for line in caplog.messages if "ehlo" in line]
    assert (len(clinic.messages), len(hellos)) == (5, 1)


@committing
def test_two_workers_never_hold_the_same_message(clinic: SmtpSink) -> None:
    for _ in range(10):
        an_inquiry()
    planner.plan_pending(now=NOW)

    claims = at_once([lambda: claiming.claim(now=NOW, limit=4)[0] for _ in range(4)])

    taken = [row.pk for rows in claims for row in rows]
    assert len(taken) == len(set(taken)) >= 4


def test_a_worker_that_wakes_up_after_its_lease_writes_nothing(message: Notification, clinic: SmtpSink) -> None:
    ((held,), _) = claiming.claim(now=NOW)
    later = NOW + dt.timedelta(minutes=4)
    claiming.release_lapsed(now=later)
    ((taken_over,), _) = claiming.claim(now=later)

    book = delivery.Book(timezone.now)
    book.write(held, Answer(Outcome.ACCEPTED, "250"))
    book.close()
    delivery.record(held, Answer(Outcome.REFUSED, "550"), now=NOW)

    assert book.sent == 0

    message.refresh_from_db()
    assert (message.status, message.lease_token) == ("sending", taken_over.lease_token)


def test_a_worker_that_wakes_up_after_its_lease_hands_nothing_over(message: Notification, clinic: SmtpSink) -> None:
    ((held,), _) = claiming.claim(now=NOW)
    writing.written([held], now=NOW)
    later = NOW + dt.timedelta(minutes=4)
    claiming.release_lapsed(now=later)
    claiming.claim(now=later)

    with Conversation() as conversation:
        sent = delivery.send_all([held], conversation, clock=timezone.now, until=time.monotonic() + 9)

    assert (sent, clinic.messages) == (0, [])


@pytest.mark.parametrize(("begun", "status"), [(False, "due"), (True, "uncertain")])
def test_what_a_dead_worker_held_is_free_when_its_lease_lapses(
    message: Notification, clinic: SmtpSink, begun: bool, status: str
) -> None:
    claiming.claim(now=NOW)
    Notification.objects.update(data_started_at=NOW if begun else None)

    assert claiming.release_lapsed(now=NOW + dt.timedelta(seconds=179)) == 0
    assert claiming.release_lapsed(now=NOW + dt.timedelta(seconds=180)) == 1

    message.refresh_from_db()
    assert (message.status, message.unanswered) == (status, int(begun))


@committing
def test_no_transaction_is_open_while_a_message_is_handed_over(
    message: Notification, clinic: SmtpSink, work: Any, monkeypatch: Any
) -> None:
    seen = []
    original = Conversation.send

    def watched(self: Any, **facts: Any) -> Answer:
        seen.append(connection.in_atomic_block)
        return original(self, **facts)

    monkeypatch.setattr(Conversation, "send", watched)
    work()

    assert seen == [False]


def deliver_reminders(now: dt.datetime) -> None:
    Notification.objects.exclude(kind="reminder").delete()
    with Conversation() as conversation:
        delivery.deliver(conversation=conversation, clock=lambda: now, until=time.monotonic() + 5)


def test_a_reminder_of_a_cancelled_call_is_not_sent(clinic: SmtpSink, work: Any) -> None:
    row = an_appointment(Status.BOOKED, start=free_times(days_ahead=5)[0])
    planner.plan_pending(now=NOW)
    # cancelled, and nobody has planned it yet: the claim finds out by itself
    booking.cancel(appointment=row, by=a_staff_member(), now=NOW)
    deliver_reminders(NOW + dt.timedelta(days=4))

    assert kinds(kind="reminder") == ["reminder cancelled", "reminder due"]
    assert clinic.messages == []


def test_without_the_second_look_the_stale_reminder_would_go(clinic: SmtpSink, work: Any, monkeypatch: Any) -> None:
    """The control of the one above."""
    row = an_appointment(Status.BOOKED, start=free_times(days_ahead=5)[0])
    planner.plan_pending(now=NOW)
    booking.cancel(appointment=row, by=a_staff_member(), now=NOW)
    monkeypatch.setattr(claiming, "still_true", lambda _: True)

    deliver_reminders(NOW + dt.timedelta(days=4))

    assert "Reminder" in clinic.messages[0].message["Subject"]


def test_an_earlier_message_to_the_same_reader_goes_first(clinic: SmtpSink, work: Any) -> None:
    row = an_appointment()
    clinic.reply_with("450 4.2.1 Try later", times=20, at="RCPT")
    planner.plan_pending(now=NOW)
    Notification.objects.exclude(kind="request_received").delete()
    work()
    later = Notification.objects.get()
    later.pk, later.kind, later.message_id = None, "appointment_confirmed", "<later@example.com>"
    later.due_at = later.try_at = NOW + dt.timedelta(seconds=1)
    later.attempts, later.body = 0, ""
    Notification(**{f.attname: getattr(later, f.attname) for f in later._meta.fields if f.name != "id"}).save()

    work(5)

    assert kinds(appointment=row) == ["request_received due", "appointment_confirmed due"]
    assert Notification.objects.get(kind="appointment_confirmed").attempts == 0


def test_a_reminder_is_skipped_once_the_call_has_begun(
    clinic: SmtpSink, work: Any, clock: time_machine.Traveller
) -> None:
    row = an_appointment(Status.BOOKED, start=free_times(days_ahead=5)[0])
    work(A_MINUTE + 1)
    clinic.clear()

    clock.move_to(row.start)
    work()

    assert kinds(kind="reminder") == ["reminder skipped", "reminder skipped"]
    assert clinic.subjects() == []


def test_after_an_outage_one_late_reminder_goes_and_not_two(
    clinic: SmtpSink, work: Any, clock: time_machine.Traveller
) -> None:
    row = an_appointment(Status.BOOKED, start=free_times(days_ahead=5)[0])
    work(A_MINUTE + 1)
    clinic.clear()

    clock.move_to(row.start - dt.timedelta(hours=6))
    work()

    assert kinds(kind="reminder") == ["reminder skipped", "reminder sent"]
    assert len(clinic.messages) == 1


@committing
def test_a_hundred_runs_side_by_side_send_one_mail(message: Notification, clinic: SmtpSink) -> None:
    at_once([lambda: drain(clock=timezone.now, seconds=30) for _ in range(20)])

    assert len(clinic.messages) == 1


def test_a_message_that_cannot_be_written_is_set_aside(clinic: SmtpSink, work: Any, monkeypatch: Any) -> None:
    for name in ("Ana", "Bea"):
        an_inquiry(given_name=name)
    original = writing.messages.render
    broken = Notification.objects

    def render(rows: list[Notification], *, now: dt.datetime) -> list[str]:
        if any(row.inquiry.contact.called == "Ana" for row in rows):
            raise ValueError
        return original(rows, now=now)

    monkeypatch.setattr(writing.messages, "render", render)
    work()

    assert sorted(broken.filter(kind="inquiry_received").values_list("status", "reason")) == [
        ("failed", "rendering"),
        ("sent", ""),
    ]


def test_who_asked_to_be_forgotten_is_told_once_and_then_forgotten(
    clinic: SmtpSink, work: Any, clock: time_machine.Traveller
) -> None:
    inquiry = an_inquiry()
    work()
    intake.request_erasure(inquiry=inquiry, by=story.PATIENT, now=NOW)

    work()

    inquiry.refresh_from_db()
    assert clinic.subjects()[-1] == "Your details are being erased"
    assert inquiry.erased_at == NOW
    assert {row.body.reveal() for row in Notification.objects.filter(inquiry=inquiry)} == {""}


def test_who_is_forgotten_with_a_call_booked_hears_that_it_is_cancelled(clinic: SmtpSink, work: Any) -> None:
    call = an_appointment("booked")
    work(60)
    booking.forget(inquiry=call.inquiry, now=timezone.now())

    work()

    call.inquiry.refresh_from_db()
    assert call.inquiry.erased_at is not None
    told = kinds(appointment=call.pk, status="sent")
    assert told[-1] == "appointment_cancelled sent"
    parts = [part for received in clinic.messages[-2:] for part in received.message.walk()]
    assert "CANCEL" in {part.get_param("method") for part in parts if part.get_content_type() == "text/calendar"}


def test_forgetting_waits_for_its_message_no_longer_than_a_day(clinic: SmtpSink, work: Any, settings: Any) -> None:
    settings.EMAIL_PORT = 1
    inquiry = an_inquiry()
    intake.request_erasure(inquiry=inquiry, by=story.PATIENT, now=NOW)

    work()
    inquiry.refresh_from_db()
    assert inquiry.erased_at is None
    work(24 * 3600)

    inquiry.refresh_from_db()
    assert inquiry.erased_at is not None


def test_a_person_can_have_a_failed_message_tried_again(message: Notification, clinic: SmtpSink, work: Any) -> None:
    clinic.reply_with("554 5.7.1 Refused by policy", at="RCPT")
    work()

    delivery.try_again(notification=message, now=NOW)
    work()

    message.refresh_from_db()
    assert (message.status, len(clinic.messages)) == ("sent", 1)


def test_a_message_that_was_sent_is_not_tried_again(message: Notification, work: Any) -> None:
    work()

    with pytest.raises(delivery.NotRetryable):
        delivery.try_again(notification=message, now=NOW)


def test_a_message_whose_reader_was_called_instead_is_not_tried_again(
    message: Notification, clinic: SmtpSink, work: Any
) -> None:
    clinic.reply_with("554 5.7.1 Looks like spam", at="RCPT")
    work()
    Notification.objects.filter(pk=message.pk).update(handled_at=NOW, handled_by=a_staff_member())

    with pytest.raises(delivery.NotRetryable):
        delivery.try_again(notification=message, now=NOW)
