"""Sending what is due: claimed under a lease, sent with no transaction open, recorded only by who holds the lease."""

import datetime as dt
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.db import transaction
from django.db.models import F

from inquiries.models import Inquiry
from notifications import envelope, messages
from notifications.models import Notification
from notifications.readers import address_of
from notifications.smtp import Answer, Conversation, Outcome

logger = logging.getLogger(__name__)
# Asked again after each answer of the mail server: a batch lasts longer than a moment.
Clock = Callable[[], dt.datetime]
Kind, Reason, Status = Notification.Kind, Notification.Reason, Notification.Status
BATCH = 50
BACKOFF_MINUTES = (0.5, 2, 10, 30, 60)
NO_LEASE = {"lease_until": None, "lease_token": None}


class NotRetryable(Exception):
    """Only a message that failed, or whose fate is not known, can be tried again, and only while it is of use."""

    code = "not_retryable"
    permanent = True


@dataclass
class Delivered:
    """What a batch came to: rows looked at, and sent."""

    handled: int = 0
    sent: int = 0


def deliver(*, clock: Clock, until: float, limit: int = BATCH) -> Delivered:
    """Send one batch of what is due. No message is begun after `until` (of the monotonic clock)."""
    now = clock()
    done = Delivered(handled=release_lapsed(now=now))
    rows, settled = claim(now=now, limit=limit)
    done.handled += settled + len(rows)
    with Conversation() as conversation:
        ready = prepare(rows, now=now)
        for position, row in enumerate(ready):
            answer = send(row, conversation, clock=clock) if time.monotonic() < until else None
            if answer is None:
                _give_back(row, now=clock())
            elif record(row, answer, now=clock()):
                done.sent += answer.outcome == Outcome.ACCEPTED
            if answer is not None and not answer.reached:
                _postpone(ready[position + 1 :], answer, now=clock())
                break
    return done


# --- Claiming -------------------------------------------------------------------------------------


@transaction.atomic
def claim(*, now: dt.datetime, limit: int = BATCH) -> tuple[list[Notification], int]:
    """Take up to `limit` rows that are due and still true, under one lease; and how many others were settled.

    Rows that somebody else is claiming are passed over; what is no longer true is cancelled, what is too late skipped.
    """
    ready = Notification.objects.ready(now).select_for_update(skip_locked=True, of=("self",))
    facts = ("inquiry__contact", "appointment__appointment_type", "activity", "staff_member")
    found = list(ready.select_related(*facts)[:limit])
    fine = [row for row in found if not _settle(row, now)]
    lease = {"lease_until": now + dt.timedelta(seconds=settings.LEASE_SECONDS), "lease_token": uuid4()}
    taken = {**lease, "status": Status.SENDING, "try_at": None, "data_started_at": None}
    for row in fine:
        for name, value in taken.items():
            setattr(row, name, value)
        row.attempts += 1
    Notification.objects.filter(pk__in=[row.pk for row in fine]).update(**taken, attempts=F("attempts") + 1)
    return fine, len(found) - len(fine)


def _settle(row: Notification, now: dt.datetime) -> bool:
    """Whether the row came to its end instead of being sent."""
    end = _end_of(row, now)
    if end is not None:
        status, reason = end
        Notification.objects.filter(pk=row.pk).update(status=status, reason=reason, try_at=None)
    return end is not None


def _end_of(row: Notification, now: dt.datetime) -> tuple[str, str] | None:
    """The status and reason of a row that must not be sent, read from the database as it is now."""
    if row.unanswered and (row.expires_at <= now or not still_true(row)):
        return Status.UNCERTAIN, Reason.NO_ANSWER  # one copy may be out: no second one, and a person is told
    if row.inquiry.erased_at or (row.inquiry.erasure_requested_at and row.kind not in Notification.OF_ERASURE):
        return Status.CANCELLED, Reason.ERASED
    if not still_true(row):
        return Status.CANCELLED, Reason.SUPERSEDED
    if row.expires_at <= now:
        return (Status.FAILED if row.attempts else Status.SKIPPED), Reason.EXPIRED
    if not address_of(row):
        return Status.SKIPPED, Reason.NO_EMAIL
    return None


def still_true(row: Notification) -> bool:
    """Whether what the message speaks of is still so; of an appointment, the status and sequence of the activity."""
    if row.appointment is not None:
        return (row.appointment.status, row.appointment.sequence) == (row.activity.facts["status"], row.sequence)
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
        changes = _unanswered(row, now) if row.data_started_at else _due_again(row, now)
        Notification.objects.filter(pk=row.pk).update(**changes, **NO_LEASE)
    return len(rows)


# --- Sending --------------------------------------------------------------------------------------


def prepare(rows: list[Notification], *, now: dt.datetime) -> list[Notification]:
    """The rows that have their bytes, rendered once and stored before the first attempt; the others have failed."""
    with transaction.atomic():
        return [row for row in rows if row.body or _write(row, now)]


def _write(row: Notification, now: dt.datetime) -> bool:
    """Whether the message could be written; one that can't be is set aside and does not stop the others."""
    try:
        with transaction.atomic():
            row.body = messages.render(row, now=now)
            row.save(update_fields=["body"])
    except Exception as error:
        logger.exception("message %s (%s) can't be written: %s", row.pk, row.kind, type(error).__name__)
        _held(row).update(status=Status.FAILED, reason=Reason.RENDERING, **NO_LEASE)
        return False
    return True


def send(row: Notification, conversation: Conversation, *, clock: Clock) -> Answer:
    """Hand the stored bytes over; no transaction is open meanwhile."""
    return conversation.send(
        sender=envelope.sender_address(),
        recipient=address_of(row),
        data=row.body.reveal().encode("ascii"),
        before_data=lambda: bool(_held(row).update(data_started_at=clock())),
    )


def _held(row: Notification) -> Any:
    """The row, while this lease holds."""
    return Notification.objects.filter(pk=row.pk, lease_token=row.lease_token, status=Status.SENDING)


# --- Recording ------------------------------------------------------------------------------------


def record(row: Notification, answer: Answer, *, now: dt.datetime) -> bool:
    """Write the outcome, unless the lease has passed to somebody else; whether it was written."""
    changes = {
        Outcome.ACCEPTED: lambda: {"status": Status.SENT, "sent_at": now, "reason": ""},
        Outcome.REFUSED: lambda: _refused(row),
        Outcome.LATER: lambda: _due_again(row, now + _backoff(row)),
        Outcome.UNANSWERED: lambda: _unanswered(row, now + _backoff(row)),
        Outcome.LEASE_LOST: dict,
    }[answer.outcome]()
    if not changes or not _held(row).update(**changes, last_reply=answer.reply, **NO_LEASE):
        logger.warning("message %s: the lease had passed on, its outcome %s is not written", row.pk, answer.outcome)
        return False
    return True


def _refused(row: Notification) -> dict[str, Any]:
    if row.unanswered:
        return {"status": Status.UNCERTAIN, "reason": Reason.NO_ANSWER}
    return {"status": Status.FAILED, "reason": Reason.REFUSED}


def _due_again(row: Notification, at: dt.datetime) -> dict[str, Any]:
    """Once more at that moment, or when it expires if that is sooner."""
    status, reason = (Status.UNCERTAIN, Reason.NO_ANSWER) if row.unanswered else (Status.DUE, "")
    return {"status": status, "reason": reason, "try_at": min(at, row.expires_at), "data_started_at": None}


def _unanswered(row: Notification, at: dt.datetime) -> dict[str, Any]:
    """Not known: once more with the same bytes, then never again."""
    again = {"try_at": min(at, row.expires_at)} if row.unanswered == 0 else {"try_at": None}
    return {"status": Status.UNCERTAIN, "reason": Reason.NO_ANSWER, "unanswered": row.unanswered + 1, **again}


def _backoff(row: Notification) -> dt.timedelta:
    """0.5, 2, 10, 30, 60, 60, … minutes after the attempts so far, with up to a quarter more from the lease's token."""
    minutes = BACKOFF_MINUTES[min(row.attempts, len(BACKOFF_MINUTES)) - 1]
    spread = (row.lease_token.int % 1000) / 4000 if row.lease_token else 0
    return dt.timedelta(minutes=minutes * (1 + spread))


def _give_back(row: Notification, *, now: dt.datetime) -> None:
    """The time is over before this row's turn: as if it had not been claimed."""
    changes = {**_due_again(row, now), "attempts": F("attempts") - 1}
    _held(row).update(**changes, **NO_LEASE)


def _postpone(rows: list[Notification], answer: Answer, *, now: dt.datetime) -> None:
    """The server can't be reached: the rest of the batch need not try one by one."""
    for row in rows:
        record(row, answer, now=now)


@transaction.atomic
def try_again(*, notification: Notification, now: dt.datetime) -> Notification:
    """A person wants it tried again at once. What was refused is written anew; what may have arrived is not.

    Raises NotRetryable.
    """
    row = Notification.objects.select_for_update().get(pk=notification.pk)
    ended = row.status == Status.FAILED or (row.status == Status.UNCERTAIN and row.try_at is None)
    if not ended or row.expires_at <= now:
        raise NotRetryable
    if row.status == Status.FAILED:
        row.body = ""
    row.status, row.reason, row.try_at, row.unanswered = Status.DUE, "", now, 0
    row.save(update_fields=["status", "reason", "try_at", "unanswered", "body"])
    return row
