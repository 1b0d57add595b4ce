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
from django.db import transaction

from inquiries.models import Activity, Inquiry, StaffMember

By = StaffMember | Activity.Actor
PATIENT = Activity.Actor.PATIENT
SYSTEM = Activity.Actor.SYSTEM


def tell(
    *,
    inquiry_id: UUID,
    kind: str,
    by: By,
    now: datetime,
    appointment_id: UUID | None = None,
    facts: dict[str, Any] | None = None,
) -> Activity:
    """Append one activity. `facts` must be JSON and must name no personal fact."""
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("An activity is told in the transaction of the change that it tells of.")
    inquiry = Inquiry.objects.select_for_update().only("activity_count", "story_digest").get(pk=inquiry_id)
    activity = Activity(
        inquiry_id=inquiry_id,
        number=inquiry.activity_count + 1,
        kind=kind,
        appointment_id=appointment_id,
        actor=Activity.Actor.STAFF if isinstance(by, StaffMember) else by,
        staff_member=by if isinstance(by, StaffMember) else None,
        at=now,
        facts=facts or {},
    )
    activity.digest = digest_of(activity, after=inquiry.story_digest)
    activity.save(force_insert=True)
    Inquiry.objects.filter(pk=inquiry_id).update(activity_count=activity.number, story_digest=activity.digest)
    return activity


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
