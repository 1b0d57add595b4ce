"""The append-only log. Every change of state tells it here, in the transaction of the change.

Each inquiry's activities form a chain: a row's digest covers its content and the digest before it, keyed, and the
inquiry keeps the head. Altering, adding or removing a row behind the application's back breaks the chain.
"""

import hashlib
import hmac
import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from django.db.backends.postgresql.psycopg_any import Jsonb

from inquiries.models import Activity, Inquiry, StaffMember

By = StaffMember | Activity.Actor
PATIENT = Activity.Actor.PATIENT
SYSTEM = Activity.Actor.SYSTEM


# Every change of anything runs these two, so they are plain: lock the chain's head, then add a row and move the head.
HEAD = "select activity_count, story_digest from inquiries_inquiry where id = %s for update"
APPEND = """
with told as (
    insert into inquiries_activity
        (inquiry_id, number, kind, appointment_id, actor, staff_member_id, at, facts, digest)
    values (%(inquiry_id)s, %(number)s, %(kind)s, %(appointment_id)s, %(actor)s, %(staff_member_id)s, %(at)s,
        %(facts)s, %(digest)s)
)
update inquiries_inquiry set activity_count = %(number)s, story_digest = %(digest)s where id = %(inquiry_id)s
"""


def tell(
    *,
    inquiry_id: UUID,
    kind: str,
    by: By,
    now: datetime,
    appointment_id: UUID | None = None,
    facts: dict[str, Any] | None = None,
) -> None:
    """Append one activity. `facts` must be JSON and must name no personal fact."""
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("An activity is told in the transaction of the change that it tells of.")
    with connection.cursor() as cursor:
        cursor.execute(HEAD, [inquiry_id])
        count, digest = cursor.fetchone()
        activity = Activity(
            inquiry_id=inquiry_id,
            number=count + 1,
            kind=kind,
            appointment_id=appointment_id,
            actor=Activity.Actor.STAFF if isinstance(by, StaffMember) else by,
            staff_member=by if isinstance(by, StaffMember) else None,
            at=now,
            facts=facts or {},
        )
        activity.digest = digest_of(activity, after=digest)
        cursor.execute(APPEND, {**vars(activity), "facts": Jsonb(activity.facts)})


def digest_of(activity: Activity, *, after: str) -> str:
    """The keyed SHA-256 (64 hex digits) of the activity's content and the digest before it."""
    content = [
        str(activity.inquiry_id),
        activity.number,
        activity.kind,
        str(activity.appointment_id),
        activity.actor,
        activity.staff_member_id,
        activity.at.isoformat(),
        activity.facts,
        after,
    ]
    key = hashlib.sha256(b"story:" + settings.SECRET_KEY.encode()).digest()
    return hmac.new(key, json.dumps(content, sort_keys=True).encode(), hashlib.sha256).hexdigest()


def broken_chains() -> Iterator[UUID]:
    """The inquiries whose story is not as it was told."""
    for inquiry in Inquiry.objects.only("activity_count", "story_digest").order_by("pk").iterator():
        digest, number = "", 0
        for number, activity in enumerate(inquiry.activities.order_by("number"), start=1):
            expected = digest_of(activity, after=digest)
            if activity.number != number or not hmac.compare_digest(activity.digest, expected):
                break
            digest = activity.digest
        if (number, digest) != (inquiry.activity_count, inquiry.story_digest):
            yield inquiry.pk
