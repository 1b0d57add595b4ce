"""Processes that come and go, a broker that forgets, a clock that is there twice. RESTARTS and FLUSHES lengthen it."""

import datetime as dt
import os
import signal
import time
from collections.abc import Callable
from typing import Any

import pytest
import redis
from django.conf import settings as django_settings
from django.utils import timezone

from config.embedded.processes import wait_until
from notifications import wake
from notifications.models import Heartbeat, Notification
from scheduling.models import AppointmentType
from tests.factories import an_inquiry
from tests.faults.mail import copies, due, nothing_contradicts, statuses
from tests.sink import SmtpSink

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
RESTARTS = int(os.environ.get("RESTARTS", "3"))
FLUSHES = int(os.environ.get("FLUSHES", "3"))


def all_sent() -> bool:
    return not Notification.objects.exclude(status="sent").exists()


def test_workers_that_are_asked_to_end_under_load_send_everything_once(
    kind: AppointmentType, smtp_sink: SmtpSink, worker: Callable[[], Any]
) -> None:
    mails = 40 * RESTARTS
    due(mails)
    smtp_sink.pause_seconds = 0.02
    for number in range(RESTARTS):
        child = worker()
        wake.publish(by="wake")
        smtp_sink.wait_for(min(mails, len(smtp_sink.messages) + 10 + number % 7), timeout=60)
        child.send_signal(signal.SIGTERM)
        child.wait(60)
    worker()
    wake.publish(by="wake")

    assert wait_until(all_sent, seconds=60 + mails // 10)
    assert copies(smtp_sink) == [1] * mails
    assert nothing_contradicts()


def test_a_broker_that_forgets_everything_and_two_clocks_lose_and_double_nothing(
    kind: AppointmentType, smtp_sink: SmtpSink, celery: Callable[..., Any], worker: Callable[[], Any], tmp_path: Any
) -> None:
    worker()
    for number in range(2):
        celery("beat", "--pidfile", "", "--schedule", tmp_path / f"schedule{number}")
    broker = redis.Redis.from_url(django_settings.CELERY_BROKER_URL)
    for number in range(FLUSHES):
        an_inquiry(now=timezone.now(), email=f"bea{number}@example.com")
        wake.publish(by="wake")
        broker.flushdb()
        time.sleep(2)

    def everybody_knows() -> bool:
        return Notification.objects.filter(kind="inquiry_received", status="sent").count() == FLUSHES

    assert wait_until(everybody_knows, seconds=60)
    assert set(copies(smtp_sink)) == {1}
    assert nothing_contradicts()


def test_an_alert_leaves_within_a_minute_though_redis_is_away(
    kind: AppointmentType, smtp_sink: SmtpSink, manage: Callable[..., Any]
) -> None:
    """The worker was heard of 25 seconds ago, and is cut off now; the watch stands in for it."""
    Heartbeat.record(Heartbeat.WORKER, now=timezone.now() - dt.timedelta(seconds=25))
    nowhere = "redis://127.0.0.1:1/0"
    child = manage("work", "--watch", REDIS_URL=nowhere, ON_CALL_EMAIL="on-call@example.org")
    began = time.monotonic()
    an_inquiry(now=timezone.now(), needs_help_now="yes")

    smtp_sink.wait_until(lambda came: any("on-call" in each.recipients[0] for each in came), timeout=60)

    assert time.monotonic() - began < 60
    child.terminate()
    assert child.wait(20) == 0
    assert nothing_contradicts()
    assert "sending" not in statuses()
