"""In a flood of requests each reader among staff gets a few mails; the others wait, and one mail then stands for many.

Nothing is lost: the mail that goes says how many others wait at the desk. Urgent alerts are none of this.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from uuid import UUID

from notifications.models import Notification

Kind, Reason, Status = Notification.Kind, Notification.Reason, Notification.Status
UNSENT = (Status.CANCELLED, Status.SKIPPED)
AT_MOST, WHILE = 3, dt.timedelta(minutes=10)
# News of a request waits no longer; who looks back so far finds all that left within the while, by the ledger's index.
LOOK_BACK = dt.timedelta(hours=1)


def spared(rows: list[Notification], *, now: dt.datetime) -> list[Notification]:
    """Those of the claimed rows that go now, in their order; the others are merged into one of them, or put off."""
    news = defaultdict(list)
    for row in rows:
        if row.kind == Kind.STAFF_NEW_REQUEST and not row.unanswered:
            news[row.recipient_index].append(row)
    held = {row.pk for reader, found in news.items() for row in _too_many(reader, found, now)}
    return [row for row in rows if row.pk not in held]


def _too_many(reader: str, found: list[Notification], now: dt.datetime) -> list[Notification]:
    lately = _left_lately(reader, now)
    room = AT_MOST - len(lately)
    if room <= 0:
        _put_off(found, until=min(lately) + WHILE)
        return found
    if found[room:]:
        _merge(found[room:], into=found[room - 1])
    return found[room:]


def _left_lately(reader: str, now: dt.datetime) -> list[dt.datetime]:
    """When the reader was sent such news; what is just being sent counts as now."""
    told = Notification.objects.filter(
        kind=Kind.STAFF_NEW_REQUEST, recipient_index=reader, due_at__gt=now - LOOK_BACK, due_at__lte=now
    )
    moments = told.filter(status__in=[Status.SENDING, Status.SENT]).values_list("sent_at", flat=True)
    return [at or now for at in moments if at is None or at > now - WHILE]


def _put_off(rows: list[Notification], *, until: dt.datetime) -> None:
    for row in rows:
        Notification.objects.filter(pk=row.pk).update(try_at=min(until, row.expires_at))


def _merge(rows: Iterable[Notification], *, into: Notification) -> None:
    """`into` speaks for them, and for those for whom they were to speak; it is written anew."""
    merged = [row.pk for row in rows]
    Notification.objects.filter(merged_into__in=merged).update(merged_into=into)
    Notification.objects.filter(pk__in=merged).update(
        status=Status.SKIPPED, reason=Reason.MERGED, try_at=None, merged_into=into
    )
    # in its row too, for whoever has it next should this worker die
    Notification.objects.filter(pk=into.pk).update(body="")
    into.body = ""


def speak_for_themselves(*, inquiry: UUID, now: dt.datetime) -> None:
    """Due again are those for whom a message about this inquiry was to speak that has ended unsent."""
    merged = Notification.objects.filter(merged_into__inquiry=inquiry, merged_into__status__in=UNSENT)
    merged.update(status=Status.DUE, reason="", try_at=now, merged_into=None)
