"""Taking and freeing time. The exclusion constraint decides; the locks only keep the losers' wait short."""

import datetime as dt
from collections.abc import Iterable

from django.db import connection
from django.db.models import Exists

from scheduling import availability, slots
from scheduling.availability import Diary
from scheduling.booking.errors import NotOffered, SlotTaken
from scheduling.booking.expiry import expire_overdue
from scheduling.models import Appointment, AppointmentType, Closure

LOCK_NAMESPACE = 0x46C  # of the advisory locks, one a practitioner


def lock_practitioners(ids: Iterable[int]) -> None:
    """Hold the practitioners' diaries until the transaction ends; ascending, so that two movers cannot deadlock."""
    with connection.cursor() as cursor:
        for practitioner in sorted(set(ids)):
            cursor.execute("select pg_advisory_xact_lock(%s, %s)", [LOCK_NAMESPACE, practitioner])


def try_insert(row: Appointment, *, even_closed: bool = False) -> bool:
    """Whether the database let the row have its time: INSERT … ON CONFLICT DO NOTHING, which cannot deadlock.

    A time that a closure has taken since it was looked at is given back, unless it is wanted `even_closed`.
    """
    Appointment.objects.bulk_create([row], ignore_conflicts=True)
    inserted = Appointment.objects.filter(pk=row.pk)
    closed = Exists(Closure.objects.closing(practitioner=row.practitioner_id, start=row.start, end=row.end))
    is_closed = inserted.values_list(closed, flat=True).first()
    if is_closed and not even_closed:
        inserted.delete()
    return is_closed is not None and (even_closed or not is_closed)


def reason_at(diary: Diary, kind: AppointmentType, *, start: dt.datetime, now: dt.datetime) -> str:
    """The engine's decision for one start."""
    at = slots.seconds(start)
    if start.microsecond:
        return availability.OUTSIDE_HOURS
    window = availability.decisions(diary, slots.rules_of(kind), now=slots.seconds(now), start=at, end=at + 1)
    return next((decision.reason for decision in window), availability.OUTSIDE_HOURS)


def candidates(
    *,
    kind: AppointmentType,
    start: dt.datetime,
    now: dt.datetime,
    language: str = "",
    only: int | None = None,
    but_not: Appointment | None = None,
    overrule: bool = False,
) -> list[tuple[int, str]]:
    """(practitioner id, why them) of those who can take a call at `start`, best first; a look without locks.

    Speakers of `language` come first, then the others; among each the fairest. `but_not` is an appointment whose own
    time does not count as taken. `overrule` leaves only other calls in the way.
    Raises SlotTaken when somebody else's booking is in the way, NotOffered when the rules are.
    """
    day = dt.timedelta(days=1)
    diaries = slots.load_diaries(
        start=start - day, end=start + day, now=now, only=None if only is None else [only], but_not=but_not
    )
    reasons = {diary.practitioner: reason_at(diary, kind, start=start, now=now) for diary in diaries}
    fine = {availability.FREE} if not overrule else set(reasons.values()) - {availability.TAKEN, availability.BUFFER}
    free = [diary for diary in diaries if reasons[diary.practitioner] in fine]
    if not free:
        lost = availability.LOST.intersection(reasons.values())
        if lost:
            raise SlotTaken(slots.nearest(kind=kind, start=start, now=now, language=language))
        raise NotOffered(next(iter(reasons.values()), availability.OUTSIDE_HOURS))
    return ranked(free, language=language, start=slots.seconds(start))


def ranked(free: list[Diary], *, language: str, start: int) -> list[tuple[int, str]]:
    """(practitioner id, why them), best first: who speaks the language, then who is fairest."""
    speakers = [diary for diary in free if language in diary.languages]
    others = [diary for diary in free if language not in diary.languages]
    ranked = [
        (diary.practitioner, f"speaks:{language};{why}") for diary, why in availability.fairest(speakers, start=start)
    ]
    return ranked + [(diary.practitioner, why) for diary, why in availability.fairest(others, start=start)]


def take(
    row: Appointment,
    *,
    options: list[tuple[int, str]],
    now: dt.datetime,
    language: str = "",
    overrule: bool = False,
) -> Appointment:
    """Insert the row with the first of the `options` whom the database lets have it. Raises SlotTaken.

    All of them are locked at once: two requests that fall back on each other's first choice would else wait for each
    other, and a move that has looked behind its lock would meet a row that came without one. Closures are looked at
    again behind the locks, for one may have come since; `overrule` takes a closed time knowingly.
    """
    lock_practitioners(practitioner for practitioner, _ in options)
    for practitioner, why in options:
        expire_overdue(now=now, practitioner=practitioner)
        row.practitioner_id, row.choice = practitioner, why
        if _within_caps(row) and try_insert(row, even_closed=overrule):
            return row
    kind = row.appointment_type
    raise SlotTaken(slots.nearest(kind=kind, start=row.start, now=now, language=language))


def _within_caps(row: Appointment) -> bool:
    """Looked at again behind the lock, because no constraint counts."""
    kind = row.appointment_type
    if kind.daily_cap is None and kind.weekly_cap is None:
        return True
    (diary,) = slots.load_diaries(start=row.start, end=row.end, now=row.created_at, only=[row.practitioner_id]) or (
        None,
    )
    capped = {availability.DAILY_CAP, availability.WEEKLY_CAP}
    return diary is not None and reason_at(diary, kind, start=row.start, now=row.created_at) not in capped


def release(row: Appointment, *, status: str | None = None) -> list[dict[str, str]]:
    """Free the further time held for an appointment (of one status, or all); returns what was freed, as JSON."""
    holds = row.holds.all() if status is None else row.holds.filter(status=status)
    freed = [{"start": hold.start.isoformat(), "end": hold.end.isoformat()} for hold in holds.order_by("start", "pk")]
    holds.delete()
    return freed
