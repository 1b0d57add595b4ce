"""From what happened to a POST at each program that wants to know: planned with the activity, sent under a lease.

The signature is that of Standard Webhooks: HMAC-SHA256 over `id.timestamp.body`, in base64, after `v1,`.
"""

import base64
import datetime as dt
import hashlib
import hmac
import json
import secrets
import time
from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID, uuid4

from django.db import transaction
from django.db.models import F

from inquiries.models import Activity, StaffMember
from notifications.webhooks import http
from notifications.webhooks.models import Webhook, WebhookDelivery

Status = WebhookDelivery.Status
BATCH = 5  # each may take seconds, and mail waits meanwhile
LEASE = dt.timedelta(minutes=2)
BACKOFF_MINUTES = (0.5, 2, 10, 30, 60, 180, 360)
GIVES_UP_AFTER = dt.timedelta(days=1)
STOPS_AFTER = dt.timedelta(days=3)
SECRET_PREFIX = "whsec_"  # noqa: S105 it marks a secret, as Standard Webhooks asks
APPOINTMENT_FACTS = ("status", "reason", "version", "sequence", "start", "end", "practitioner")
NO_LEASE = {"lease_until": None, "lease_token": None}


def add(*, url: str, kinds: Sequence[str] = (), by: StaffMember, now: dt.datetime) -> tuple[Webhook, str]:
    """A new webhook and its secret, which is shown this once. Raises http.NotAllowed, http.Unreachable."""
    http.resolved(url)
    secret = SECRET_PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()
    row = Webhook.objects.create(url=url, secret=secret, kinds=list(kinds), created_at=now, created_by=by)
    return row, secret


def change(*, webhook: Webhook, now: dt.datetime, **changes: Any) -> Webhook:
    """Change its `url`, `kinds` or `is_active`; switched on again, it starts with what is still due."""
    if "url" in changes:
        http.resolved(changes["url"])
    if changes.get("is_active"):
        changes["failing_since"] = None
        webhook.deliveries.filter(status=Status.DUE).update(try_at=now)
    for name, value in changes.items():
        setattr(webhook, name, value)
    webhook.save(update_fields=list(changes))
    return webhook


def plan(activities: Iterable[Activity], *, now: dt.datetime) -> None:
    """A delivery for each activity and program that wants to know of it; planning again changes nothing.

    What is set aside as perhaps a program's is told to nobody.
    """
    activities = list(activities)
    programs = list(Webhook.objects.filter(is_active=True)) if activities else []
    wanted = [
        WebhookDelivery(webhook=webhook, activity=activity, created_at=now, try_at=now)
        for activity in activities
        if not activity.inquiry.set_aside
        for webhook in programs
        if not webhook.kinds or activity.kind in webhook.kinds
    ]
    WebhookDelivery.objects.bulk_create(wanted, ignore_conflicts=True)


def test(*, webhook: Webhook, now: dt.datetime) -> WebhookDelivery:
    """Send a test now, and say what came of it; it is not tried again."""
    row = WebhookDelivery(webhook=webhook, created_at=now, try_at=now, attempts=1)
    row.status, row.answer = _told(row, now)
    if row.status == Status.DUE:
        row.status = Status.FAILED
    row.save(force_insert=True)
    return row


def deliver(*, now: dt.datetime, until: float) -> int:
    """Tell what is due, a few at a time; how many were looked at. None is begun after `until` (monotonic clock)."""
    rows = _claim(now)
    for row in rows:
        if time.monotonic() >= until:
            _held(row).update(status=Status.DUE, attempts=F("attempts") - 1, **NO_LEASE)
            continue
        status, answer = _told(row, now)
        _record(row, status, answer, now)
    return len(rows)


@transaction.atomic
def _claim(now: dt.datetime) -> list[WebhookDelivery]:
    ready = WebhookDelivery.objects.ready(now).select_for_update(skip_locked=True, of=("self",))
    rows = list(ready.select_related("webhook", "activity")[:BATCH])
    token = uuid4()
    lease = {"status": Status.SENDING, "lease_until": now + LEASE, "lease_token": token}
    for row in rows:
        row.lease_token, row.attempts = token, row.attempts + 1
    WebhookDelivery.objects.filter(pk__in=[row.pk for row in rows]).update(**lease, attempts=F("attempts") + 1)
    return rows


def _told(row: WebhookDelivery, now: dt.datetime) -> tuple[str, str]:
    """The status that the row comes to, and the answer in short."""
    body = json.dumps(payload(row)).encode()
    headers = signed(row.pk, body, secret=row.webhook.secret.reveal(), now=now)
    try:
        code = http.post(row.webhook.url.reveal(), body=body, headers=headers)
    except http.NotAllowed as refusal:
        return Status.FAILED, str(refusal)
    except http.Unreachable as refusal:
        return Status.DUE, str(refusal)
    return (Status.SENT if 200 <= code < 300 else Status.DUE), str(code)


def _record(row: WebhookDelivery, status: str, answer: str, now: dt.datetime) -> None:
    """Write what became of it, unless the lease has passed to somebody else; a program that fails waits as a whole."""
    if status == Status.DUE and now - row.created_at >= GIVES_UP_AFTER:
        status = Status.FAILED
    again = now + dt.timedelta(minutes=BACKOFF_MINUTES[min(row.attempts, len(BACKOFF_MINUTES)) - 1])
    _held(row).update(status=status, answer=answer, try_at=again, **NO_LEASE)
    program = Webhook.objects.filter(pk=row.webhook_id)
    if status == Status.SENT:
        program.exclude(failing_since=None).update(failing_since=None)
        return
    program.filter(failing_since=None).update(failing_since=now)
    program.filter(failing_since__lte=now - STOPS_AFTER).update(is_active=False)
    WebhookDelivery.objects.filter(webhook=row.webhook_id, status=Status.DUE, try_at__lt=again).update(try_at=again)


def _held(row: WebhookDelivery) -> Any:
    return WebhookDelivery.objects.filter(pk=row.pk, lease_token=row.lease_token, status=Status.SENDING)


def payload(row: WebhookDelivery) -> dict[str, Any]:
    """What is told: ids, states and times; who it is about is read through the API by those who may."""
    happened = row.activity
    if happened is None:
        return {"type": "test", "timestamp": row.created_at.isoformat(), "data": {}}
    told: dict[str, Any] = {"inquiry": {"id": str(happened.inquiry_id)}, "actor": happened.actor}
    if happened.appointment_id:
        facts = {name: happened.facts[name] for name in APPOINTMENT_FACTS if name in happened.facts}
        told["appointment"] = {"id": str(happened.appointment_id), **facts}
    return {"type": happened.kind, "timestamp": happened.at.isoformat(), "data": told}


def signed(identity: UUID, body: bytes, *, secret: str, now: dt.datetime) -> dict[str, str]:
    """The headers of a telling (Standard Webhooks)."""
    moment = str(int(now.timestamp()))
    key = base64.b64decode(secret.removeprefix(SECRET_PREFIX))
    content = b".".join((str(identity).encode(), moment.encode(), body))
    mark = base64.b64encode(hmac.new(key, content, hashlib.sha256).digest()).decode()
    return {
        "Content-Type": "application/json",
        "User-Agent": "Firstcall",
        "webhook-id": str(identity),
        "webhook-timestamp": moment,
        "webhook-signature": f"v1,{mark}",
    }
