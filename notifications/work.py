"""All that is due, done: expire, plan, send, forget. What the Celery task and `manage.py work` both do."""

import datetime as dt
import time
from dataclasses import asdict, dataclass

from django.db.models import Exists, OuterRef

from inquiries import intake, story
from inquiries.models import Activity, IdempotentReply, Inquiry
from notifications import delivery, planner, replanning, writing
from notifications.models import Notification
from notifications.smtp import Conversation
from notifications.webhooks import telling
from scheduling import booking

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
    """One batch of everything; whether there was any."""
    now = clock()
    expired = booking.expire_overdue(now=now)
    offered = booking.offer_freed_times(now=now)
    asked = intake.answer_link_requests(now=now)
    planned = replanning.replan_changed(now=now) + planner.plan_pending(now=now)
    delivered = delivery.deliver(conversation=conversation, clock=clock, until=until)
    told = telling.deliver(now=now, until=until)
    ahead = writing.write_ahead(now=now)
    erased = finish_erasures(now=now)
    done.expired += expired
    done.offered += offered
    done.planned += planned
    done.sent += delivered.sent
    done.erased += erased
    forget_replies(now=now)
    return bool(expired or offered or asked or planned or delivered.handled or told or ahead or erased)


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
