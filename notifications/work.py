"""All that is due, done: expire, plan, send, forget. What the Celery task and `manage.py work` both do."""

import datetime as dt
import logging
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from celery.exceptions import SoftTimeLimitExceeded
from django.db import connection
from django.db.models import Exists, OuterRef

from inquiries import drafts, intake, story
from inquiries.models import Activity, IdempotentReply, Inquiry
from notifications import alarms, broken_calendars, canary, delivery, planner, replanning, writing
from notifications.models import Notification, WebhookDelivery
from notifications.smtp import Conversation
from notifications.webhooks import telling
from scheduling import booking
from scheduling.calendars import reading
from scheduling.models import CalendarSource

logger = logging.getLogger(__name__)
ERASURES = 20
REPLIES, REPLY_LASTS = 500, dt.timedelta(hours=48)


@dataclass
class Done:
    """What a run did, in rows."""

    expired: int = 0
    offered: int = 0
    planned: int = 0
    sent: int = 0
    erased: int = 0

    def __str__(self) -> str:
        return ", ".join(f"{name} {count}" for name, count in asdict(self).items())


def drain(*, clock: delivery.Clock, seconds: float, rounds: int = 1000) -> tuple[Done, bool]:
    """Work until nothing is due by `clock`, for so many real seconds and rounds; whether any may be left."""
    done, until = Done(), time.monotonic() + seconds
    with Conversation() as conversation:
        for _ in range(rounds):
            if not one_round(done, conversation=conversation, clock=clock, until=until):
                return done, False
            if time.monotonic() >= until:
                break
    return done, True


def one_round(done: Done, *, conversation: Conversation, clock: delivery.Clock, until: float) -> bool:
    """One batch of everything; whether there was any. What breaks in one part keeps no mail from leaving."""
    now = clock()
    expired = part(booking.expire_overdue, now=now)
    offered = part(booking.offer_freed_times, now=now)
    asked = part(intake.answer_link_requests, now=now)
    planned = part(replanning.replan_changed, now=now) + part(planner.plan_pending, now=now)
    planned += part(alarms.repeat, now=now) + part(broken_calendars.tell, now=now)
    # first: a slow mail server makes letters wait, not the alarm
    flown = part(canary.fly, conversation=conversation, clock=clock)
    delivered = delivery.deliver(conversation=conversation, clock=clock, until=until)
    ahead = part(writing.write_ahead, now=now)
    erased = part(finish_erasures, now=now)
    # last: who answers slowly makes nobody wait but those behind it
    asked_outside = part(ask_outside, now=now, until=until)
    done.expired += expired
    done.offered += offered
    done.planned += planned
    done.sent += delivered.sent
    done.erased += erased
    part(forget_replies, now=now)
    part(drafts.forget_old, now=now)
    return bool(
        expired or offered or asked or planned or delivered.handled or flown or asked_outside or ahead or erased
    )


def ask_outside(*, now: dt.datetime, until: float) -> int:
    """Tell programs, and read a calendar; how many. One worker at a time waits for them: mail has the others."""
    told = WebhookDelivery.objects.filter(status=WebhookDelivery.Status.SENDING, lease_until__gt=now)
    if told.exists() or CalendarSource.objects.filter(lease_until__gt=now).exists():
        return 0
    return part(telling.deliver, now=now, until=until) + part(reading.read_due, now=now, until=until)


def part(work: Callable[..., int], **facts: Any) -> int:
    """What the work returns; 0 when it fails, as where somebody holds a lock too long: the next round tries it again.

    Raises what it raised when the database is gone or the task's time is over.
    """
    try:
        return work(**facts)
    except SoftTimeLimitExceeded:
        raise
    except Exception:
        if not connection.is_usable():
            raise
        logger.exception("%s failed, and is tried again", work.__name__)
        return 0


def finish_erasures(*, now: dt.datetime) -> int:
    """Forget those who asked for it, once they have been told, or can't be; how many."""
    telling = Notification.objects.open().filter(inquiry=OuterRef("pk"), kind__in=Notification.OF_ERASURE)
    unplanned = Activity.objects.unplanned().filter(inquiry=OuterRef("pk"))
    asked = Inquiry.objects.filter(erasure_requested_at__isnull=False, erased_at=None)
    found = asked.filter(~Exists(telling), ~Exists(unplanned)).order_by("erasure_requested_at", "pk")[:ERASURES]
    done = 0
    for inquiry in found:
        try:
            intake.erase(inquiry=inquiry, by=story.SYSTEM, now=now)
        except intake.AlreadyErased:
            continue
        done += 1
    return done


def forget_replies(*, now: dt.datetime) -> int:
    """Delete answers that were kept for an `Idempotency-Key`, once nobody sends the request again; how many."""
    old = IdempotentReply.objects.filter(created_at__lte=now - REPLY_LASTS).order_by("created_at", "pk")
    return IdempotentReply.objects.filter(pk__in=old.values("pk")[:REPLIES]).delete()[0]
