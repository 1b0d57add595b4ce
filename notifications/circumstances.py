"""What the plan of an activity is made from, read from the database: what happened, to whom, and what they know."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Self
from uuid import UUID

from django.conf import settings

from inquiries.models import Activity, Inquiry
from notifications import bounces
from notifications.facts import Happening, Plan, Reader, Rules, Told
from notifications.models import Notification, NotificationQuerySet
from notifications.plan import plan
from notifications.readers import Staff
from scheduling import diaries, slots
from scheduling.availability import after_open_time
from scheduling.models import Appointment

Kind, Reason, Status = Notification.Kind, Notification.Reason, Notification.Status
ALERT_AGAIN_MINUTES = (10, 30)
ALERT_HORIZON = dt.timedelta(days=60)
NEEDS_TO_KNOW_WHAT_WAS_TOLD = ("appointment.undone", "appointment.offers_refused")


@dataclass(frozen=True)
class Circumstances:
    """What is known of the activities of a batch. `with_a_time` holds the ids of those that one letter tells of."""

    appointments: dict[UUID, Appointment]
    refusing: set[str]
    with_a_time: set[int]
    staff: Staff

    @classmethod
    def of(cls, activities: list[Activity]) -> Self:
        calls = {activity.appointment_id for activity in activities if activity.appointment_id}
        return cls(
            appointments=Appointment.objects.select_related("appointment_type").in_bulk(calls) if calls else {},
            refusing=_refusing(activity.inquiry for activity in activities),
            with_a_time=_came_with_a_time(activities),
            staff=Staff(),
        )

    def plan(self, activity: Activity) -> Plan:
        call = self.appointments.get(activity.appointment_id) if activity.appointment_id else None
        return plan(
            happening_of(activity, call, with_a_time=activity.pk in self.with_a_time),
            reader=reader_of(activity.inquiry, call, refusing=self.refusing),
            rules=rules_of(call),
            told=told_of(activity),
        )


def happening_of(activity: Activity, appointment: Appointment | None, *, with_a_time: bool = False) -> Happening:
    """What the activity says, whenever it is read."""
    facts = activity.facts
    answer_by, held_until = _promise(facts, appointment)
    return Happening(
        kind=activity.kind,
        at=activity.at,
        by=activity.actor,
        urgent=bool(facts.get("urgent")),
        choosing=bool(facts.get("choosing")),
        has_appointment=with_a_time,
        status=facts.get("status", ""),
        was=facts.get("before", {}).get("status", ""),
        sequence=facts.get("sequence", 0),
        version=facts.get("version", 0),
        start=_instant(facts.get("start")),
        answer_by=answer_by,
        held_until=held_until,
        until=_instant(facts.get("until")),
        alert_again=in_open_time(activity.at, ALERT_AGAIN_MINUTES) if facts.get("urgent") else (),
    )


def _promise(facts: dict[str, Any], appointment: Appointment | None) -> tuple[dt.datetime | None, dt.datetime | None]:
    """(answer by, held until) after the activity; as they are now where older code did not tell them."""
    if appointment is not None and "answer_by" not in facts:
        return appointment.answer_by, appointment.held_until
    return _instant(facts.get("answer_by")), _instant(facts.get("held_until"))


def _instant(said: str | None) -> dt.datetime | None:
    return dt.datetime.fromisoformat(said) if said else None


def in_open_time(at: dt.datetime, minutes: tuple[int, ...]) -> tuple[dt.datetime, ...]:
    """So many minutes of the office's open hours later."""
    office = diaries.office_diary(start=at, end=at + ALERT_HORIZON)
    return tuple(slots.instant(after_open_time(office, slots.seconds(at), each)) for each in minutes)


def _came_with_a_time(activities: Iterable[Activity]) -> set[int]:
    """Those whose change received an inquiry and held a time for it as well, so that one letter tells of both."""
    received = [activity for activity in activities if activity.kind == "inquiry.received"]
    held = Activity.objects.filter(kind__in=("appointment.requested", "appointment.booked"))
    told = set(held.filter(inquiry__in=[each.inquiry_id for each in received]).values_list("inquiry", "at"))
    return {activity.pk for activity in received if (activity.inquiry_id, activity.at) in told}


def _refusing(inquiries: Iterable[Inquiry]) -> set[str]:
    """Digests of those of their addresses to which nothing is sent."""
    return bounces.suppressed_among({each.contact.email_index for each in inquiries if each.contact.email_index})


def reader_of(inquiry: Inquiry, appointment: Appointment | None, *, refusing: set[str]) -> Reader:
    unreachable = ""
    if inquiry.erased_at:
        unreachable = Reason.ERASED
    elif inquiry.is_not_to_be_contacted:
        unreachable = Reason.NO_CONTACT
    elif not inquiry.contact.email_index:
        unreachable = Reason.NO_EMAIL
    elif inquiry.contact_by and "email" not in inquiry.contact_by:
        unreachable = Reason.EMAIL_NOT_WANTED
    elif inquiry.contact.email_index in refusing:
        unreachable = Reason.BOUNCED
    zone = appointment.time_zone if appointment else inquiry.time_zone
    return Reader(unreachable=unreachable, reminders_ok=inquiry.reminders_ok, zone=zone)


def rules_of(appointment: Appointment | None) -> Rules:
    undo = dt.timedelta(seconds=settings.UNDO_SECONDS)
    if appointment is None:
        return Rules(undo=undo)
    kind = appointment.appointment_type
    offsets, quiet = tuple(kind.reminder_offsets_minutes), kind.reminder_quiet_minutes
    return Rules(offsets_minutes=offsets, quiet_minutes=quiet, undo=undo)


def told_of(activity: Activity) -> Told:
    """What the patient has, or may have, read last about the appointment."""
    if activity.kind not in NEEDS_TO_KNOW_WHAT_WAS_TOLD:
        return Told()
    told = Notification.objects.filter(appointment=activity.appointment_id, kind__in=Notification.PATIENT_KINDS)
    last = told.handed_over().select_related("activity").order_by("-due_at", "-activity", "pk").first()
    if last is None:
        return Told()
    start, status = _instant(last.activity.facts["start"]), last.activity.facts["status"]
    invited, reminded = told.invitations().exists(), _reminded(told, start, activity.at)
    return Told(status=status, start=start, at=last.activity.at, invited=invited, reminded=reminded)


def _reminded(told: NotificationQuerySet, start: dt.datetime | None, now: dt.datetime) -> frozenset[str]:
    """What had its moment of the reminders of that time: not what is open, only taken back, or skipped before it."""
    over = told.exclude(status__in=[Status.DUE, Status.SENDING, Status.CANCELLED]) | told.handed_over()
    past = over.filter(kind=Kind.REMINDER, due_at__lte=now).select_related("activity").defer("body")
    return frozenset(row.variant for row in past if _instant(row.activity.facts["start"]) == start)
