from collections.abc import Callable

import pytest
import time_machine
from django.utils import timezone

from notifications import planner
from notifications.models import Notification
from notifications.work import Done, drain
from scheduling.models import AppointmentType
from tests.factories import NOW, an_inquiry
from tests.sink import SmtpSink


@pytest.fixture
def clinic(clock: time_machine.Traveller, kind: AppointmentType, smtp_sink: SmtpSink) -> SmtpSink:
    """The demo clinic on a Monday at ten, with a mail server that keeps what it is given."""
    return smtp_sink


@pytest.fixture
def work(clinic: SmtpSink, clock: time_machine.Traveller) -> Callable[..., Done]:
    """Do what is due now, or so many seconds later."""

    def later(seconds: float = 0) -> Done:
        clock.shift(seconds)
        done, more = drain(clock=timezone.now, seconds=30)
        assert not more
        return done

    return later


@pytest.fixture
def message(clinic: SmtpSink) -> Notification:
    """One message that is due, to Ana."""
    an_inquiry()
    planner.plan_pending(now=NOW)
    Notification.objects.exclude(kind="inquiry_received").delete()
    return Notification.objects.get()


def kinds(*, to: str = "patient", **facts: object) -> list[str]:
    """Kind and status of the rows, in the order in which they are due."""
    rows = Notification.objects.filter(**facts).order_by("due_at", "activity", "kind")
    return [f"{row.kind} {row.status}" for row in rows if row.is_for_patient == (to == "patient")]
