"""Real SMTP, a clock that the test moves, and every answer that a mail server can give."""

import datetime as dt
import time
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.utils import timezone

from notifications import delivery, writing
from notifications.models import Notification
from tests.factories import NOW, a_staff_member, an_inquiry
from tests.notifications.conftest import kinds
from tests.sink import SmtpSink

pytestmark = pytest.mark.django_db
A_MINUTE = 60


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


def test_an_address_that_no_command_can_bear_holds_nobody_else_up(clinic: SmtpSink, work: Any) -> None:
    an_inquiry(given_name="Bea", email='"a<b"@example.com')
    an_inquiry(given_name="Ida", email="ida@ex-ample.com")

    work()

    assert {copy.recipients[0] for copy in clinic.messages if "ida@" in copy.recipients[0]} == {"ida@ex-ample.com"}
    assert not Notification.objects.filter(status="sending").exists()
