"""What the faults are about: messages that are due, time that passes in the ledger, and what must hold afterwards."""

import datetime as dt
from collections import Counter

from django.utils import timezone

from notifications import invariants, planner
from notifications.models import Notification
from tests.factories import an_inquiry
from tests.sink import SmtpSink

A_SECOND = dt.timedelta(seconds=1)


def due(count: int) -> None:
    """So many messages to patients, planned and due."""
    for number in range(count):
        an_inquiry(now=timezone.now(), email=f"ana{number}@example.com")
    while planner.plan_pending(now=timezone.now()):
        pass
    Notification.objects.exclude(kind="inquiry_received").delete()


def minutes_pass() -> None:
    """Dead workers' leases lapse, and what was put off is due."""
    past = timezone.now() - A_SECOND
    Notification.objects.filter(status="sending").update(lease_until=past)
    Notification.objects.filter(try_at__isnull=False).update(try_at=past)


def copies(sink: SmtpSink) -> list[int]:
    """How often each message came, fewest first; copies of one are equal, byte for byte."""
    count = Counter(str(received.message["Message-ID"]) for received in sink.messages)
    assert len({received.raw for received in sink.messages}) == len(count)
    return sorted(count.values())


def statuses() -> dict[str, int]:
    return dict(Counter(Notification.objects.values_list("status", flat=True)))


def nothing_contradicts() -> bool:
    return not any(invariants.report(now=timezone.now()).values())
