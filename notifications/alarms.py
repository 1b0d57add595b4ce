"""Somebody who needs help today is told of again, every open hour, until a person takes them on."""

import datetime as dt

from django.db.models import Exists, OuterRef, Q

from inquiries.models import Inquiry
from notifications import circumstances, planner
from notifications.facts import Message
from notifications.models import Notification
from notifications.plan import EVERYBODY
from notifications.readers import Staff

EVERY_MINUTES = 60
LASTS = dt.timedelta(days=1)
AT_ONCE = 100


def repeat(*, now: dt.datetime) -> int:
    """Plan one more alert to everybody, of each person whose last one is out and whom nobody has taken on; how many."""
    alerts = Notification.objects.filter(inquiry=OuterRef("pk"), kind=Notification.Kind.URGENT_INQUIRY)
    to_come = alerts.filter(Q(due_at__gt=now) | Q(try_at__isnull=False) | Q(status=Notification.Status.SENDING))
    waiting = Inquiry.objects.urgent().filter(Exists(alerts), ~Exists(to_come), erasure_requested_at=None)
    unheard = waiting.order_by("created_at", "pk")[:AT_ONCE]
    staff = Staff()
    return sum(_once_more(inquiry, staff, now) for inquiry in unheard) + _tell_everybody_sooner(now)


def _tell_everybody_sooner(now: dt.datetime) -> int:
    """At once, of people of whom the mail server took no alert: who is on call does not know; how many alerts."""
    people = list(Inquiry.objects.urgent().order_by("created_at", "pk").values_list("pk", flat=True)[:AT_ONCE])
    if not people:
        return 0
    alerts = Notification.objects.filter(inquiry=OuterRef("inquiry"), kind=Notification.Kind.URGENT_INQUIRY)
    unheard = Notification.objects.filter(Exists(alerts.filter(status="failed")), ~Exists(alerts.handed_over()))
    planned = unheard.filter(inquiry__in=people, variant=EVERYBODY, status="due", due_at__gt=now)
    return planned.filter(kind=Notification.Kind.URGENT_INQUIRY).update(due_at=now, try_at=now)


def _once_more(inquiry: Inquiry, staff: Staff, now: dt.datetime) -> int:
    """Two that do this at once give it one name, and so plan it once."""
    told = Notification.objects.filter(inquiry=inquiry, kind=Notification.Kind.URGENT_INQUIRY)
    last = told.select_related("activity").order_by("-due_at", "pk")[0]
    (due,) = circumstances.in_open_time(last.due_at, (EVERY_MINUTES,))
    due = max(due, now)
    message = Message(
        kind=last.kind,
        due_at=due,
        expires_at=due + LASTS,
        variant=f"{EVERYBODY}-{told.values('variant').distinct().count()}",
    )
    Notification.objects.bulk_create(planner.rows_of(message, last.activity, staff), ignore_conflicts=True)
    return 1
