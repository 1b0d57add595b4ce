"""What could be done next about a call, in words: a suggestion about the work, never about the person."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from scheduling.attempts import ENOUGH
from scheduling.desk import words
from scheduling.models import Appointment, CallAttempt, FollowUp

Status, Result = Appointment.Status, CallAttempt.Result

AFTER = {
    "consultation_booked": gettext_noop("Close the inquiry as settled; nothing else waits."),
    "eligible": gettext_noop("Book the consultation, then close the inquiry as settled."),
    "needs_records": gettext_noop("Ask for the records, and write a note when they have come."),
    "not_suitable_now": gettext_noop("Note when to ask again, tell them how to reach us, and close the inquiry."),
    "not_eligible": gettext_noop("Tell them where else to ask, and close the inquiry."),
    "referred": gettext_noop("Note where they were referred to, and close the inquiry as referred."),
    "do_not_contact": gettext_noop("Nothing: the inquiry is closed, and no message goes to them any more."),
}


def next_step(row: Appointment, *, results: Sequence[str], follow_up: FollowUp | None, now: dt.datetime) -> str:
    """One or two sentences; '' when nothing is left to do about the call."""
    if row.status == Status.FULFILLED:
        return _(AFTER[row.outcome]) if row.outcome in AFTER else _("Note what was agreed, and close the inquiry.")
    if row.status == Status.NOSHOW:
        return _missed(follow_up, results, now)
    if row.status != Status.BOOKED:
        return ""
    if row.start > now:
        return _to_come(row, now)
    if results and results[-1] == Result.WRONG_NUMBER:
        return _("Check the number on their other inquiries, or write to them. Then try once more.")
    if results:
        return _("Try once more in ten minutes. After the second attempt the call counts as missed.")
    return _("Call them now.")


def _to_come(row: Appointment, now: dt.datetime) -> str:
    facts: dict[str, Any] = {"left": words.span(row.start - now)}
    if row.attendance_confirmed_at:
        return _("The call begins in %(left)s; they said that they will be there.") % facts
    return _("The call begins in %(left)s; they have not said whether they will be there.") % facts


def _missed(follow_up: FollowUp | None, results: Sequence[str], now: dt.datetime) -> str:
    if follow_up is None:
        return _("Offer another time, or close the inquiry if they could not be reached.")
    if follow_up.due_at > now:
        return _(
            "Try again from %(due)s on. One message has told them how to choose another time, if we may write."
        ) % {"due": words.near(follow_up.due_at, now)}
    if len(results) > ENOUGH:
        return _("Tried %(times)d times. Let it rest, or close the inquiry as not reached.") % {"times": len(results)}
    return _("Try again now; book another time with them, or let it rest.")
