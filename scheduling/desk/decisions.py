"""From a form to a verb of `booking`, one decision each."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.db import OperationalError, transaction
from django.utils.translation import gettext_lazy as _
from psycopg import errors

from inquiries import intake
from inquiries.models import StaffMember, Statement
from scheduling import booking, desk_forms
from scheduling.booking.rules import STAFF_VERBS, allowed_verbs
from scheduling.models import Appointment, Practitioner


class BusyNow(booking.Refusal):
    """Somebody else is changing this at the moment. Try again."""

    code = "busy"
    sentence = _("Somebody else is changing this at the moment. Try again.")


@dataclass(frozen=True, slots=True)
class Decision:
    form: type[forms.Form]
    verb: Callable[..., Appointment]


def _reschedule(*, starts: list[dt.datetime], practitioner: Practitioner | None, **rest: Any) -> Appointment:
    return booking.reschedule(start=starts[0], only=practitioner.pk if practitioner else None, **rest)


def _spoken(verb: Callable[..., Appointment]) -> Callable[..., Appointment]:
    """The verb, and what was noted of the conversation."""

    @transaction.atomic
    def record(*, note: str, by: StaffMember, now: dt.datetime, **rest: Any) -> Appointment:
        row = verb(by=by, now=now, **rest)
        if note:
            intake.note(inquiry=row.inquiry, text=note, by=by, now=now, kind=Statement.Kind.OUTCOME)
        return row

    return record


DECISIONS = {
    "confirm": Decision(desk_forms.Versioned, booking.confirm),
    "decline": Decision(desk_forms.ReasonForm, booking.decline),
    "propose": Decision(desk_forms.OfferForm, booking.propose),
    "reschedule": Decision(desk_forms.OneTimeForm, _reschedule),
    "reassign": Decision(desk_forms.ReassignForm, booking.reassign),
    "cancel": Decision(desk_forms.ReasonForm, booking.cancel),
    "complete": Decision(desk_forms.OutcomeForm, _spoken(booking.complete)),
    "no_show": Decision(desk_forms.Versioned, booking.mark_no_show),
    "call_back": Decision(desk_forms.OutcomeForm, _spoken(booking.record_call_back)),
    "want_earlier": Decision(desk_forms.EarlierForm, booking.want_earlier),
    "undo": Decision(desk_forms.Versioned, booking.undo),
}


CHOOSE_TIMES = ("propose", "reschedule")
SAID_OTHERWISE = {
    "reassign": _("This practitioner is not free at that time."),
    "undo": _("This can't be taken back: somebody else has the time meanwhile."),
}


def take(
    verb: str, appointment: Appointment, *, by: StaffMember, now: dt.datetime, facts: dict[str, Any]
) -> Appointment:
    """Raises what the verb raises, and BusyNow when the database gave up waiting for somebody else."""
    _refuse_too_early_or_late(verb, appointment, now, facts["version"])
    try:
        return DECISIONS[verb].verb(appointment=appointment, by=by, now=now, **facts)
    except OperationalError as error:
        if isinstance(error.__cause__, errors.LockNotAvailable | errors.DeadlockDetected):
            raise BusyNow from error
        raise


def _refuse_too_early_or_late(verb: str, row: Appointment, now: dt.datetime, version: int | None) -> None:
    """A call is not over before it begins; a stale page is left to `booking`, which says so."""
    current = version in (None, row.version)
    if verb != "undo" and current and verb not in allowed_verbs(row, of=STAFF_VERBS, now=now):
        raise booking.InvalidTransition(row.status, row.version)


def sentence_of(refusal: booking.Refusal, verb: str) -> str:
    """The refusal in words that fit the verb: who chose no time is not told to choose another."""
    about_time = isinstance(refusal, booking.SlotTaken | booking.NotOffered)
    return str(SAID_OTHERWISE[verb] if about_time and verb in SAID_OTHERWISE else refusal.sentence)
