"""Taking and freeing time. The exclusion constraint decides; the locks only keep the losers' wait short."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import replace
from functools import partial

from django.db import connection

from scheduling import availability, limits, slots
from scheduling.availability import Diary
from scheduling.booking.errors import NotOffered, SlotTaken
from scheduling.booking.expiry import expire_overdue
from scheduling.diaries import load_diaries
from scheduling.models import Appointment, AppointmentType

LOCK_NAMESPACE = 0x46C  # of the advisory locks, one a practitioner


INSERT_UNLESS_CLOSED = """
insert into scheduling_appointment ({columns}) select {values}
where %s or not exists (
    select from scheduling_closure closure
    left join scheduling_closure_practitioners chosen on chosen.closure_id = closure.id
    where closure.start < %s and closure."end" > %s
    and (chosen.practitioner_id is null or chosen.practitioner_id = %s)
)
on conflict do nothing returning id
"""


def lock_practitioners(ids: Iterable[int]) -> None:
    """Hold the practitioners' diaries until the transaction ends; ascending, so that two movers cannot deadlock."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select pg_advisory_xact_lock(%s, practitioner) from unnest(%s::int[]) as practitioner",
            [LOCK_NAMESPACE, sorted(set(ids))],
        )


def try_insert(row: Appointment, *, even_closed: bool = False) -> bool:
    """Whether the database let the row have its time: INSERT … ON CONFLICT DO NOTHING, which cannot deadlock.

    A time that a closure has taken since it was looked at is refused too, unless it is wanted `even_closed`.
    """
    fields = Appointment._meta.concrete_fields
    values = [field.get_db_prep_save(field.pre_save(row, add=True), connection) for field in fields]
    statement = INSERT_UNLESS_CLOSED.format(
        columns=", ".join(f'"{field.column}"' for field in fields), values=", ".join(["%s"] * len(fields))
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, [*values, even_closed, row.end, row.start, row.practitioner_id])
        row._state.adding = cursor.rowcount == 0
    return not row._state.adding


def reason_at(
    diary: Diary, kind: AppointmentType, *, start: dt.datetime, now: dt.datetime, agreed: bool = False
) -> str:
    """The engine's decision for one start; one that is `agreed` needs no notice, and may be beyond the horizon."""
    at = slots.seconds(start)
    if start.microsecond:
        return availability.OUTSIDE_HOURS
    rules = slots.rules_of(kind)
    if agreed:
        rules = replace(rules, notice_minutes=0, horizon_days=limits.BOUNDS["horizon_days"][1])
    window = availability.decisions(diary, rules, now=slots.seconds(now), start=at, end=at + 1)
    return next((reason for _, reason in window), availability.OUTSIDE_HOURS)


def candidates(
    *,
    kind: AppointmentType,
    start: dt.datetime,
    now: dt.datetime,
    language: str = "",
    only: int | None = None,
    but_not: Appointment | None = None,
    agreed: bool = False,
    overrule: bool = False,
) -> list[tuple[int, str]]:
    """(practitioner id, why them) of those who can take a call at `start`, best first; a look without locks.

    Speakers of `language` come first, then the others; among each the fairest. `but_not` is an appointment whose own
    time does not count as taken. `agreed` says that the time itself stands already. `overrule` leaves only other calls
    in the way.
    Raises SlotTaken when somebody else's booking is in the way, NotOffered when the rules are.
    """
    day = dt.timedelta(days=1)
    diaries = load_diaries(
        start=start - day,
        end=start + day,
        now=now,
        only=None if only is None else [only],
        but_not=but_not,
        with_past=True,
    )
    reasons = {diary.practitioner: reason_at(diary, kind, start=start, now=now, agreed=agreed) for diary in diaries}
    fine = {availability.FREE} if not overrule else set(reasons.values()) - {availability.TAKEN, availability.BUFFER}
    free = [diary for diary in diaries if reasons[diary.practitioner] in fine]
    if not free:
        lost = availability.LOST.intersection(reasons.values())
        if lost:
            known = diaries if only is None and but_not is None else None
            raise SlotTaken(
                partial(slots.nearest, kind=kind, start=start, now=now, language=language, within_a_day=known)
            )
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
        row.practitioner_id, row.choice = practitioner, why
        if not overrule and cap_reached(row.appointment_type, practitioner, start=row.start, now=row.created_at):
            continue
        if try_insert(row, even_closed=overrule):
            return row
        if expire_overdue(now=now, practitioner=practitioner) and try_insert(row, even_closed=overrule):
            return row
    kind = row.appointment_type
    raise SlotTaken(partial(slots.nearest, kind=kind, start=row.start, now=now, language=language))


def cap_reached(
    kind: AppointmentType,
    practitioner: int,
    *,
    start: dt.datetime,
    now: dt.datetime,
    but_not: Appointment | None = None,
) -> bool:
    """Looked at again behind the lock, because no constraint counts; `but_not` is an appointment that is to move."""
    rules = slots.rules_of(kind)
    if not rules.have_caps:
        return False
    end = slots.end_of(kind, start)
    diaries = load_diaries(start=start, end=end, now=now, only=[practitioner], but_not=but_not, with_past=True)
    return any(availability.cap_reached(diary, rules, slots.seconds(start)) for diary in diaries)


def release(row: Appointment, *, status: str | None = None) -> list[dict[str, str]]:
    """Free the further time held for an appointment (of one status, or all); returns what was freed, as JSON."""
    holds = row.holds.all() if status is None else row.holds.filter(status=status)
    freed = [{"start": hold.start.isoformat(), "end": hold.end.isoformat()} for hold in holds.order_by("start", "pk")]
    holds.delete()
    return freed
