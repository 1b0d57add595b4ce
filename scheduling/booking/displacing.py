"""A call whose time the clinic closes: other times are held for it and offered, or it is cancelled with an apology."""

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import Any

from django.db import transaction

from inquiries import story
from scheduling import availability, promise, slots
from scheduling.availability import Diary
from scheduling.booking import holding, rules
from scheduling.booking.errors import InvalidTransition, SlotTaken
from scheduling.booking.expiry import expire_overdue
from scheduling.booking.moving import OFFER_LIMIT, an_offer, move_to
from scheduling.diaries import load_diaries
from scheduling.models import Appointment, AppointmentType, Closure, Practitioner

Status, Reason = Appointment.Status, Appointment.Reason
Alternative = tuple[dt.datetime, list[tuple[int, str]]]


@transaction.atomic
def displace(*, appointment: Appointment, closure: Closure, text: str, by: story.By, now: dt.datetime) -> Appointment:
    """Offer up to three times instead of the closed one, each really held; cancel where nothing is free.

    Everybody's diary is locked before the look, so what is free stays free, and of two runs the second finds the call
    outside the closure. `text` is a code of `wording.CLOSURE_TEXTS`.
    Raises InvalidTransition when the call is not, or no longer, in the way of the closure.
    """
    everybody = Practitioner.objects.active().values_list("pk", flat=True)
    holding.lock_practitioners([*everybody, appointment.practitioner_id])
    expire_overdue(now=now)
    row = rules.lock(appointment, "displace")
    if not Appointment.objects.in_the_way_of(closure, now).filter(pk=row.pk).exists():
        raise InvalidTransition(row.status, row.version)
    kind, before = row.appointment_type, rules.snapshot(row)
    diaries = load(kind=kind, after=row.start, now=now, but_not=row)
    holding.release(row)
    facts = {"closure": closure.pk, "text": text}
    found = alternatives(diaries, kind=kind, after=row.start, language=row.inquiry.preferred_language, now=now)
    first = next(found, None)
    if first is None:
        return _cancelled(row, by=by, now=now, before=before, facts=facts)
    until = promise.offer_until(starts=[first[0]], now=now)
    changes = {**move_to(row, start=first[0], options=first[1], now=now), "status": Status.PROPOSED}
    further = _hold(row, found, until=until, now=now)
    offered = [first[0].isoformat(), *further]
    facts |= {"offered": offered, "until": until.isoformat()}
    return rules.write(
        row, kind="displaced", by=by, now=now, before=before, facts=facts, reason="", held_until=until, **changes
    )


def load(
    *, kind: AppointmentType, after: dt.datetime, now: dt.datetime, but_not: Appointment | None = None
) -> list[Diary]:
    """Everybody's diary from then on, as far as calls are booked; one query."""
    start = max(after, now)
    return load_diaries(start=start, end=_horizon(kind, start), now=now, but_not=but_not, with_past=True)


def alternatives(
    diaries: Sequence[Diary], *, kind: AppointmentType, after: dt.datetime, language: str, now: dt.datetime
) -> Iterator[Alternative]:
    """(start, who could take it, best first) from `after` on, earliest first, so far apart that one could take all.

    Speakers of `language` where they have any time, else anybody.
    """
    speakers = [diary for diary in diaries if language in diary.languages]
    free = _free(speakers, kind, after=after, now=now) or _free(diaries, kind, after=after, now=now)
    last_end = 0
    for start in sorted(free):
        around = slots.occupied(kind, slots.instant(start))
        if slots.seconds(around.lower) >= last_end:
            yield slots.instant(start), holding.ranked(free[start], language=language, start=start)
            last_end = slots.seconds(around.upper)


def _free(
    diaries: Sequence[Diary], kind: AppointmentType, *, after: dt.datetime, now: dt.datetime
) -> dict[int, list[Diary]]:
    start = max(after, now)
    found: dict[int, list[Diary]] = {}
    window = {"now": slots.seconds(now), "start": slots.seconds(start), "end": slots.seconds(_horizon(kind, start))}
    for diary in diaries:
        for at in availability.free_starts(diary, slots.rules_of(kind), **window):
            found.setdefault(at, []).append(diary)
    return found


def _horizon(kind: AppointmentType, start: dt.datetime) -> dt.datetime:
    return start + dt.timedelta(days=kind.horizon_days, seconds=1)


def _hold(row: Appointment, found: Iterator[Alternative], *, until: dt.datetime, now: dt.datetime) -> list[str]:
    """Hold the next times for the row, up to the limit; a time that a cap takes away is passed over."""
    held: list[str] = []
    for start, options in found:
        if len(held) == OFFER_LIMIT - 1:
            break
        try:
            holding.take(an_offer(row, start, until, now), options=options, now=now)
        except SlotTaken:
            continue
        held.append(start.isoformat())
    return held


def _cancelled(
    row: Appointment, *, by: story.By, now: dt.datetime, before: dict[str, Any], facts: dict[str, Any]
) -> Appointment:
    changes = {"status": Status.CANCELLED, "reason": Reason.CLINIC, "held_until": None, "sequence": row.sequence + 1}
    return rules.write(row, kind="cancelled", by=by, now=now, before=before, facts=facts, **changes)
