"""A ledger of any length on an empty database: reminders that are due, written; or sent long ago."""

import datetime as dt
from uuid import uuid4

from django.db import connection

from inquiries.models import Activity, Contact, Inquiry
from inquiries.privacy import blind_index
from notifications import writing
from notifications.models import Notification

SENT_LONG_AGO = """
insert into notifications_notification (id, inquiry_id, activity_id, kind, variant, sequence, recipient_index, channel,
    due_at, expires_at, status, reason, attempts, unanswered, sent_at, last_reply, message_id, body)
select gen_random_uuid(), inquiry_id, activity_id, 'inquiry_received', 'n' || number, 0, recipient_index, 'email',
    now() - number * interval '1 minute', now(), 'sent', '', 1, 0, now(), '250', 'old' || number, ''
from (select * from notifications_notification limit 1) one, generate_series(1, %s) number
"""


def due(count: int, *, at: dt.datetime, over: dt.timedelta = dt.timedelta(), now: dt.datetime) -> None:
    """So many people, each with one written message that is due from `at` on, spread evenly."""
    inquiries = Inquiry.objects.bulk_create(
        Inquiry(created_at=now, time_zone="America/New_York", consent_contact_at=now, consent_text_version="1")
        for _ in range(count)
    )
    addresses = [f"m{inquiry.pk.hex}@example.com" for inquiry in inquiries]
    Contact.objects.bulk_create(
        Contact(inquiry=inquiry, given_name="Ana", email=address, email_index=blind_index("email", address))
        for inquiry, address in zip(inquiries, addresses, strict=True)
    )
    told = Activity.objects.bulk_create(
        Activity(inquiry=inquiry, number=1, kind="inquiry.received", actor="patient", at=now, digest="", planned_at=now)
        for inquiry in inquiries
    )
    rows = [
        _row(activity, address, at + over * (nth / count))
        for nth, (activity, address) in enumerate(zip(told, addresses, strict=True))
    ]
    Notification.objects.bulk_create(rows)
    while writing.write_ahead(now=at + over):
        pass


def _row(activity: Activity, address: str, due_at: dt.datetime) -> Notification:
    identity = uuid4()
    return Notification(
        id=identity,
        inquiry_id=activity.inquiry_id,
        activity=activity,
        kind="inquiry_received",
        recipient_index=blind_index("email", address),
        due_at=due_at,
        try_at=due_at,
        expires_at=due_at + dt.timedelta(days=1),
        message_id=f"<{identity.hex}@bench.invalid>",
    )


def sent_long_ago(count: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("set statement_timeout = 0")  # millions of rows take longer than a request may
        cursor.execute(SENT_LONG_AGO, [count])
        cursor.execute("analyze notifications_notification")
