"""What time a change has freed: kept for those who would rather be called earlier."""

import datetime as dt
from typing import Any

from django.conf import settings

from scheduling.models import Appointment, FreedTime

Status = Appointment.Status
Time = tuple[int, str]  # practitioner id, start


def note_freed(row: Appointment, *, before: dict[str, Any], now: dt.datetime) -> None:
    """Keep the times to come that the row held `before` (a snapshot) and no longer needs; each is open once.

    They are not looked at while the change can be undone. Times that were only on offer were free all along: they are
    not kept.
    """
    freed = _held(before) - _needed(row, before)
    starts = [(practitioner, dt.datetime.fromisoformat(start)) for practitioner, start in freed]
    try_at = now + dt.timedelta(seconds=settings.UNDO_SECONDS)
    rows = [
        FreedTime(
            practitioner_id=practitioner,
            appointment_type_id=row.appointment_type_id,
            start=start,
            freed_at=now,
            try_at=try_at,
        )
        for practitioner, start in starts
        if start > now
    ]
    if rows:
        FreedTime.objects.bulk_create(rows, ignore_conflicts=True)


def _held(before: dict[str, Any]) -> set[Time]:
    """The time asked for or confirmed, and the confirmed one that was kept beside it."""
    own = [before] if before["status"] in (Status.PENDING, Status.BOOKED) else []
    kept = [before["kept"]] if before["kept"] else []
    return {(time["practitioner"], time["start"]) for time in own + kept}


def _needed(row: Appointment, before: dict[str, Any]) -> set[Time]:
    """What the row has now; and while a move is undecided, the confirmed time, which is kept."""
    if row.status not in Appointment.HOLDING:
        return set()
    own = {(row.practitioner_id, row.start.isoformat())}
    confirmed = before if before["status"] == Status.BOOKED else before["kept"]
    if row.status in Appointment.UNSETTLED and confirmed:
        own.add((confirmed["practitioner"], confirmed["start"]))
    return own
