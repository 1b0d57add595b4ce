"""A real worker and a real beat, killed in the middle of their work."""

import datetime as dt
import os
import signal
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from config.embedded.processes import wait_until
from config.embedded.redis_server import RedisServer
from notifications import invariants, pulse, wake
from notifications.models import Notification
from scheduling import booking
from scheduling.models import Appointment, AppointmentType
from tests.factories import a_staff_member, an_appointment, an_inquiry
from tests.sink import SmtpSink

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


def all_sent() -> bool:
    return not Notification.objects.exclude(status__in=["sent", "skipped"]).exists() and Notification.objects.exists()


def leases_lapse() -> None:
    """The minutes pass after which a dead worker's rows are free."""
    past = timezone.now() - dt.timedelta(seconds=1)
    Notification.objects.filter(status="sending").update(lease_until=past)


def nothing_contradicts() -> bool:
    return not any(invariants.report(now=timezone.now()).values())


def test_a_worker_killed_in_the_middle_of_a_send_loses_nothing(
    kind: AppointmentType, smtp_sink: SmtpSink, worker: Callable[[], Any]
) -> None:
    for number in range(12):
        an_inquiry(now=timezone.now(), email=f"ana{number}@example.com")
    Notification.objects.all().delete()
    smtp_sink.reply_with("250 2.0.0 Ok", times=4)
    smtp_sink.hang_after_data()
    first = worker()
    wake.up()
    smtp_sink.wait_for(5, timeout=40)

    first.send_signal(signal.SIGKILL)
    first.wait()
    leases_lapse()
    worker()
    wake.up()

    assert wait_until(lambda: Notification.objects.filter(status="sent").count() == 12, seconds=40)
    copies = Counter(str(received.message["Message-ID"]) for received in smtp_sink.messages)
    assert sorted(copies.values()) == [1] * 11 + [2]
    twice = [received.raw for received in smtp_sink.messages if copies[str(received.message["Message-ID"])] == 2]
    assert twice[0] == twice[1]
    assert nothing_contradicts()


def test_beat_and_worker_send_the_mail_of_a_confirmed_call_by_themselves(
    kind: AppointmentType, smtp_sink: SmtpSink, celery: Callable[..., Any], worker: Callable[[], Any], tmp_path: Path
) -> None:
    worker()
    celery("beat", "--pidfile", "", "--schedule", tmp_path / "schedule")
    now, staff = timezone.now(), a_staff_member()
    row = an_appointment(Appointment.Status.PENDING, now=now)
    booking.confirm(appointment=row, by=staff, now=now)

    received = smtp_sink.wait_until(
        lambda messages: any(m.message.is_multipart() and "confirmed" in str(m.message["Subject"]) for m in messages),
        timeout=60,
    )

    assert received
    assert wait_until(lambda: all(check["ok"] for check in pulse.checks(now=timezone.now()).values()), seconds=30)
    assert nothing_contradicts()


def test_a_hung_redis_holds_nobody_up(tmp_path: Path, settings: Any) -> None:
    server = RedisServer(tmp_path / "redis", log=tmp_path / "redis.log")
    server.start()
    settings.CELERY_BROKER_URL = server.url
    assert server.process is not None
    os.kill(server.process.pid, signal.SIGSTOP)
    try:
        began = time.perf_counter()
        for _ in range(100):
            wake.up()
        waited = time.perf_counter() - began
        published = wake.publish(by="wake")
        gave_up_after = time.perf_counter() - began
    finally:
        os.kill(server.process.pid, signal.SIGCONT)
        server.stop()

    assert waited < 1, "one wake-up that waits for its time-out takes as long"
    assert (published, gave_up_after < 10) == (False, True)
