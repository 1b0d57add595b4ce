"""Workers that read outside calendars side by side: each once, under a lease, and with no transaction open."""

import time
from http.server import BaseHTTPRequestHandler

import pytest
from django.db import connection, transaction

from scheduling.calendars import reading
from scheduling.models import AppointmentType, BusyTime, CalendarSource
from tests.calendar_servers import FeedServer
from tests.crowd import at_once
from tests.factories import NOW, a_clinic
from tests.scheduling.own_calendars import DAY, MINUTE, added, read

pytestmark = pytest.mark.django_db
IDLE_IN_TRANSACTION = """
select count(*) from pg_stat_activity where datname = current_database() and state = 'idle in transaction'
"""


@pytest.fixture
def alone() -> AppointmentType:
    """One practitioner at work, in Miami."""
    return a_clinic(practitioners=1)


@pytest.mark.django_db(transaction=True)
def test_two_workers_read_a_calendar_once(feed: FeedServer) -> None:
    a_clinic(practitioners=1)
    added(feed)

    def slowly(caller: BaseHTTPRequestHandler) -> None:
        time.sleep(0.5)
        feed.plain(caller)

    feed.answer, before = slowly, len(feed.asked)
    counts = at_once([lambda: read(NOW + 5 * MINUTE)] * 4)
    assert (sorted(counts), len(feed.asked) - before) == ([0, 0, 0, 1], 1)


@pytest.mark.django_db(transaction=True)
def test_control_without_the_lease_each_worker_reads_it(feed: FeedServer, monkeypatch: pytest.MonkeyPatch) -> None:
    a_clinic(practitioners=1)
    added(feed)
    monkeypatch.setattr(
        reading, "_claim", lambda wanted, *, now: wanted.select_related("calendar__practitioner").first()
    )

    def slowly(caller: BaseHTTPRequestHandler) -> None:
        time.sleep(0.5)
        feed.plain(caller)

    feed.answer, before = slowly, len(feed.asked)
    at_once([lambda: read(NOW + 5 * MINUTE)] * 4)
    assert len(feed.asked) - before > 1


@pytest.mark.django_db(transaction=True)
def test_no_transaction_is_open_while_the_network_answers(feed: FeedServer) -> None:
    a_clinic(practitioners=1)
    added(feed)
    idle: list[int] = []

    def look(caller: BaseHTTPRequestHandler) -> None:
        with connection.cursor() as cursor:
            cursor.execute(IDLE_IN_TRANSACTION)
            idle.append(cursor.fetchone()[0])
        connection.close()
        feed.plain(caller)

    feed.answer = look
    with transaction.atomic():
        read(NOW + 5 * MINUTE)
    assert read(NOW + 11 * MINUTE) == 1
    assert idle == [1, 0]


def test_whoever_lost_the_lease_writes_nothing(alone: AppointmentType, feed: FeedServer) -> None:
    added(feed)
    later = NOW + 5 * MINUTE
    mine = reading._claim(CalendarSource.objects.due(later), now=later)
    assert mine is not None
    assert read(later + reading.LEASE) == 1

    reading._record_failure(mine, "refused", now=later)
    reading._record(mine, reading.Copy([(DAY, DAY + 60 * MINUTE)], "", DAY), now=later)

    assert (CalendarSource.objects.get().why, BusyTime.objects.count()) == ("", 0)
