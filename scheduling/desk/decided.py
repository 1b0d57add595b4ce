"""The decision that a staff member has just made, for as long as it can be taken back.

The session remembers which; it holds no personal fact.
"""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from inquiries.models import Activity
from scheduling.booking.decisions import UNDOABLE
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
    "want_earlier": _("Noted"),
    "undo": _("Taken back"),
}


@dataclass(frozen=True, slots=True)
class Decision:
    """`until` is when it can no longer be taken back; None when it can't be at all."""

    appointment: Appointment
    said: Any
    until: dt.datetime | None
    seconds: int
    times: list[dt.datetime]


def remember(request: StaffRequest, row: Appointment, verb: str, now: dt.datetime) -> None:
    request.session[KEY] = {"appointment": str(row.pk), "version": row.version, "verb": verb, "at": now.isoformat()}


def latest(request: StaffRequest, *, now: dt.datetime, of: Appointment | None = None) -> Decision | None:
    """The decision while it is fresh and nothing has happened to its appointment since; one query, none for `of`."""
    kept = request.session.get(KEY)
    if not kept:
        return None
    until = dt.datetime.fromisoformat(kept["at"]) + dt.timedelta(seconds=settings.UNDO_SECONDS)
    if until <= now or (of is not None and str(of.pk) != kept["appointment"]):
        return None
    row = of or _row(kept["appointment"])
    if row is None or row.version != kept["version"]:
        return None
    undoable = kept["verb"] not in ("undo", "want_earlier")
    return Decision(
        row, SAID[kept["verb"]], until if undoable else None, int((until - now).total_seconds()), _times(row)
    )


def _times(row: Appointment) -> list[dt.datetime]:
    """Its time, or all that are on offer; one query for an offer."""
    if row.status != Appointment.Status.PROPOSED:
        return [row.start]
    further = row.holds.filter(status=row.status).order_by("start").values_list("start", flat=True)
    return sorted([row.start, *further])


def _row(pk: str) -> Appointment | None:
    return Appointment.objects.select_related("inquiry__contact").filter(pk=pk).first()


def undoable_until(appointment: Appointment, lines: list[Line], now: dt.datetime) -> dt.datetime | None:
    """Until when the last decision about the appointment can be taken back, by anybody; None when it can't be."""
    told = next((line for line in lines if line.appointment == str(appointment.pk)), None)
    if told is None or told.by != Activity.Actor.STAFF or told.kind.removeprefix("appointment.") not in UNDOABLE:
        return None
    until = told.at + dt.timedelta(seconds=settings.UNDO_SECONDS)
    return until if until > now else None
