"""What the periodic work does besides messages."""

import datetime as dt
import time

import pytest
from celery.exceptions import SoftTimeLimitExceeded
from django.db import connection
from django.db.utils import InterfaceError, OperationalError

from inquiries import drafts
from inquiries.models import Draft, IdempotentReply
from notifications import work
from scheduling.calendars import reading
from scheduling.models import CalendarSource, Practitioner
from tests.calendar_servers import FeedServer
from tests.factories import NOW, a_clinic, a_staff_member

TWO_DAYS = dt.timedelta(hours=48)
A_SECOND = dt.timedelta(seconds=1)


@pytest.mark.django_db
def test_a_kept_answer_is_forgotten_after_two_days(monkeypatch: pytest.MonkeyPatch) -> None:
    for number, at in enumerate([NOW - TWO_DAYS - A_SECOND, NOW - TWO_DAYS, NOW - TWO_DAYS + A_SECOND]):
        IdempotentReply.objects.create(scope="test", key_digest=str(number), request_digest="", created_at=at)
    monkeypatch.setattr(work, "REPLIES", 1)

    counts = [work.forget_replies(now=NOW) for _ in range(3)]

    assert counts == [1, 1, 0]
    assert [reply.key_digest for reply in IdempotentReply.objects.all()] == ["2"]


@pytest.mark.django_db
def test_a_draft_is_forgotten_after_a_day() -> None:
    drafts.keep(member=a_staff_member(), form="/desk/", typed={"note": "Call."}, now=NOW)

    counts = [drafts.forget_old(now=NOW + drafts.LIFETIME - A_SECOND), drafts.forget_old(now=NOW + drafts.LIFETIME)]

    assert (counts, Draft.objects.count()) == ([0, 1], 0)


@pytest.mark.django_db
def test_one_worker_at_a_time_waits_for_who_answers_slowly(feed: FeedServer) -> None:
    a_clinic(practitioners=1)
    for name in ("google", "outlook"):
        reading.add(
            practitioner=Practitioner.objects.active().get(),
            name=name,
            form="feed",
            url=feed.url,
            by=a_staff_member(),
            now=NOW,
        )
    later = NOW + reading.EVERY
    claimed = reading._claim(CalendarSource.objects.due(later), now=later)

    assert claimed is not None
    assert work.ask_outside(now=later, until=time.monotonic() + 60) == 0
    reading._record_failure(claimed, CalendarSource.Why.UNREACHABLE, now=later)
    assert work.ask_outside(now=later, until=time.monotonic() + 60) == 1


@pytest.mark.django_db
def test_a_part_that_fails_is_passed_over(caplog: pytest.LogCaptureFixture) -> None:
    assert (work.part(waits_for_a_lock), "waits_for_a_lock failed" in caplog.text) == (0, True)


@pytest.mark.django_db
def test_the_end_of_the_tasks_time_ends_the_round() -> None:
    with pytest.raises(SoftTimeLimitExceeded):
        work.part(runs_out_of_time)


@pytest.mark.django_db(transaction=True)
def test_a_database_that_is_gone_ends_the_round() -> None:
    with pytest.raises((InterfaceError, OperationalError)):
        work.part(loses_the_database)
    connection.close()


def waits_for_a_lock() -> int:
    raise OperationalError("canceling statement due to lock timeout")


def runs_out_of_time() -> int:
    raise SoftTimeLimitExceeded


def loses_the_database() -> int:
    with connection.cursor() as cursor:
        cursor.execute("select pg_terminate_backend(pg_backend_pid())")
    return 1
