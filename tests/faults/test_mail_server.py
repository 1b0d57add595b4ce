"""Every way in which a mail server can fail us, against a real process."""

import datetime as dt
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from notifications.models import Notification, Outbox
from notifications.work import drain
from scheduling.models import AppointmentType
from tests.factories import NOW, an_appointment, an_inquiry, free_times
from tests.faults.mail import copies, due, minutes_pass, nothing_contradicts, statuses
from tests.notifications.test_smtp import a_server, a_stranger
from tests.sink import SmtpSink

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


def test_a_batch_meets_every_answer(kind: AppointmentType, smtp_sink: SmtpSink, manage: Callable[..., Any]) -> None:
    due(8)
    smtp_sink.reply_with("550 5.1.1 No such user", at="RCPT")
    smtp_sink.reply_with("450 4.2.1 Try later")
    smtp_sink.reply_with("451 4.3.0 Local error")
    smtp_sink.reply_with("554 5.7.1 Rejected")
    smtp_sink.drop_after_data()
    smtp_sink.hang_after_data()

    assert manage("work").wait(60) == 0
    assert statuses() == {"failed": 2, "due": 2, "uncertain": 2, "sent": 2}
    minutes_pass()
    assert manage("work").wait(60) == 0

    assert statuses() == {"failed": 2, "sent": 6}
    assert copies(smtp_sink) == [1, 1, 1, 1, 2, 2]
    assert nothing_contradicts()


@pytest.mark.parametrize(("stage", "expected"), [("EHLO", 1), ("MAIL", 1), ("RCPT", 1), ("DATA", 2)])
def test_a_process_killed_at_each_point_of_a_send_loses_nothing(
    kind: AppointmentType, smtp_sink: SmtpSink, manage: Callable[..., Any], stage: str, expected: int
) -> None:
    due(1)
    smtp_sink.hang_at(stage)
    first = manage("work", EMAIL_TIMEOUT="60")
    smtp_sink.wait_until_it_hangs()

    first.send_signal(signal.SIGKILL)
    first.wait()
    minutes_pass()
    drain(clock=timezone.now, seconds=30)
    minutes_pass()
    drain(clock=timezone.now, seconds=30)

    assert (statuses(), copies(smtp_sink)) == ({"sent": 1}, [expected])
    assert nothing_contradicts()


def test_a_server_that_is_away_or_not_who_it_says_it_is_gets_nothing(
    kind: AppointmentType, smtp_sink: SmtpSink, manage: Callable[..., Any], tmp_path: Path
) -> None:
    context = a_stranger(tmp_path)

    def pretend(link: Any) -> None:
        with context.wrap_socket(link, server_side=True) as secret:
            secret.sendall(b"220 hello\r\n")

    due(3)
    assert manage("work", EMAIL_URL="smtp://127.0.0.1:1").wait(60) == 0
    assert set(Notification.objects.values_list("status", "last_reply")) == {("due", "connection refused")}
    minutes_pass()
    with a_server(pretend) as port:
        assert manage("work", EMAIL_URL=f"smtp+ssl://127.0.0.1:{port}").wait(60) == 0
    assert set(Notification.objects.values_list("status", "last_reply")) == {("due", "certificate")}
    minutes_pass()

    assert manage("work").wait(60) == 0

    assert (statuses(), copies(smtp_sink)) == ({"sent": 3}, [1, 1, 1])
    assert nothing_contradicts()


def test_a_restored_database_sends_nothing(
    kind: AppointmentType, smtp_sink: SmtpSink, manage: Callable[..., Any]
) -> None:
    due(2)
    drain(clock=timezone.now, seconds=30)
    dumped = Outbox.objects.get().epoch
    due(2)
    drain(clock=timezone.now, seconds=30)
    # the dump was made after the first two were sent
    Outbox.objects.update(epoch=dumped)
    Notification.objects.filter(inquiry__in=Notification.objects.order_by("-activity").values("inquiry")[:2]).update(
        status="due", sent_at=None, try_at=timezone.now(), attempts=0
    )

    manage("work").wait(60)
    assert (len(smtp_sink.messages), statuses()) == (4, {"sent": 2, "due": 2})
    manage("outbox", "resume", "--skip-due-before", timezone.now().isoformat()).wait(60)
    drain(clock=timezone.now, seconds=30)

    assert (len(smtp_sink.messages), statuses()) == (4, {"sent": 2, "skipped": 2})
    assert nothing_contradicts()


def test_six_hours_without_a_mail_server_end_in_one_message_a_call(
    kind: AppointmentType, smtp_sink: SmtpSink, settings: Any, clock: time_machine.Traveller
) -> None:
    calls = [
        an_appointment("booked", inquiry=an_inquiry(email=f"ana{number}@example.com"), start=start)
        for number, start in enumerate(free_times(6, days_ahead=4))
    ]
    clock.shift(61)
    drain(clock=timezone.now, seconds=30)
    smtp_sink.clear()
    port, settings.EMAIL_PORT = settings.EMAIL_PORT, 1
    back = calls[2].start + dt.timedelta(minutes=1)
    clock.move_to(back - dt.timedelta(hours=6))
    while timezone.now() < back:
        drain(clock=timezone.now, seconds=30)
        clock.shift(600)

    settings.EMAIL_PORT = port
    for seconds in (0, 300, 7200):
        clock.shift(seconds)
        drain(clock=timezone.now, seconds=30)

    reminded = sorted(
        received.recipients[0] for received in smtp_sink.messages if "Reminder" in received.message["Subject"]
    )
    to_come = sorted(call.inquiry.contact.email.reveal() for call in calls if call.start > back)
    assert reminded == to_come
    assert Notification.objects.filter(sent_at__gte=NOW, kind="reminder", appointment__start__lte=back).count() == 0
    assert nothing_contradicts()
