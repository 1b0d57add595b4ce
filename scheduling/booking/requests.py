"""What the patient can do: ask for a time, move, withdraw, answer an offer, confirm attendance.

Staff who book for a caller use `request` too, with themselves as `by`.
"""

import datetime as dt
from typing import Any

from django.db import transaction

from inquiries import intake, story
from inquiries.models import Inquiry, StaffMember
from scheduling import promise, slots
from scheduling.booking import earlier, holding, persons, rules
from scheduling.booking.errors import AlreadyHasAppointment, InvalidTransition, LooksFirst, NotOffered, SlotTaken
from scheduling.booking.expiry import back_to_kept
from scheduling.booking.moving import keep_old_time, move_to, time_to_keep
from scheduling.models import Appointment, AppointmentType

Status, Reason = Appointment.Status, Appointment.Reason


@transaction.atomic
def request(
    *,
    inquiry: Inquiry,
    kind: AppointmentType,
    start: dt.datetime,
    by: story.By,
    now: dt.datetime,
    practitioner: int | None = None,
    overrule: bool = False,
    time_zone: str = "",
) -> Appointment:
    """Hold a time for the inquiry: pending, or booked at once when staff book or the type confirms by itself.

    `time_zone` is the clock that it was chosen on; that of the inquiry where it is ''.
    `overrule` (staff only) books outside the rules, knowingly; never over another call.
    Raises LooksFirst, SlotTaken, NotOffered, AlreadyHasAppointment.
    """
    if inquiry.set_aside:
        raise LooksFirst
    language = inquiry.preferred_language
    at_once = kind.auto_confirm or isinstance(by, StaffMember)
    try:
        options = holding.candidates(
            kind=kind, start=start, now=now, language=language, only=practitioner, overrule=overrule
        )
        row = _wanted(inquiry, kind, start, at_once=at_once, now=now)
        row.time_zone = time_zone or row.time_zone
        holding.take(row, options=options, now=now, language=language, overrule=overrule)
    except (SlotTaken, NotOffered):
        _refuse_second(inquiry)  # what is in the way may be their own other request
        raise
    if not isinstance(by, StaffMember):
        persons.refuse_more(inquiry, now=now)
    intake.take_up(inquiry=inquiry, now=now)
    facts = {"overruled": overrule, "choice": row.choice}
    rules.tell(row, kind="booked" if at_once else "requested", by=by, now=now, facts=facts)
    return row


def _wanted(
    inquiry: Inquiry, kind: AppointmentType, start: dt.datetime, *, at_once: bool, now: dt.datetime
) -> Appointment:
    """The row to be, which has no practitioner yet."""
    return Appointment(
        inquiry=inquiry,
        appointment_type=kind,
        status=Status.BOOKED if at_once else Status.PENDING,
        start=start,
        end=slots.end_of(kind, start),
        occupied=slots.occupied(kind, start),
        time_zone=inquiry.time_zone,
        created_at=now,
        **({} if at_once else _promised(kind, start, now)),
    )


def _promised(kind: AppointmentType, start: dt.datetime, now: dt.datetime) -> dict[str, dt.datetime]:
    answer_by, held_until = promise.made(kind=kind, start=start, now=now)
    return {"answer_by": answer_by, "held_until": held_until}


def _refuse_second(inquiry: Inquiry) -> None:
    """One open appointment a person; a unique constraint stands behind this look."""
    open_one = Appointment.objects.spoken_of().holding_time().filter(inquiry=inquiry).first()
    if open_one is not None:
        raise AlreadyHasAppointment(open_one.status, open_one.version)


@transaction.atomic
def ask_to_move(
    *, appointment: Appointment, start: dt.datetime, now: dt.datetime, version: int | None = None, time_zone: str = ""
) -> Appointment:
    """The patient wants another time: it is held and pending; a confirmed time is kept until staff have answered.

    `time_zone` is the clock that it was chosen on; that of the inquiry where it is ''.
    Raises SlotTaken, NotOffered, InvalidTransition, StaleVersion.
    """
    if start == appointment.start:
        raise NotOffered("same_time")
    kind, language = appointment.appointment_type, appointment.inquiry.preferred_language
    options = holding.candidates(kind=kind, start=start, now=now, language=language, but_not=appointment)
    holding.lock_practitioners([appointment.practitioner_id, *(option for option, _ in options)])
    row = rules.lock(appointment, "ask_to_move", version=version)
    rules.refuse_once_begun(row, now)
    kept = row.holds.filter(status=Status.BOOKED).first()
    if kept is not None and kept.start == start:
        return back_to_kept(row, kept, kind="move_withdrawn", by=story.PATIENT, now=now)
    before = rules.snapshot(row)
    holding.release(row, status=Status.PROPOSED)
    to_keep = time_to_keep(row)
    soonest = min(start, to_keep[1]) if to_keep and to_keep[1] > now else start
    changes = (
        {"status": Status.BOOKED} if kind.auto_confirm else {"status": Status.PENDING, **_promised(kind, soonest, now)}
    )
    moved = move_to(row, start=start, options=options, now=now) | changes
    moved["time_zone"] = time_zone or row.inquiry.time_zone
    rules.write(row, kind="move_requested", by=story.PATIENT, now=now, before=before, **moved)
    if to_keep and row.status == Status.PENDING:
        keep_old_time(row, to_keep, now=now)
    return row


@transaction.atomic
def withdraw(*, appointment: Appointment, now: dt.datetime, version: int | None = None) -> Appointment:
    """The patient cancels; every time held for them is free. Raises InvalidTransition, StaleVersion."""
    row = rules.lock(appointment, "withdraw", version=version)
    rules.refuse_once_begun(row, now)
    before = rules.snapshot(row)
    holding.release(row)
    changes: dict[str, Any] = {
        "status": Status.CANCELLED,
        "reason": Reason.WITHDRAWN,
        "sequence": row.sequence + 1,
        "held_until": None,
    }
    return rules.write(row, kind="withdrawn", by=story.PATIENT, now=now, before=before, **changes)


@transaction.atomic
def accept(*, appointment: Appointment, proposal: str, now: dt.datetime, version: int | None = None) -> Appointment:
    """The patient takes one of the offered times: it is booked, the others are free, in one transaction.

    A call that is booked already moves to the earlier time that it was offered.
    Raises InvalidTransition (also when the offer is not, or no longer, one of this appointment's), StaleVersion.
    """
    if appointment.status == Status.BOOKED:
        return earlier.take_earlier(appointment=appointment, proposal=proposal, now=now, version=version)
    offers = {str(offer.pk): offer for offer in offers_of(appointment, now=now)}
    holding.lock_practitioners(offer.practitioner_id for offer in offers.values())
    row = rules.lock(appointment, "accept", version=version)
    chosen = next((offer for offer in offers_of(row, now=now) if str(offer.pk) == proposal), None)
    if chosen is None:
        raise InvalidTransition(row.status, row.version)
    rules.refuse_once_begun(row, now, start=chosen.start)
    before = rules.snapshot(row)
    holding.release(row)
    time = {name: getattr(chosen, name) for name in ("practitioner_id", "start", "end", "occupied")}
    changes = {**time, "status": Status.BOOKED, "held_until": None, "sequence": row.sequence + 1}
    return rules.write(row, kind="accepted", by=story.PATIENT, now=now, before=before, **changes)


def offers_of(appointment: Appointment, *, now: dt.datetime) -> list[Appointment]:
    """The times on offer for an appointment, earliest first: its own and those held for it."""
    if appointment.status == Status.BOOKED:
        return earlier.earlier_offers(appointment, now=now)
    if appointment.status != Status.PROPOSED:
        return []
    held = Appointment.objects.filter(held_for=appointment, status=Status.PROPOSED, held_until__gt=now)
    own = [appointment] if appointment.held_until and appointment.held_until > now else []
    return sorted([*own, *held], key=lambda offer: offer.start)


@transaction.atomic
def refuse(*, appointment: Appointment, now: dt.datetime, version: int | None = None) -> Appointment:
    """None of the offered times suits: they are free, and the request ends, or the confirmed time stands (again).

    Raises InvalidTransition, StaleVersion.
    """
    if appointment.status == Status.BOOKED:
        return earlier.refuse_earlier(appointment=appointment, now=now, version=version)
    row = rules.lock(appointment, "refuse", version=version)
    kept = row.holds.filter(status=Status.BOOKED).first()
    if kept is not None:
        return back_to_kept(row, kept, kind="move_withdrawn", by=story.PATIENT, now=now)
    before = rules.snapshot(row)
    holding.release(row)
    changes: dict[str, Any] = {
        "status": Status.CANCELLED,
        "reason": Reason.REFUSED,
        "sequence": row.sequence + 1,
        "held_until": None,
    }
    return rules.write(row, kind="offers_refused", by=story.PATIENT, now=now, before=before, **changes)


@transaction.atomic
def confirm_attendance(*, appointment: Appointment, now: dt.datetime, version: int | None = None) -> Appointment:
    """The patient says that they will be there; saying it again changes nothing. Raises InvalidTransition."""
    row = rules.lock(appointment, "confirm_attendance", version=version)
    rules.refuse_once_begun(row, now)
    if row.attendance_confirmed_at is not None:
        return row
    return rules.write(row, kind="attendance_confirmed", by=story.PATIENT, now=now, attendance_confirmed_at=now)


@transaction.atomic
def forget(*, inquiry: Inquiry, now: dt.datetime) -> None:
    """The patient asks to be forgotten: an open request or call is withdrawn, their links end, erasure follows.

    Raises AlreadyErased.
    """
    current = Appointment.objects.current_of(inquiry)
    if current is not None and "withdraw" in rules.allowed_verbs(current, of=("withdraw",), now=now):
        withdraw(appointment=current, now=now)
    intake.request_erasure(inquiry=inquiry, by=story.PATIENT, now=now)
