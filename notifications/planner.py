"""From what happened to the ledger: each activity is planned exactly once, in the order in which it happened."""

import datetime as dt
import logging
from collections import Counter
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

from celery.exceptions import SoftTimeLimitExceeded
from django.conf import settings
from django.db import connection, transaction
from django.db.models import F, Q

from inquiries.models import Activity, StaffMember
from inquiries.privacy import blind_index
from notifications import flood
from notifications.circumstances import Circumstances, reader_of
from notifications.facts import Message, Scope
from notifications.models import Notification
from notifications.plan import EARLIER, EVERYBODY, NUDGE, SECOND
from notifications.readers import Recipient, Staff
from notifications.webhooks import telling

logger = logging.getLogger(__name__)
Kind, Reason, Status = Notification.Kind, Notification.Reason, Notification.Status
PLANNER_LOCK = (0x46D, 0)
ROLE_OF_VARIANT = {NUDGE: StaffMember.Role.COORDINATOR, SECOND: StaffMember.Role.MANAGER}


@transaction.atomic
def plan_pending(*, now: dt.datetime, limit: int = 200) -> int:
    """Plan what happened and is not planned yet, oldest first; how many activities were.

    One planner works at a time: a second one finds nothing to do. An activity that can't be planned is left, with
    the later ones of its inquiry, and the others go on, however many are left.
    """
    if not alone():
        return 0
    left: set[UUID] = set()
    while activities := _pending(but_of=left, limit=limit):
        planned = _plan(activities, now=now)
        if planned:
            return len(planned)
        left |= {activity.inquiry_id for activity in activities}
    return 0


def _pending(*, but_of: set[UUID], limit: int) -> list[Activity]:
    pending = Activity.objects.unplanned().exclude(inquiry__in=but_of)
    locked = pending.select_for_update(skip_locked=True, of=("self",))
    return list(locked.select_related("inquiry__contact", "staff_member")[:limit])


def _plan(activities: list[Activity], *, now: dt.datetime) -> set[int]:
    """The ids of those that could be planned: all at once, or story by story where one of them can't be."""
    circumstances = Circumstances.of(activities)
    try:
        with transaction.atomic():
            store(activities, circumstances)
        planned = {activity.pk for activity in activities}
    except SoftTimeLimitExceeded:
        raise
    except Exception:
        planned = _plan_stories(activities, circumstances)
    Activity.objects.filter(pk__in=planned).update(planned_at=now)
    telling.plan((activity for activity in activities if activity.pk in planned), now=now)
    _unwrite({activity.inquiry_id for activity in activities})
    return planned


def _unwrite(inquiries: set[UUID]) -> None:
    """What was written ahead of time is written anew: what happened may have changed how it reads, or where it goes."""
    ahead = Notification.objects.filter(inquiry__in=inquiries, status=Status.DUE, attempts=0).exclude(body="")
    ahead.update(body="")


def alone() -> bool:
    """Whether no other planner works, until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_try_advisory_xact_lock(%s, %s)", PLANNER_LOCK)
        return bool(cursor.fetchone()[0])


def _plan_stories(activities: list[Activity], circumstances: Circumstances) -> set[int]:
    """The ids of the activities that could be planned; of a story none after one that couldn't."""
    planned: set[int] = set()
    broken: set[UUID] = set()
    for activity in activities:
        if activity.inquiry_id in broken:
            continue
        try:
            with transaction.atomic():
                store([activity], circumstances)
        except SoftTimeLimitExceeded:
            raise
        except Exception:
            logger.exception("activity %s of inquiry %s can't be planned", activity.pk, activity.inquiry_id)
            broken.add(activity.inquiry_id)
        else:
            planned.add(activity.pk)
    return planned


def store(activities: list[Activity], circumstances: Circumstances) -> None:
    """Write their plans into the ledger, of each inquiry in order; doing it again changes nothing."""
    for chapter in _chapters(activities):
        rows = [row for activity in chapter for row in _rows_planned(activity, circumstances)]
        Notification.objects.bulk_create(rows, ignore_conflicts=True)


def _chapters(activities: list[Activity]) -> list[list[Activity]]:
    """The first of each inquiry, then the second of each, and so on: what was planned is there before it is undone."""
    chapters: list[list[Activity]] = []
    read: Counter[UUID] = Counter()
    for activity in activities:
        if read[activity.inquiry_id] == len(chapters):
            chapters.append([])
        chapters[read[activity.inquiry_id]].append(activity)
        read[activity.inquiry_id] += 1
    return chapters


def _rows_planned(activity: Activity, circumstances: Circumstances) -> list[Notification]:
    """The rows of its messages, not saved yet; what was planned earlier and is no longer true is cancelled."""
    made = circumstances.plan(activity)
    if activity.number > 1:
        _supersede(activity, made.supersedes)
    if activity.kind == "inquiry.reopened":
        _resume(activity, circumstances)
    if activity.kind == "inquiry.erased":
        Notification.objects.filter(inquiry=activity.inquiry_id).update(body="")
    return [row for message in made.messages for row in rows_of(message, activity, circumstances.staff)]


def _supersede(activity: Activity, scope: Scope) -> None:
    """Cancel what is open and no longer true; what is just being sent is left to who sends it."""
    about_appointment = Q(appointment=activity.appointment_id, appointment__isnull=False)
    about_inquiry = Q(inquiry=activity.inquiry_id, appointment=None) & ~Q(kind=Kind.URGENT_INQUIRY)
    untrue = {
        Scope.NOTHING: Q(pk=None),
        Scope.REMINDERS: Q(inquiry=activity.inquiry_id, kind=Kind.REMINDER),
        Scope.URGENT: Q(inquiry=activity.inquiry_id, kind=Kind.URGENT_INQUIRY),
        Scope.ACKNOWLEDGEMENTS: about_inquiry,
        Scope.EARLIER: about_appointment & Q(kind=Kind.TIMES_PROPOSED, variant__startswith=EARLIER),
        Scope.APPOINTMENT: about_appointment,
        Scope.REQUEST: about_appointment | about_inquiry,
        Scope.PATIENT: Q(inquiry=activity.inquiry_id, kind__in=Notification.PATIENT_KINDS),
        Scope.EVERYTHING: Q(inquiry=activity.inquiry_id) & ~Q(kind__in=Notification.OF_ERASURE),
    }[scope]
    reasons = {
        Scope.EVERYTHING: Reason.ERASED,
        Scope.REMINDERS: Reason.NO_CONSENT,
        Scope.PATIENT: Reason.NO_CONTACT,
    }
    reason = reasons.get(scope, Reason.SUPERSEDED)
    earlier = Notification.objects.waiting().filter(untrue, activity__lt=activity.pk)
    if earlier.update(status=Status.CANCELLED, reason=reason, try_at=None):
        flood.speak_for_themselves(inquiry=activity.inquiry_id, now=activity.at)


def _resume(activity: Activity, circumstances: Circumstances) -> None:
    """What was kept from somebody who asked not to be contacted counts again: what is to come, and what is news still.

    What is no longer true ends when it is claimed.
    """
    kept = Notification.objects.filter(inquiry=activity.inquiry_id, reason=Reason.NO_CONTACT)
    if reader_of(activity.inquiry, None, refusing=circumstances.refusing).unreachable:
        return
    wanted = kept.filter(Q(due_at__gt=activity.at) | Q(kind__in=Notification.NEWS, expires_at__gt=activity.at))
    wanted.update(status=Status.DUE, reason="", try_at=F("due_at"))


def rows_of(message: Message, activity: Activity, staff: Staff) -> list[Notification]:
    """A row for each reader: the patient, or those of the staff who have an address."""
    if message.kind in Notification.PATIENT_KINDS:
        return [row_of(message, activity, (None, activity.inquiry.contact.email.reveal()))]
    on_call = message.kind == Kind.URGENT_INQUIRY and not message.variant.startswith(EVERYBODY)
    recipients = staff.on_call if on_call else staff.of_role(ROLE_OF_VARIANT.get(message.variant, ""))
    return rows_for(message, recipients, _about(activity))


def rows_for(message: Message, recipients: list[Recipient], about: dict[str, Any]) -> list[Notification]:
    """A row for each of the staff; one that is skipped where nobody has an address."""
    if not recipients:
        return [_row(replace(message, skip=Reason.NO_EMAIL), (None, ""), about)]
    return [_row(message, recipient, about) for recipient in recipients]


def _about(activity: Activity) -> dict[str, Any]:
    appointment = activity.appointment_id
    return {"inquiry_id": activity.inquiry_id, "appointment_id": appointment, "activity": activity}


def _status(skip: str) -> str:
    if skip == Reason.BOUNCED:
        return Status.SUPPRESSED
    return Status.SKIPPED if skip else Status.DUE


def row_of(message: Message, activity: Activity, recipient: Recipient) -> Notification:
    """The message as a row of the ledger, not saved yet."""
    return _row(message, recipient, _about(activity))


def _row(message: Message, recipient: Recipient, about: dict[str, Any]) -> Notification:
    member, address = recipient
    identity = uuid4()
    return Notification(
        id=identity,
        **about,
        kind=message.kind,
        variant=message.variant,
        sequence=message.sequence,
        staff_member=member,
        recipient_index=blind_index("email", address) if address else "",
        due_at=message.due_at,
        expires_at=message.expires_at,
        status=_status(message.skip),
        reason=message.skip,
        try_at=None if message.skip else message.due_at,
        message_id=f"<{identity.hex}@{settings.MESSAGE_ID_DOMAIN}>",
    )
