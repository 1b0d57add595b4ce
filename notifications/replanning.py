"""The reminders of calls to come, planned anew when somebody has changed the rules of their appointment type.

What was sent stays sent, what is wanted no more is cancelled, and what is new is only due when its moment is still to
come: changing a rule never sends anything at once. Who would be reminded no more, because every new moment has passed,
keeps the last of the old ones.
"""

import datetime as dt
import logging
from collections import defaultdict
from dataclasses import replace
from uuid import UUID

from django.db import transaction

from inquiries.models import Activity
from notifications import planner
from notifications.circumstances import Circumstances
from notifications.facts import Message
from notifications.models import Notification, PlannedRules
from notifications.plan import PLANS_REMINDERS
from scheduling.models import Appointment, AppointmentType

logger = logging.getLogger(__name__)
Kind, Reason, Status = Notification.Kind, Notification.Reason, Notification.Status
Row = Notification
# How a reminder that is not wanted, or was not, can have ended without anybody being reminded or told otherwise.
SET_ASIDE = {(Status.SKIPPED, Reason.TOO_LATE), (Status.SKIPPED, Reason.NIGHT), (Status.CANCELLED, Reason.RULES)}


@transaction.atomic
def replan_changed(*, now: dt.datetime) -> int:
    """Bring the plans of calls to come up to date with their types' rules; how many calls were looked at."""
    changed = [
        kind for kind in AppointmentType.objects.select_related("planned_rules").order_by("pk") if _differs(kind)
    ]
    if not changed or not planner.alone():
        return 0
    return sum(_bring_in(kind, now) for kind in changed)


def _bring_in(kind: AppointmentType, now: dt.datetime) -> int:
    """Rules that can't be followed keep nobody from being reminded by the old ones."""
    try:
        with transaction.atomic():
            looked_at = _replan(kind, now) if hasattr(kind, "planned_rules") else 0
            planned = {"offsets_minutes": kind.reminder_offsets_minutes, "quiet_minutes": kind.reminder_quiet_minutes}
            PlannedRules.objects.update_or_create(appointment_type=kind, defaults=planned)
    except Exception:
        logger.exception("the new reminder rules of %s can't be planned", kind.slug)
        return 0
    return looked_at


def _differs(kind: AppointmentType) -> bool:
    """A type that is new has no reminders yet that were planned by other rules."""
    planned: PlannedRules | None = getattr(kind, "planned_rules", None)
    own = (sorted(kind.reminder_offsets_minutes), kind.reminder_quiet_minutes)
    return planned is None or (sorted(planned.offsets_minutes), planned.quiet_minutes) != own


def _replan(kind: AppointmentType, now: dt.datetime) -> int:
    calls = Appointment.objects.upcoming(now).filter(appointment_type=kind, start__gt=now)
    found = {call.pk: call for call in calls.select_related("appointment_type", "inquiry__contact")}
    existing: dict[UUID | None, list[Row]] = defaultdict(list)
    for row in Row.objects.filter(appointment__in=found, kind=Kind.REMINDER).defer("body").select_for_update():
        existing[row.appointment_id].append(row)
    reasons = _reasons(found)
    circumstances = Circumstances.of(reasons)
    for activity in reasons:
        call = found.get(activity.appointment_id) if activity.appointment_id else None
        if call is not None and activity.facts["sequence"] == call.sequence:
            known = {row.variant: row for row in existing[call.pk] if row.sequence == call.sequence}
            reminders = [each for each in circumstances.plan(activity).messages if each.kind == Kind.REMINDER]
            _bring_up_to_date(activity, reminders, known, now)
    return len(found)


def _reasons(calls: dict[UUID, Appointment]) -> list[Activity]:
    """The last activity of each call that its reminders are planned from. What is not planned yet, will be anyway."""
    told = Activity.objects.filter(appointment_id__in=calls, kind__in=PLANS_REMINDERS, facts__status="booked")
    newest = told.order_by("appointment_id", "-pk").distinct("appointment_id")
    return [activity for activity in newest.select_related("inquiry__contact") if activity.planned_at is not None]


def _bring_up_to_date(activity: Activity, reminders: list[Message], known: dict[str, Row], now: dt.datetime) -> None:
    for wanted in reminders:
        row = known.pop(wanted.variant, None)
        late = not wanted.skip and wanted.due_at <= now
        message = replace(wanted, skip=Reason.TOO_LATE) if late else wanted
        if row is None:
            address = activity.inquiry.contact.email.reveal()
            planner.row_of(message, activity, (None, address)).save(force_insert=True)
        elif (_is_open(row) and not late) or (row.status, row.reason) in SET_ASIDE:
            _plan_anew(row, message)
    unwanted = sorted((row for row in known.values() if _is_kept(row)), key=lambda row: row.due_at)
    # who would hear nothing more by the new rules, because they came too late, is reminded once more by the old ones
    if reminders and all(wanted.due_at <= now for wanted in reminders):
        unwanted = unwanted[:-1]
    gone = Row.objects.filter(pk__in=[row.pk for row in unwanted])
    gone.update(status=Status.CANCELLED, reason=Reason.RULES, try_at=None)


def _is_open(row: Row) -> bool:
    """Due, and nobody has tried to send it yet."""
    return row.status == Status.DUE and row.attempts == 0


def _is_kept(row: Row) -> bool:
    """Still to be sent, if only when the person may be contacted again."""
    return _is_open(row) or row.reason == Reason.NO_CONTACT


def _plan_anew(row: Row, message: Message) -> None:
    Row.objects.filter(pk=row.pk).update(
        due_at=message.due_at,
        expires_at=message.expires_at,
        status=Status.SKIPPED if message.skip else Status.DUE,
        reason=message.skip,
        try_at=None if message.skip else message.due_at,
    )
