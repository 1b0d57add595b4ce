"""The decisions that a staff member has just made, for as long as they can be taken back.

The session remembers which; it holds no personal fact.
"""

import datetime as dt
from dataclasses import asdict, dataclass
from typing import Any

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from inquiries.models import Activity
from scheduling.booking.undoing import UNDOABLE
from scheduling.desk.access import StaffRequest
from scheduling.desk.timeline import Line
from scheduling.models import Appointment

KEY = "decided"
SAID = {
    "confirm": _("Confirmed"),
    "decline": _("Declined"),
    "propose": _("Times offered"),
    "reschedule": _("Moved"),
    "reassign": _("Given to somebody else"),
    "cancel": _("Cancelled"),
    "complete": _("Recorded: call held"),
    "no_show": _("Recorded: missed"),
    "call_back": _("Recorded: call held"),
    "want_earlier": _("Noted"),
    "undo": _("Taken back"),
}


NOT_DONE = _("Not confirmed")


@dataclass(frozen=True, slots=True)
class Decision:
    """`until` is when it can no longer be taken back (None: it can't be); `refusal` says why it was not taken."""

    appointment: Appointment
    said: Any
    until: dt.datetime | None
    seconds: int
    times: list[dt.datetime]
    refusal: str = ""


@dataclass(frozen=True, slots=True)
class Kept:
    """What the session remembers of a decision, or of one that was refused."""

    appointment: str
    version: int
    verb: str
    at: str
    refusal: str = ""

    @classmethod
    def of(cls, row: Appointment, verb: str, now: dt.datetime, *, refusal: str = "") -> "Kept":
        return cls(str(row.pk), row.version, verb, now.isoformat(), refusal)


def remember(request: StaffRequest, *decisions: Kept) -> None:
    request.session[KEY] = [asdict(decision) for decision in decisions]


def latest(request: StaffRequest, *, now: dt.datetime, of: Appointment | None = None) -> list[Decision]:
    """The last decisions while they are fresh and nothing has happened to their appointments since.

    One query, none for `of`.
    """
    fresh = [kept for kept in _remembered(request) if _until(kept) > now]
    if of is not None:
        rows = {str(of.pk): of}
    else:
        named = Appointment.objects.filter(pk__in=[kept.appointment for kept in fresh])
        rows = {str(row.pk): row for row in named.select_related("inquiry__contact")} if fresh else {}
    return [
        _decision(kept, rows[kept.appointment], now)
        for kept in fresh
        if kept.appointment in rows and (kept.refusal or rows[kept.appointment].version == kept.version)
    ]


def _remembered(request: StaffRequest) -> list[Kept]:
    kept = request.session.get(KEY)
    return [Kept(**one) for one in kept] if isinstance(kept, list) else []


def _times(row: Appointment) -> list[dt.datetime]:
    """Its time, or all that are on offer; one query for an offer."""
    if row.status != Appointment.Status.PROPOSED:
        return [row.start]
    further = row.holds.filter(status=row.status).order_by("start").values_list("start", flat=True)
    return sorted([row.start, *further])


def _until(kept: Kept) -> dt.datetime:
    return dt.datetime.fromisoformat(kept.at) + dt.timedelta(seconds=settings.UNDO_SECONDS)


def _decision(kept: Kept, row: Appointment, now: dt.datetime) -> Decision:
    until, undoable = _until(kept), kept.verb not in ("undo", "want_earlier") and not kept.refusal
    said = NOT_DONE if kept.refusal else SAID[kept.verb]
    seconds = int((until - now).total_seconds())
    return Decision(row, said, until if undoable else None, seconds, _times(row), kept.refusal)


def undoable_until(appointment: Appointment, lines: list[Line], now: dt.datetime) -> dt.datetime | None:
    """Until when the last decision about the appointment can be taken back, by anybody; None when it can't be."""
    told = next((line for line in lines if line.appointment == str(appointment.pk)), None)
    if told is None or told.by != Activity.Actor.STAFF or told.kind.removeprefix("appointment.") not in UNDOABLE:
        return None
    until = told.at + dt.timedelta(seconds=settings.UNDO_SECONDS)
    return until if until > now else None
