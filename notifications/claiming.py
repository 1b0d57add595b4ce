"""Who has a message in hand: claimed under a lease when it is due and still true, free again when the lease lapses."""

import datetime as dt
import logging
from typing import Any
from uuid import UUID, uuid4

from django.conf import settings
from django.db import transaction
from django.db.models import F

from inquiries.models import Inquiry
from notifications import bounces, flood, outbox
from notifications.models import LATE, Notification, NotificationQuerySet
from notifications.plan import EARLIER
from notifications.readers import address_of

logger = logging.getLogger(__name__)
Kind, Reason, Status = Notification.Kind, Notification.Reason, Notification.Status
BATCH = 100
# What tells a patient when their call is, or that it stays when it was.
NEWS_OF_THE_TIME = (
    Kind.APPOINTMENT_CONFIRMED,
    Kind.APPOINTMENT_RESCHEDULED,
    Kind.REQUEST_DECLINED,
    Kind.REQUEST_EXPIRED,
)
NO_LEASE = {"lease_until": None, "lease_token": None}
# what a look at a row before it is sent needs
FACTS = ("inquiry__contact", "appointment__appointment_type", "activity", "staff_member", "calendar")


def claim(*, now: dt.datetime, limit: int = BATCH) -> tuple[list[Notification], int]:
    """Take up to `limit` rows that are due and still true, under one lease; and how many others were settled.

    Rows that somebody else is claiming are passed over; what is no longer true is cancelled, what is too late skipped.
    Nothing is taken while the outbox is paused, or can't be noted: what is due stays due, and is seen to be late.
    """
    try:
        return _claim(now, limit) if outbox.is_open(now=now) else ([], 0)
    except OSError as error:
        logger.error("nothing is sent: the outbox can't be noted in DATA_DIR (%s)", error.strerror)
        return [], 0


def _claim(now: dt.datetime, limit: int) -> tuple[list[Notification], int]:
    with transaction.atomic():
        rows, settled = _take(now, limit)
        counted = outbox.next_batch() if rows else None
        if rows and counted is None:
            transaction.set_rollback(True)
            return [], 0
        noted = outbox.draft(counted.identity, counted.epoch) if counted else None
    if counted and noted:
        outbox.put_in_place(noted, counted.identity, counted.epoch)
    return rows, settled


def _take(now: dt.datetime, limit: int) -> tuple[list[Notification], int]:
    ready, found = Notification.objects.ready(now), []
    if Inquiry.objects.urgent().exists():  # before the thousand reminders that may wait for a slow mail server
        found = in_hand(ready.filter(kind=bounces.ALARM), limit)
    found += in_hand(ready.exclude(pk__in=[row.pk for row in found]), limit - len(found))
    if not found:
        return [], 0
    refusing = bounces.suppressed_among({row.recipient_index for row in found})
    true = [row for row in found if not _settle(row, now, refusing)]
    fine = flood.spared(_not_told_just_now(true), now=now)
    lease = {"lease_until": now + dt.timedelta(seconds=settings.LEASE_SECONDS), "lease_token": uuid4()}
    taken = {**lease, "status": Status.SENDING, "try_at": None, "data_started_at": None}
    for row in fine:
        for name, value in taken.items():
            setattr(row, name, value)
        row.attempts += 1
    Notification.objects.filter(pk__in=[row.pk for row in fine]).update(**taken, attempts=F("attempts") + 1)
    return fine, len(found) - len(fine)


def in_hand(wanted: NotificationQuerySet, limit: int) -> list[Notification]:
    """The first of them that nobody else holds, locked, with their facts.

    First which, then what they are about: where there are none, as mostly, the database plans no query of ten tables.
    """
    locked = list(wanted.select_for_update(skip_locked=True).values_list("pk", flat=True)[:limit])
    found = Notification.objects.select_related(*FACTS).in_bulk(locked) if locked else {}
    return [found[pk] for pk in locked]


def _settle(row: Notification, now: dt.datetime, refusing: set[str]) -> bool:
    """Whether the row came to its end instead of being sent."""
    in_vain = row.recipient_index in refusing and row.kind != bounces.ALARM
    end = end_of(row, now) or ((Status.SUPPRESSED, Reason.BOUNCED) if in_vain else None)
    if end is not None:
        status, reason = end
        Notification.objects.filter(pk=row.pk).update(status=status, reason=reason, try_at=None)
        if row.kind == Kind.STAFF_NEW_REQUEST:
            flood.speak_for_themselves(inquiry=row.inquiry.pk, now=now)
    return end is not None


def _not_told_just_now(rows: list[Notification]) -> list[Notification]:
    """Without the reminders of a time that their reader learned of late, as after an outage, and only just now.

    The plan keeps reminders out of the quiet time after news; what held the news up has moved that time.
    """
    calls = [row.appointment_id for row in rows if row.kind == Kind.REMINDER]
    if not calls:
        return rows
    news = Notification.objects.filter(appointment__in=calls, kind__in=NEWS_OF_THE_TIME, sent_at__gt=F("due_at") + LATE)
    told = {(each.appointment_id, each.sequence): each.sent_at for each in news.defer("body")}
    needless = [row for row in rows if row.kind == Kind.REMINDER and _is_quiet(row, told)]
    skipped = Notification.objects.filter(pk__in=[row.pk for row in needless])
    skipped.update(status=Status.SKIPPED, reason=Reason.EXPIRED, try_at=None)
    return [row for row in rows if row not in needless]


def _is_quiet(row: Notification, told: dict[tuple[UUID | None, int], dt.datetime | None]) -> bool:
    at = told.get((row.appointment_id, row.sequence))
    if at is None or row.appointment is None or row.unanswered:
        return False
    return row.due_at < at + dt.timedelta(minutes=row.appointment.appointment_type.reminder_quiet_minutes)


def end_of(row: Notification, now: dt.datetime) -> tuple[str, str] | None:
    """The status and reason of a row that must not be sent, read from the database as it is now."""
    if row.unanswered and (row.expires_at <= now or not still_true(row)):
        return Status.UNCERTAIN, Reason.NO_ANSWER  # one copy may be out: no second one, and a person is told
    if row.kind != Kind.CALENDAR_BROKEN and _is_erased(row):
        return Status.CANCELLED, Reason.ERASED
    if not still_true(row):
        return Status.CANCELLED, Reason.SUPERSEDED
    if row.expires_at <= now:
        return (Status.FAILED if row.attempts else Status.SKIPPED), Reason.EXPIRED
    if row.kind == Kind.REMINDER and not row.inquiry.reminders_ok:
        return Status.SKIPPED, Reason.NO_CONSENT
    if not address_of(row):
        return Status.SKIPPED, Reason.NO_EMAIL
    return None


def _is_erased(row: Notification) -> bool:
    asked = row.inquiry.erasure_requested_at and row.kind not in Notification.OF_ERASURE
    return bool(row.inquiry.erased_at or asked)


def still_true(row: Notification) -> bool:
    """Whether what the message speaks of is still so; of an appointment, the status and sequence of the activity.

    An earlier time changes neither while it is on offer: the row that holds it says that it still is.
    """
    if row.kind == Kind.CALENDAR_BROKEN:
        calendar = row.calendar
        return calendar is not None and not calendar.is_paused and calendar.read_at == row.unread_since
    if row.appointment is not None:
        told, call = row.activity.facts, row.appointment
        on_offer = not row.variant.startswith(EARLIER) or call.holds.filter(start__in=told["offered"]).exists()
        return on_offer and (call.status, call.sequence) == (told["status"], row.sequence)
    if row.kind == Kind.URGENT_INQUIRY:
        return row.inquiry.is_urgent
    return row.kind != Kind.STAFF_NEW_REQUEST or row.inquiry.status == Inquiry.Status.NEW


@transaction.atomic
def release_lapsed(*, now: dt.datetime) -> int:
    """Free the rows of workers that died; how many there were.

    A row that had not begun to be handed over is simply due again; one that had may have been taken.
    """
    rows = list(Notification.objects.lapsed(now).select_for_update(skip_locked=True)[:BATCH])
    for row in rows:
        changes = unanswered(row, now) if row.data_started_at else due_again(row, now)
        Notification.objects.filter(pk=row.pk).update(**changes, **NO_LEASE)
    return len(rows)


def due_again(row: Notification, at: dt.datetime) -> dict[str, Any]:
    """Once more at that moment, or when it expires if that is sooner."""
    status, reason = (Status.UNCERTAIN, Reason.NO_ANSWER) if row.unanswered else (Status.DUE, "")
    return {"status": status, "reason": reason, "try_at": min(at, row.expires_at), "data_started_at": None}


def unanswered(row: Notification, at: dt.datetime) -> dict[str, Any]:
    """Not known: once more with the same bytes, then never again."""
    again = {"try_at": min(at, row.expires_at)} if row.unanswered == 0 else {"try_at": None}
    return {"status": Status.UNCERTAIN, "reason": Reason.NO_ANSWER, "unanswered": row.unanswered + 1, **again}
