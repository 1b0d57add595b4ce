"""A message is in one pair of hands at a time, and free again when they are gone."""

import datetime as dt
import time
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from notifications import claiming, delivery, planner, writing
from notifications.models import Notification
from notifications.smtp import Answer, Conversation, Outcome
from notifications.work import drain
from tests.crowd import at_once
from tests.factories import NOW, an_inquiry
from tests.sink import SmtpSink

pytestmark = pytest.mark.django_db
committing = pytest.mark.django_db(transaction=True)


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


@committing
def test_a_hundred_runs_side_by_side_send_one_mail(message: Notification, clinic: SmtpSink) -> None:
    at_once([lambda: drain(clock=timezone.now, seconds=30) for _ in range(20)])

    assert len(clinic.messages) == 1
