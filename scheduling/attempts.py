"""Trying to reach somebody for their call. Two attempts in vain: the call is missed, and one follow-up stays.

Keyword functions, each one transaction, each telling the story. `by` is a staff member, `now` an aware instant.
"""

import datetime as dt

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from inquiries import story
from inquiries.models import StaffMember
from scheduling import booking, slots
from scheduling.availability import after_open_time
from scheduling.booking import rules
from scheduling.diaries import office_diary
from scheduling.models import Appointment, CallAttempt, FollowUp
from scheduling.moments import local

ENOUGH = 2
HORIZON = dt.timedelta(days=30)
Status, Result = Appointment.Status, CallAttempt.Result


class VoicemailNotWanted(booking.Refusal):
    """They asked that no voicemail be left. Record it as no answer."""

    code = "voicemail_not_wanted"
    sentence = _("They asked that no voicemail be left. Record it as no answer.")


class AttemptKnown(booking.Refusal):
    """Somebody has recorded this attempt already."""

    code = "attempt_known"
    sentence = _("Somebody has recorded this attempt already.")


def can_be_tried(appointment: Appointment, now: dt.datetime) -> bool:
    """Whether an attempt can be recorded: from the start of the call on, until it was held."""
    begun = appointment.status == Status.BOOKED and appointment.start <= now
    return begun or appointment.status == Status.NOSHOW


@transaction.atomic
def record(*, appointment: Appointment, result: str, number: int, by: StaffMember, now: dt.datetime) -> CallAttempt:
    """They were not reached. `number` is the attempt's, so that a second press records nothing more.

    The second one marks the call as missed, which plans the one mail about it, and leaves a follow-up.
    Raises VoicemailNotWanted, AttemptKnown, InvalidTransition.
    """
    row = rules.lock_any(appointment)
    if not can_be_tried(row, now):
        raise booking.InvalidTransition(row.status, row.version)
    if result == Result.VOICEMAIL and not row.inquiry.voicemail_ok:
        raise VoicemailNotWanted
    if number != row.attempts.count() + 1:
        raise AttemptKnown
    attempt = CallAttempt.objects.create(appointment=row, number=number, result=result, at=now, by=by)
    facts = {"appointment": str(row.pk), "number": number, "result": result}
    story.tell(inquiry_id=row.inquiry_id, kind="inquiry.call_attempted", by=by, now=now, facts=facts)
    if number >= ENOUGH:
        FollowUp.objects.get_or_create(appointment=row, defaults={"due_at": next_opening(now), "made_at": now})
        if row.status == Status.BOOKED:
            booking.mark_no_show(appointment=row, by=by, now=now)
    return attempt


def next_opening(now: dt.datetime) -> dt.datetime:
    """When the office opens next, from tomorrow on; tomorrow at midnight where it has no hours."""
    zone = settings.CLINIC_TIME_ZONE
    tomorrow = slots.local_midnight(local(now, zone).date() + dt.timedelta(days=1), zone)
    office = office_diary(start=tomorrow, end=tomorrow + HORIZON)
    opens = slots.instant(after_open_time(office, slots.seconds(tomorrow), 0, within_days=HORIZON.days))
    return opens if opens < tomorrow + HORIZON else tomorrow


@transaction.atomic
def settle(*, appointment: Appointment, by: StaffMember, now: dt.datetime) -> None:
    """Nobody need try again: they were spoken with, or it was let rest. Doing it twice changes nothing."""
    waiting = FollowUp.objects.filter(appointment=appointment, settled_at=None)
    if waiting.update(settled_at=now, settled_by=by):
        facts = {"appointment": str(appointment.pk)}
        story.tell(inquiry_id=appointment.inquiry_id, kind="inquiry.followed_up", by=by, now=now, facts=facts)
