"""The bytes of messages, written once and stored before the first attempt: a batch at a time, and ahead of time."""

import datetime as dt
import logging

from celery.exceptions import SoftTimeLimitExceeded
from django.db import connection, transaction

from notifications import claiming, messages
from notifications.models import Notification

logger = logging.getLogger(__name__)
AHEAD = dt.timedelta(minutes=15)
BATCH = 100
STORE = """
update notifications_notification as message set body = new.body
from unnest(%s::uuid[], %s::text[]) as new (id, body) where message.id = new.id
"""
BROKEN = {"status": Notification.Status.FAILED, "reason": Notification.Reason.RENDERING, "try_at": None}


@transaction.atomic
def write_ahead(*, now: dt.datetime) -> int:
    """Write a batch of what is due soon, so that at its minute it only has to be handed over; how many were."""
    rows = claiming.in_hand(Notification.objects.blank(now + AHEAD), BATCH)
    true = [row for row in rows if claiming.end_of(row, now) is None]
    _write(true, now=now)
    return len(true)


@transaction.atomic
def written(rows: list[Notification], *, now: dt.datetime) -> list[Notification]:
    """The rows that have their bytes; those that can't be written are set aside, and stop none of the others."""
    broken = _write([row for row in rows if not row.body], now=now)
    return [row for row in rows if row.pk not in broken]


def _write(rows: list[Notification], *, now: dt.datetime) -> set[object]:
    """Store the bytes of all at once; the keys of those that couldn't be written."""
    if not rows:
        return set()
    try:
        with transaction.atomic():
            _store(rows, now=now)
    except SoftTimeLimitExceeded:
        raise
    except Exception:  # one of them: now one by one
        return {row.pk for row in rows if not _can_be_written(row, now=now)}
    return set()


def _can_be_written(row: Notification, *, now: dt.datetime) -> bool:
    try:
        with transaction.atomic():
            _store([row], now=now)
    except SoftTimeLimitExceeded:
        raise
    except Exception as error:
        logger.exception("message %s (%s) can't be written: %s", row.pk, row.kind, type(error).__name__)
        Notification.objects.filter(pk=row.pk).update(**BROKEN, lease_until=None, lease_token=None)
        return False
    return True


def _store(rows: list[Notification], *, now: dt.datetime) -> None:
    body = Notification._meta.get_field("body")
    for row, written in zip(rows, messages.render(rows, now=now), strict=True):
        row.body = written
    sealed = [body.pre_save(row, add=False) for row in rows]
    with connection.cursor() as cursor:
        cursor.execute(STORE, [[row.pk for row in rows], sealed])
