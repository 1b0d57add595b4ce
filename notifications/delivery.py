"""Sending what is due: claimed under a lease, sent with no transaction open, recorded only by who holds the lease."""

import datetime as dt
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.db import connection, transaction
from django.db.models import F

from notifications import bounces, claiming, envelope, writing
from notifications.models import Notification
from notifications.readers import address_of
from notifications.smtp import Answer, Conversation, Outcome

logger = logging.getLogger(__name__)
# Asked again after each answer of the mail server: a batch lasts longer than a moment.
Clock = Callable[[], dt.datetime]
Kind, Reason, Status = Notification.Kind, Notification.Reason, Notification.Status
SPELL_SECONDS = 2  # after which a batch is the last: what happened meanwhile is to be planned, an alarm may be in it
BACKOFF_MINUTES = (0.5, 2, 10, 30, 60)
UNREACHED_MINUTES = 4
HAND_ON = """
with taken as (
    update notifications_notification
    set status = 'sent', reason = '', sent_at = %(now)s, last_reply = %(reply)s, lease_until = null, lease_token = null
    where id = %(taken)s and lease_token = %(taken_token)s and status = 'sending' returning 1
), begun as (
    update notifications_notification set data_started_at = %(now)s
    where id = %(begun)s and lease_token = %(begun_token)s and status = 'sending' returning 1
)
select exists (select from taken), exists (select from begun)
"""


class NotRetryable(Exception):
    """Only a message that failed, or whose fate is not known, can be tried again, and only while it is of use."""

    code = "not_retryable"
    permanent = True


@dataclass
class Delivered:
    """What a batch came to: rows looked at, and sent."""

    handled: int = 0
    sent: int = 0


def deliver(*, conversation: Conversation, clock: Clock, until: float) -> Delivered:
    """Send what is due, batch after batch for a while. No message is begun after `until` (of the monotonic clock)."""
    done, spell = Delivered(handled=claiming.release_lapsed(now=clock())), time.monotonic() + SPELL_SECONDS
    while True:
        now = clock()
        rows, settled = claiming.claim(now=now)
        done.handled += settled + len(rows)
        done.sent += send_all(writing.written(rows, now=now), conversation, clock=clock, until=until)
        if settled + len(rows) < claiming.BATCH or time.monotonic() >= min(spell, until):
            return done


# --- Sending --------------------------------------------------------------------------------------


def send_all(rows: list[Notification], conversation: Conversation, *, clock: Clock, until: float) -> int:
    """Hand the stored bytes over, one after the other, with no transaction open; how many were taken and recorded."""
    book, ours = Book(clock), envelope.sender_address()
    try:
        for position, row in enumerate(rows):
            if time.monotonic() >= until:
                _give_back(rows[position:], now=clock())
                break
            answer = conversation.send(
                sender=bounces.return_address(row) or ours,
                recipient=address_of(row),
                data=row.body.reveal().encode("ascii"),
                meanwhile=partial(book.begin, row),
            )
            book.write(row, answer)
            if not answer.reached:
                _postpone(rows[position + 1 :], answer, now=clock())
                break
    finally:
        book.close()
    return book.sent


def _held(row: Notification) -> Any:
    """The row, while this lease holds."""
    return Notification.objects.filter(pk=row.pk, lease_token=row.lease_token, status=Status.SENDING)


# --- Recording ------------------------------------------------------------------------------------


class Book:
    """Writes what became of each message. That one was taken and that the next begins is one statement, which runs
    while the server considers the next sender: a worker that dies leaves one message whose fate is not known."""

    def __init__(self, clock: Clock) -> None:
        self.clock, self.sent = clock, 0
        self._taken: tuple[Notification, Answer] | None = None

    def begin(self, row: Notification) -> bool:
        """Whether the row may be handed over: its lease still holds."""
        return self._hand_on(row)

    def write(self, row: Notification, answer: Answer) -> None:
        """What was taken is written with the next message's beginning, everything else at once."""
        if answer.outcome == Outcome.ACCEPTED:
            self._taken = (row, answer)
            return
        self.close()
        if answer.outcome != Outcome.LEASE_LOST:
            record(row, answer, now=self.clock())

    def close(self) -> None:
        if self._taken is not None:
            self._hand_on(None)

    def _hand_on(self, begun: Notification | None) -> bool:
        taken, answer = self._taken or (None, None)
        facts: dict[str, Any] = {
            "now": self.clock(),
            "taken": taken and taken.pk,
            "taken_token": taken and taken.lease_token,
            "reply": answer and answer.reply,
            "begun": begun and begun.pk,
            "begun_token": begun and begun.lease_token,
        }
        with connection.cursor() as cursor:
            cursor.execute(HAND_ON, facts)
            recorded, holds = cursor.fetchone()
        self._taken = None
        self.sent += recorded
        for row, fine in ((taken, recorded), (begun, holds)):
            if row is not None and not fine:
                logger.warning("message %s: the lease had passed on", row.pk)
        return bool(holds)


def record(row: Notification, answer: Answer, *, now: dt.datetime) -> None:
    """Write what became of a message that was not taken, unless the lease has passed to somebody else."""
    changes = {
        Outcome.REFUSED: lambda: _refused(row),
        Outcome.LATER: lambda: claiming.due_again(row, now + _backoff(row, reached=answer.reached)),
        Outcome.UNANSWERED: lambda: claiming.unanswered(row, now + _backoff(row)),
    }[answer.outcome]()
    if not _held(row).update(**changes, last_reply=answer.reply, **claiming.NO_LEASE):
        logger.warning("message %s: the lease had passed on, its outcome %s is not written", row.pk, answer.outcome)
    elif answer.outcome == Outcome.REFUSED and bounces.is_about_the_address(answer.reply):
        bounces.suppress(address_index=row.recipient_index, why="refused", code=answer.reply, now=now)


def _refused(row: Notification) -> dict[str, Any]:
    if row.unanswered:
        return {"status": Status.UNCERTAIN, "reason": Reason.NO_ANSWER}
    return {"status": Status.FAILED, "reason": Reason.REFUSED}


def _backoff(row: Notification, *, reached: bool = True) -> dt.timedelta:
    """0.5, 2, 10, 30, 60, 60, … minutes after the attempts so far, with up to a quarter more from the lease's token.

    A server that can't be reached is asked again every few minutes, by one message of a batch.
    """
    minutes = BACKOFF_MINUTES[min(row.attempts, len(BACKOFF_MINUTES)) - 1]
    minutes = minutes if reached else min(minutes, UNREACHED_MINUTES)
    spread = (row.lease_token.int % 1000) / 4000 if row.lease_token else 0
    return dt.timedelta(minutes=minutes * (1 + spread))


def _give_back(rows: list[Notification], *, now: dt.datetime) -> None:
    """The time is over before their turn: as if they had not been claimed."""
    for row in rows:
        _held(row).update(**claiming.due_again(row, now), attempts=F("attempts") - 1, **claiming.NO_LEASE)


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
    if not ended or row.expires_at <= now or row.handled_at is not None:
        raise NotRetryable
    if row.status == Status.FAILED:
        row.body = ""
    row.status, row.reason, row.try_at, row.unanswered = Status.DUE, "", now, 0
    row.save(update_fields=["status", "reason", "try_at", "unanswered", "body"])
    return row
