"""What nobody answered in time is let go, openly."""

import datetime as dt
from typing import Any

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.db.models.functions import Coalesce

from inquiries import story
from scheduling.booking import rules
from scheduling.models import Appointment

Status, Reason = Appointment.Status, Appointment.Reason


@transaction.atomic(savepoint=False)
def expire_overdue(*, now: dt.datetime, practitioner: int | None = None, limit: int = 100) -> int:
    """Expire requests and offers that are past their time; how many were. Rows that somebody works on are left.

    A move of a confirmed call that nobody answered goes back to the time that was kept; a booked call that was offered
    an earlier time stays as it is.
    """
    overdue = Appointment.objects.held_past(now)
    if practitioner is not None:
        overdue = overdue.filter(practitioner=practitioner)
    whose = list(overdue.annotate(whose=Coalesce("held_for", "pk")).values_list("whose", flat=True)[:limit])
    if not whose:
        return 0
    rows = Appointment.objects.filter(pk__in=whose).select_related("appointment_type", "inquiry").order_by("pk")
    found = list(rows.select_for_update(of=("self",), skip_locked=True))
    return sum(_expire(row, now=now) for row in found)


def _expire(row: Appointment, *, now: dt.datetime) -> bool:
    """Whether there was something to expire; somebody may have been faster."""
    if row.status == Status.BOOKED:
        return _lapse_earlier(row, now=now)
    if row.status not in Appointment.UNSETTLED or row.held_until is None or row.held_until > now:
        return False
    kept = row.holds.filter(status=Status.BOOKED).first()
    if kept is not None:
        back_to_kept(row, kept, kind="move_expired", by=story.SYSTEM, now=now)
        return True
    was_offer = row.status == Status.PROPOSED
    row.holds.all().delete()
    changes: dict[str, Any] = {
        "status": Status.CANCELLED,
        "reason": Reason.EXPIRED,
        "held_until": None,
        "sequence": row.sequence + 1,
    }
    rules.write(row, kind="expired", by=story.SYSTEM, now=now, facts={"offer": was_offer}, **changes)
    return True


def _lapse_earlier(row: Appointment, *, now: dt.datetime) -> bool:
    lapsed = row.holds.filter(status=Status.PROPOSED, held_until__lte=now)
    if not lapsed.delete()[0]:
        return False
    rules.write(row, kind="earlier_lapsed", by=story.SYSTEM, now=now)
    return True


def back_to_kept(
    row: Appointment,
    kept: Appointment,
    *,
    kind: str,
    by: story.By,
    now: dt.datetime,
    facts: dict[str, str] | None = None,
) -> Appointment:
    """A move that did not come about: the call is booked at the time that was kept for it.

    The row that kept the time goes first, so that the constraint sees the time change hands.
    """
    before = rules.snapshot(row)
    time = {
        "practitioner_id": kept.practitioner_id,
        "start": kept.start,
        "end": kept.end,
        "occupied": _occupied_again(row, kept),
    }
    row.holds.all().delete()
    changes = {**time, "status": Status.BOOKED, "reason": "", "answer_by": None, "held_until": None}
    return rules.write(row, kind=kind, by=by, now=now, facts=facts, before=before, sequence=row.sequence + 1, **changes)


def _occupied_again(row: Appointment, kept: Appointment) -> DateTimeTZRange:
    """The kept call and its buffers, as far as they are held for it: the rules may have changed since it was booked."""
    kind, held = row.appointment_type, kept.occupied
    lower, upper = held.lower, held.upper
    own = row.occupied
    if row.practitioner_id == kept.practitioner_id and own.lower <= held.upper and held.lower <= own.upper:
        lower, upper = min(lower, own.lower), max(upper, own.upper)
    before = dt.timedelta(minutes=kind.buffer_before_minutes)
    after = dt.timedelta(minutes=kind.buffer_after_minutes)
    return DateTimeTZRange(max(lower, kept.start - before), min(upper, kept.end + after), "[)")
