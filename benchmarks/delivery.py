"""Mail from due row to accepted and recorded, by one worker, against smtplib pushing ready bytes on one connection."""

import smtplib
import time
from collections.abc import Iterator

from django.conf import settings
from django.utils import timezone

from benchmarks.clinic import open_clinic
from benchmarks.table import Row
from inquiries import intake
from notifications import planner
from notifications.models import Notification
from notifications.work import drain
from tests.sink import SmtpSink

MAILS = 200


def measure() -> Iterator[Row]:
    open_clinic(1)
    with SmtpSink() as sink:
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", sink.port
        now = timezone.now()
        for number in range(MAILS):
            person = intake.Person(given_name="Ana", email=f"m{number}@example.com")
            intake.receive(person=person, wishes=intake.Wishes(time_zone="America/New_York"), now=now)
        began = time.perf_counter()
        while planner.plan_pending(now=timezone.now()):
            pass
        planning = MAILS / (time.perf_counter() - began)
        Notification.objects.exclude(kind="inquiry_received").delete()
        began = time.perf_counter()
        drain(clock=timezone.now, seconds=120)
        ours = MAILS / (time.perf_counter() - began)
        floor = pushed(sink, sink.messages[0].raw)
    sent = Notification.objects.filter(status="sent").count()
    yield Row(
        figure=f"mails/s, one worker, rendered, sent and recorded ({sent} of {MAILS})",
        ours=f"{ours:.0f}/s",
        against=f"smtplib, ready bytes {floor:.0f}/s",
        value=ours / floor,
        at_least=0.65,
    )
    yield Row(
        figure="activities planned and stored a second",
        ours=f"{planning:.0f}/s",
        against="300/s",
        value=planning / 300,
        at_least=1,
    )


def pushed(port: int, ready: bytes, mails: int) -> float:
    """What `smtplib` alone does with ready bytes on one connection, in mails a second."""
    with smtplib.SMTP("127.0.0.1", port) as client:
        began = time.perf_counter()
        for _ in range(mails):
            client.sendmail("a@example.com", ["b@example.com"], ready)
        return mails / (time.perf_counter() - began)
