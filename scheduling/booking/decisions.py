"""What staff decide: confirm, decline, offer other times, move, reassign, cancel, and record the outcome.

The mail about a decision waits `UNDO_SECONDS`, in which `undoing` takes it back and nobody learns of it.
"""

import datetime as dt
from contextlib import suppress

from django.db import transaction

from inquiries import intake
from inquiries.models import DO_NOT_CONTACT, StaffMember
from scheduling import promise
from scheduling.booking import holding, rules
from scheduling.booking.errors import NotOffered
from scheduling.booking.expiry import back_to_kept
from scheduling.booking.moving import OFFER_LIMIT, an_offer, keep_old_time, move_to, time_to_keep
from scheduling.models import Appointment, Practitioner

Status, Reason = Appointment.Status, Appointment.Reason


@transaction.atomic
def confirm(*, appointment: Appointment, by: StaffMember, now: dt.datetime, version: int | None = None) -> Appointment:
    """Yes: the call is booked, and an old time that was kept for it is free. Raises InvalidTransition, StaleVersion."""
    row = rules.lock(appointment, "confirm", version=version)
    rules.refuse_once_begun(row, now)
    before = rules.snapshot(row)
    holding.release(row)
    return rules.write(row, kind="confirmed", by=by, now=now, before=before, status=Status.BOOKED, held_until=None)


@transaction.atomic
def decline(
    *,
    appointment: Appointment,
    reason: str = "",
    by: StaffMember,
    now: dt.datetime,
    version: int | None = None,
) -> Appointment:
    """No: the time is free; a call that was to be moved stays where it was. `reason` is a code fit for the patient.

    Raises InvalidTransition, StaleVersion.
    """
    row = rules.lock(appointment, "decline", version=version)
    kept = row.holds.filter(status=Status.BOOKED).first()
    if kept is not None:
        return back_to_kept(row, kept, kind="move_declined", by=by, now=now, facts={"why": reason})
    before = rules.snapshot(row)
    holding.release(row)
    changes = {
        "status": Status.CANCELLED,
        "reason": Reason.DECLINED,
        "held_until": None,
        "sequence": row.sequence + 1,
    }
    return rules.write(row, kind="declined", by=by, now=now, before=before, facts={"why": reason}, **changes)


@transaction.atomic
def propose(
    *,
    appointment: Appointment,
    starts: list[dt.datetime],
    by: StaffMember,
    now: dt.datetime,
    version: int | None = None,
) -> Appointment:
    """Offer one to three other times, each really held until the patient answers or the offer ends.

    The row itself moves to the first of them; the others are held for it. All are held or none.
    Raises SlotTaken, NotOffered, InvalidTransition, StaleVersion.
    """
    wanted = sorted(set(starts))
    if not 1 <= len(wanted) <= OFFER_LIMIT:
        raise NotOffered("one_to_three")
    kind, language = appointment.appointment_type, appointment.inquiry.preferred_language
    options = {
        start: holding.candidates(kind=kind, start=start, now=now, language=language, but_not=appointment)
        for start in wanted
    }
    everybody = {practitioner for choices in options.values() for practitioner, _ in choices}
    holding.lock_practitioners([appointment.practitioner_id, *everybody])
    row = rules.lock(appointment, "propose", version=version)
    before = rules.snapshot(row)
    holding.release(row, status=Status.PROPOSED)
    to_keep = time_to_keep(row)
    kept_start = [to_keep[1]] if to_keep else []  # an offer ends before the call that stands without it
    until = promise.offer_until(starts=[*wanted, *kept_start], now=now)
    moved = move_to(row, start=wanted[0], options=options[wanted[0]], now=now)
    facts = {"offered": [start.isoformat() for start in wanted], "until": until.isoformat()}
    changes = {**moved, "status": Status.PROPOSED, "held_until": until}
    rules.write(row, kind="proposed", by=by, now=now, before=before, facts=facts, **changes)
    if to_keep:
        keep_old_time(row, to_keep, now=now)
    for start in wanted[1:]:
        holding.take(an_offer(row, start, until, now), options=options[start], now=now, language=language)
    return row


@transaction.atomic
def reschedule(
    *,
    appointment: Appointment,
    start: dt.datetime,
    by: StaffMember,
    now: dt.datetime,
    only: int | None = None,
    overrule: bool = False,
    version: int | None = None,
) -> Appointment:
    """Move the call to a time agreed with the patient: it is booked there, and every old time is free.

    `only` is the practitioner who is to take it; else whoever has it stays with it if they can.

    Raises SlotTaken, NotOffered, InvalidTransition, StaleVersion.
    """
    kind, language = appointment.appointment_type, appointment.inquiry.preferred_language
    options = holding.candidates(
        kind=kind, start=start, now=now, language=language, only=only, but_not=appointment, overrule=overrule
    )
    options.sort(key=lambda option: option[0] != appointment.practitioner_id)  # stay with the same person if possible
    holding.lock_practitioners([appointment.practitioner_id, *(option for option, _ in options)])
    row = rules.lock(appointment, "reschedule", version=version)
    rules.refuse_once_begun(row, now, start=start)
    before = rules.snapshot(row)
    holding.release(row)
    changes = {
        **move_to(row, start=start, options=options, now=now, overrule=overrule),
        "status": Status.BOOKED,
        "held_until": None,
    }
    facts = {"overruled": overrule}
    return rules.write(row, kind="rescheduled", by=by, now=now, before=before, facts=facts, **changes)


@transaction.atomic
def reassign(
    *,
    appointment: Appointment,
    practitioner: Practitioner,
    by: StaffMember,
    now: dt.datetime,
    version: int | None = None,
) -> Appointment:
    """Give the call to another practitioner at the same time; the patient's invitation does not change.

    So it needs no notice: who falls ill an hour before a call has it taken over.
    Raises SlotTaken, NotOffered, InvalidTransition, StaleVersion.
    """
    kind, start = appointment.appointment_type, appointment.start
    options = holding.candidates(
        kind=kind, start=start, now=now, only=practitioner.pk, but_not=appointment, agreed=True
    )
    holding.lock_practitioners([appointment.practitioner_id, practitioner.pk])
    row = rules.lock(appointment, "reassign", version=version)
    before = rules.snapshot(row)
    _withdraw_earlier(row)
    to_keep = time_to_keep(row) if row.status != Status.BOOKED else None
    moved = move_to(row, start=row.start, options=options, now=now, as_long=True)
    changes = {"practitioner_id": moved["practitioner_id"], "choice": f"reassigned;{moved['choice']}"}
    rules.write(row, kind="reassigned", by=by, now=now, before=before, **changes)
    if to_keep:
        keep_old_time(row, to_keep, now=now)
    return row


@transaction.atomic
def cancel(
    *,
    appointment: Appointment,
    reason: str = "",
    by: StaffMember,
    now: dt.datetime,
    version: int | None = None,
) -> Appointment:
    """The clinic cancels; every time held is free. `reason` is a code fit for the patient.

    Raises InvalidTransition, StaleVersion.
    """
    row = rules.lock(appointment, "cancel", version=version)
    before = rules.snapshot(row)
    holding.release(row)
    changes = {
        "status": Status.CANCELLED,
        "reason": Reason.CLINIC,
        "held_until": None,
        "sequence": row.sequence + 1,
    }
    return rules.write(row, kind="cancelled", by=by, now=now, before=before, facts={"why": reason}, **changes)


@transaction.atomic
def complete(
    *,
    appointment: Appointment,
    outcome: str = "",
    by: StaffMember,
    now: dt.datetime,
    version: int | None = None,
) -> Appointment:
    """The call took place; whoever asked in it not to be contacted hears nothing more.

    Raises InvalidTransition, StaleVersion.
    """
    row = rules.lock(appointment, "complete", version=version)
    _withdraw_earlier(row)
    return _spoken(row, kind="completed", outcome=outcome, by=by, now=now)


@transaction.atomic
def record_call_back(
    *,
    appointment: Appointment,
    outcome: str = "",
    by: StaffMember,
    now: dt.datetime,
    version: int | None = None,
) -> Appointment:
    """They were missed, and were spoken with after all; whoever asked in it not to be contacted hears nothing more.

    Its follow-up ends by itself. Raises InvalidTransition, StaleVersion.
    """
    row = rules.lock(appointment, "call_back", version=version)
    return _spoken(row, kind="called_back", outcome=outcome, by=by, now=now)


@transaction.atomic
def mark_no_show(
    *, appointment: Appointment, by: StaffMember, now: dt.datetime, version: int | None = None
) -> Appointment:
    """The patient was not there; a person says so, never a clock. Raises InvalidTransition, StaleVersion."""
    row = rules.lock(appointment, "no_show", version=version)
    _withdraw_earlier(row)
    return rules.write(row, kind="missed", by=by, now=now, status=Status.NOSHOW)


def _spoken(row: Appointment, *, kind: str, outcome: str, by: StaffMember, now: dt.datetime) -> Appointment:
    facts = {"outcome": outcome}
    rules.write(row, kind=kind, by=by, now=now, facts=facts, status=Status.FULFILLED, outcome=outcome)
    if outcome == DO_NOT_CONTACT:
        with suppress(intake.InquiryClosed):
            intake.close(inquiry=row.inquiry, reason=DO_NOT_CONTACT, by=by, now=now)
    return row


def _withdraw_earlier(row: Appointment) -> None:
    """An earlier time that is on offer is none any more."""
    holding.release(row, status=Status.PROPOSED)
