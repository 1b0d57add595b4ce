"""Taking the last decision of staff back, within `UNDO_SECONDS` of it, while its mail waits."""

import datetime as dt
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction

from inquiries import intake
from inquiries.models import DO_NOT_CONTACT, Activity, StaffMember
from scheduling import slots
from scheduling.booking import holding, rules
from scheduling.booking.errors import InvalidTransition, NothingToUndo
from scheduling.booking.moving import an_offer, keep_old_time, move_to
from scheduling.models import Appointment

Status = Appointment.Status
UNDOABLE = (
    "confirmed",
    "declined",
    "proposed",
    "rescheduled",
    "reassigned",
    "cancelled",
    "completed",
    "missed",
    "called_back",
    "move_declined",
)
# What a snapshot must tell; one of older code, as in the minute after an upgrade, may not.
NEEDED = frozenset(
    {"status", "reason", "practitioner", "start", "answer_by", "held_until", "attendance", "outcome", "kept", "offers"}
)


@transaction.atomic
def undo(*, appointment: Appointment, by: StaffMember, now: dt.datetime, version: int | None = None) -> Appointment:
    """Take back the last decision of staff about the appointment, within `UNDO_SECONDS` of it.

    Raises NothingToUndo (also when older code did not tell all that it takes), SlotTaken when the time it needs has
    gone to somebody else, StaleVersion, InvalidTransition when something happened to the appointment meanwhile.
    """
    told = _last_told_of(appointment)
    if told is None or not _can_be_undone(told, now):
        raise NothingToUndo
    before = told.facts["before"]
    kept, offers = before["kept"], before["offers"] if before["status"] == Status.PROPOSED else []
    times = [before, *offers, *([kept] if kept else [])]
    holding.lock_practitioners([appointment.practitioner_id, *(time["practitioner"] for time in times)])
    row = rules.lock_any(appointment, version=version)
    if _last_told_of(row) != told:
        raise InvalidTransition(row.status, row.version)
    holding.release(row)
    changes = _restored(row, before, now=now)
    rules.write(row, kind="undone", by=by, now=now, facts={"undone": told.kind}, **changes)
    if told.facts.get("outcome") == DO_NOT_CONTACT:
        intake.reopen(inquiry=row.inquiry, by=by, now=now)
    if kept:
        start = dt.datetime.fromisoformat(kept["start"])
        kind = row.appointment_type
        old = (kept["practitioner"], start, slots.end_of(kind, start), slots.occupied(kind, start))
        keep_old_time(row, old, now=now, even_closed=False)
    for offer in offers:
        _offer_again(row, offer, now=now)
    return row


def _offer_again(row: Appointment, offer: dict[str, Any], *, now: dt.datetime) -> None:
    """Another time that was on offer beside the row's own, under the id that the patient's page knows it by."""
    assert row.held_until is not None  # noqa: S101 - times on offer have an end
    held = an_offer(row, dt.datetime.fromisoformat(offer["start"]), row.held_until, now)
    held.pk = UUID(offer["id"])
    holding.take(held, options=[(offer["practitioner"], row.choice)], now=now)


def _last_told_of(appointment: Appointment) -> Activity | None:
    return Activity.objects.filter(appointment_id=appointment.pk).order_by("-pk").first()


def _can_be_undone(told: Activity, now: dt.datetime) -> bool:
    in_time = told.at + dt.timedelta(seconds=settings.UNDO_SECONDS) > now
    by_staff = told.actor == Activity.Actor.STAFF and told.kind.removeprefix("appointment.") in UNDOABLE
    return in_time and by_staff and told.facts.get("before", {}).keys() >= NEEDED


def _restored(row: Appointment, before: dict[str, Any], *, now: dt.datetime) -> dict[str, Any]:
    """The changes that bring a row back to a snapshot; a time that it needs again is taken again."""
    start = dt.datetime.fromisoformat(before["start"])
    changes: dict[str, Any] = {"sequence": row.sequence + 1}
    if before["status"] in Appointment.HOLDING:
        changes = move_to(row, start=start, options=[(before["practitioner"], row.choice)], now=now)
    held_until = before["held_until"] and dt.datetime.fromisoformat(before["held_until"])
    answer_by = before["answer_by"] and dt.datetime.fromisoformat(before["answer_by"])
    attendance = before["attendance"] and dt.datetime.fromisoformat(before["attendance"])
    plain = {name: before[name] for name in ("status", "reason", "outcome")}
    instants = {"held_until": held_until, "answer_by": answer_by, "attendance_confirmed_at": attendance}
    return {**changes, **plain, **instants}
