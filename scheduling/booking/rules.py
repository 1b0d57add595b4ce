"""Which verb is allowed in which state, and the compare-and-set that every verb goes through."""

import datetime as dt
from typing import Any

from inquiries import intake, story
from inquiries.models import StaffMember
from scheduling.booking.errors import InvalidTransition, StaleVersion
from scheduling.booking.freeing import note_freed
from scheduling.models import Appointment

Status = Appointment.Status

# verb: the states it starts from
TRANSITIONS: dict[str, frozenset[str]] = {
    "confirm": frozenset({Status.PENDING}),
    "decline": frozenset({Status.PENDING}),
    "propose": frozenset({Status.PENDING, Status.PROPOSED}),
    "reschedule": frozenset({Status.PENDING, Status.PROPOSED, Status.BOOKED}),
    "reassign": frozenset({Status.PENDING, Status.BOOKED}),
    "cancel": frozenset({Status.PENDING, Status.PROPOSED, Status.BOOKED}),
    "complete": frozenset({Status.BOOKED}),
    "no_show": frozenset({Status.BOOKED}),
    "call_back": frozenset({Status.NOSHOW}),
    "accept": frozenset({Status.PROPOSED}),
    "refuse": frozenset({Status.PROPOSED}),
    "withdraw": frozenset({Status.PENDING, Status.PROPOSED, Status.BOOKED}),
    "ask_to_move": frozenset({Status.PENDING, Status.PROPOSED, Status.BOOKED}),
    "confirm_attendance": frozenset({Status.BOOKED}),
    "expire": frozenset({Status.PENDING, Status.PROPOSED}),
    "displace": frozenset({Status.PENDING, Status.PROPOSED, Status.BOOKED}),
    "want_earlier": frozenset({Status.BOOKED}),
    "offer_earlier": frozenset({Status.BOOKED}),
    "take_earlier": frozenset({Status.BOOKED}),
    "refuse_earlier": frozenset({Status.BOOKED}),
    "lapse_earlier": frozenset({Status.BOOKED}),
}
PATIENT_VERBS = ("accept", "refuse", "ask_to_move", "withdraw", "confirm_attendance", "want_earlier")
STAFF_VERBS = (
    "confirm",
    "propose",
    "decline",
    "reschedule",
    "reassign",
    "cancel",
    "complete",
    "no_show",
    "call_back",
    "want_earlier",
)
BEFORE_IT_BEGINS = frozenset(
    {
        "confirm",
        "accept",
        "ask_to_move",
        "confirm_attendance",
        "withdraw",
        "reschedule",
        "propose",
        "want_earlier",
    }
)
ONCE_BEGUN = frozenset({"complete", "no_show", "call_back"})


def allowed_verbs(appointment: Appointment, *, of: tuple[str, ...], now: dt.datetime) -> list[str]:
    """The verbs among `of` that the appointment's state and the clock allow."""
    too_late_or_early = BEFORE_IT_BEGINS if appointment.start <= now else ONCE_BEGUN
    return [verb for verb in of if appointment.status in TRANSITIONS[verb] and verb not in too_late_or_early]


def lock(appointment: Appointment, verb: str, *, version: int | None = None) -> Appointment:
    """The appointment's row, locked and as it is now.

    Raises StaleVersion when `version` is given and no longer the current one, InvalidTransition when the state
    forbids the verb.
    """
    row = lock_any(appointment, version=version)
    if row.status not in TRANSITIONS[verb] or row.held_for_id is not None:
        raise InvalidTransition(row.status, row.version)
    return row


def lock_any(appointment: Appointment, *, version: int | None = None) -> Appointment:
    """The appointment's row, locked, whatever its state. Raises StaleVersion."""
    rows = Appointment.objects.select_for_update(of=("self",)).select_related("appointment_type", "inquiry")
    row = rows.get(pk=appointment.pk)
    if version is not None and row.version != version:
        raise StaleVersion(row.status, row.version)
    return row


def refuse_once_begun(row: Appointment, now: dt.datetime, *, start: dt.datetime | None = None) -> None:
    """Nobody agrees on a call (at `start`, else the row's) that has begun. Raises InvalidTransition."""
    if (start or row.start) <= now:
        raise InvalidTransition(row.status, row.version)


def snapshot(row: Appointment) -> dict[str, Any]:
    """What a decision changes, as JSON: what `undo` goes back to, and what messages say the old time was."""
    holds = list(row.holds.order_by("start", "pk"))
    kept = next((hold for hold in holds if hold.status == Status.BOOKED), None)
    offers = [hold for hold in holds if hold.status == Status.PROPOSED]
    return {
        "status": row.status,
        "reason": row.reason,
        "practitioner": row.practitioner_id,
        "start": row.start.isoformat(),
        "end": row.end.isoformat(),
        "answer_by": row.answer_by and row.answer_by.isoformat(),
        "held_until": row.held_until and row.held_until.isoformat(),
        "attendance": row.attendance_confirmed_at and row.attendance_confirmed_at.isoformat(),
        "outcome": row.outcome,
        "kept": kept and {"start": kept.start.isoformat(), "practitioner": kept.practitioner_id},
        "offers": [
            {"id": str(offer.pk), "start": offer.start.isoformat(), "practitioner": offer.practitioner_id}
            for offer in offers
        ],
    }


def write(
    row: Appointment,
    *,
    kind: str,
    by: story.By,
    now: dt.datetime,
    facts: dict[str, Any] | None = None,
    before: dict[str, Any] | None = None,
    **changes: Any,
) -> Appointment:
    """Save the changes of a locked row as its next version, and tell the story as `appointment.<kind>`.

    The time that it frees is kept for those who would rather be called earlier.

    `before` is the snapshot of the row, for verbs that freed its further holds before writing.
    """
    before = before or snapshot(row)
    for name, value in changes.items():
        setattr(row, name, value)
    row.version += 1
    row.save(update_fields=[*changes, "version"])
    note_freed(row, before=before, now=now)
    if isinstance(by, StaffMember):
        intake.take_up(inquiry=row.inquiry, now=now)
    tell(row, kind=kind, by=by, now=now, facts={**(facts or {}), "before": before})
    return row


def tell(row: Appointment, *, kind: str, by: story.By, now: dt.datetime, facts: dict[str, Any]) -> None:
    """Tell the story of a change, with what its readers need to know of the appointment after it."""
    after = {
        "status": row.status,
        "reason": row.reason,
        "version": row.version,
        "sequence": row.sequence,
        "practitioner": row.practitioner_id,
        "start": row.start.isoformat(),
        "end": row.end.isoformat(),
        "answer_by": row.answer_by and row.answer_by.isoformat(),
        "held_until": row.held_until and row.held_until.isoformat(),
    }
    story.tell(
        inquiry_id=row.inquiry_id,
        appointment_id=row.pk,
        kind=f"appointment.{kind}",
        by=by,
        now=now,
        facts={**facts, **after},
    )
