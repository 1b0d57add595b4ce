"""The earlier-time list: whoever would rather be called sooner is asked, one at a time, when a time comes free.

Nobody is moved without a yes: their call stays booked where it is, and the freed time is really held for them while
they think. Longest on the list is asked first; who is passed over, and why, is kept.
"""

import datetime as dt
from functools import partial

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef

from inquiries import story
from inquiries.models import Activity
from scheduling import availability, moments, promise, slots
from scheduling.booking import holding, rules
from scheduling.booking.errors import InvalidTransition, SlotTaken
from scheduling.booking.moving import an_offer
from scheduling.diaries import load_diaries
from scheduling.models import Appointment, AppointmentQuerySet, Closure, FreedTime

Status = Appointment.Status
LASTS = dt.timedelta(minutes=30)
LOOK_AGAIN = dt.timedelta(minutes=5)
SAFE_HOURS = range(8, 20)  # of the patient's day
CONSIDERED = 200  # people, for one time
# Reasons that end by themselves while the time is still to come.
PASSING = frozenset(
    {
        availability.HORIZON,
        availability.EXTERNAL_BUSY,
        availability.STALE_CALENDAR,
        availability.DAILY_CAP,
        availability.WEEKLY_CAP,
    }
)


@transaction.atomic
def want_earlier(
    *, appointment: Appointment, wanted: bool, by: story.By, now: dt.datetime, version: int | None = None
) -> Appointment:
    """Put a booked call on the list, or take it off, with any offer; saying it again changes nothing.

    Raises InvalidTransition, StaleVersion.
    """
    row = rules.lock(appointment, "want_earlier", version=version)
    rules.refuse_once_begun(row, now)
    if wanted == (row.wants_earlier_at is not None):
        return row
    holding.release(row, status=Status.PROPOSED)
    kind = "earlier_wanted" if wanted else "earlier_not_wanted"
    return rules.write(row, kind=kind, by=by, now=now, wants_earlier_at=now if wanted else None)


def offer_freed_times(*, now: dt.datetime, limit: int = 20) -> int:
    """Ask the next person about each freed time that nobody is being asked about; how many were asked."""
    due = FreedTime.objects.to_offer(now).values_list("pk", "practitioner")[:limit]
    return sum(_ask_next(pk, practitioner, now=now) for pk, practitioner in list(due))


@transaction.atomic
def _ask_next(pk: int, practitioner: int, *, now: dt.datetime) -> bool:
    """Whether somebody was asked; else the time is looked at again later, or closed because it is not free."""
    holding.lock_practitioners([practitioner])
    due = FreedTime.objects.to_offer(now).select_related("practitioner", "appointment_type")
    freed = due.filter(pk=pk).select_for_update(of=("self",), skip_locked=True).first()
    if freed is None:
        return False
    passed_over: dict[str, str] = {}
    row = _next_in_line(freed, passed_over, now=now)
    reason = _reason_at(freed, now) if row or _is_too_late(freed, now) else ""
    if row and reason == availability.FREE:
        return _offer(freed, row, passed_over=passed_over, now=now)
    ended = reason and reason not in PASSING | {availability.FREE}
    end = {"closed_at": now, "outcome": FreedTime.Outcome.GONE}
    FreedTime.objects.filter(pk=pk).update(**(end if ended else {"try_at": now + LOOK_AGAIN}))
    return False


def _is_too_late(freed: FreedTime, now: dt.datetime) -> bool:
    return freed.start < now + dt.timedelta(minutes=freed.appointment_type.notice_minutes)


def _reason_at(freed: FreedTime, now: dt.datetime) -> str:
    """The engine's decision about it now, the rules and closures of today included."""
    day = dt.timedelta(days=1)
    start, end = freed.start - day, freed.start + day
    diaries = load_diaries(start=start, end=end, now=now, only=[freed.practitioner_id], with_past=True)
    kind = freed.appointment_type
    reasons = [holding.reason_at(diary, kind, start=freed.start, now=now) for diary in diaries]
    return reasons[0] if reasons else availability.OUTSIDE_HOURS


def waiting_for(freed: FreedTime, *, now: dt.datetime) -> AppointmentQuerySet:
    """Those on the list whose call comes after the freed time, the longest on it first."""
    since = now - dt.timedelta(seconds=settings.UNDO_SECONDS)
    decided = Activity.objects.filter(appointment_id=OuterRef("pk"), actor=Activity.Actor.STAFF, at__gt=since)
    offer = Appointment.objects.filter(held_for=OuterRef("pk"), status=Status.PROPOSED)
    rows = Appointment.objects.on_earlier_list().filter(
        appointment_type=freed.appointment_type_id, start__gt=freed.start
    )
    annotated = rows.annotate(just_decided=Exists(decided), has_offer=Exists(offer))
    return annotated.select_related("appointment_type", "inquiry__contact").order_by("wants_earlier_at", "pk")


def _next_in_line(freed: FreedTime, passed_over: dict[str, str], *, now: dt.datetime) -> Appointment | None:
    """Whom to ask, locked and looked at again; the codes of those before them are left in `passed_over`."""
    for candidate in waiting_for(freed, now=now)[:CONSIDERED]:
        code = _why_not(candidate, freed, now)
        if not code:
            row = rules.lock_any(candidate)
            as_it_is = waiting_for(freed, now=now).filter(pk=row.pk).first()
            code = _why_not(as_it_is, freed, now) if as_it_is else "changed"
            if not code:
                return row
        passed_over[str(candidate.pk)] = code
    return None


def _why_not(row: Appointment, freed: FreedTime, now: dt.datetime) -> str:
    """The code of `wording.PASSED_OVER` why this person is not asked about this time now; '' when they are."""
    inquiry = row.inquiry
    checks = {
        "asked": any(each["appointment"] == str(row.pk) for each in freed.asked),
        "has_offer": row.has_offer,  # type: ignore[attr-defined]
        "language": inquiry.preferred_language not in freed.practitioner.languages,
        "unreachable": not inquiry.reachable_by_email,
        "night": moments.local(now, inquiry.time_zone or row.time_zone).hour not in SAFE_HOURS,
        "just_decided": row.just_decided,  # type: ignore[attr-defined]
    }
    return next((code for code, holds in checks.items() if holds), "")


def _offer(freed: FreedTime, row: Appointment, *, passed_over: dict[str, str], now: dt.datetime) -> bool:
    """Hold the time for the row, and tell the story; the call stays as it is."""
    until = min(now + LASTS, promise.offer_until(starts=[freed.start], now=now))
    hold = an_offer(row, freed.start, until, now)
    try:
        holding.take(hold, options=[(freed.practitioner_id, "freed")], now=now)
    except SlotTaken:
        FreedTime.objects.filter(pk=freed.pk).update(try_at=now + LOOK_AGAIN)
        return False
    place = len(passed_over) + 1
    asked = {"appointment": str(row.pk), "at": now.isoformat(), "place": place, "passed_over": passed_over}
    changes = {"hold": hold, "offered_to": row, "asked": [*freed.asked, asked]}
    FreedTime.objects.filter(pk=freed.pk).update(**changes)
    facts = {
        "offered": [freed.start.isoformat()],
        "until": until.isoformat(),
        "place": place,
        "passed_over": sorted(passed_over.values()),
    }
    rules.write(row, kind="earlier_offered", by=story.SYSTEM, now=now, facts=facts)
    return True


def earlier_offers(appointment: Appointment, *, now: dt.datetime) -> list[Appointment]:
    """The earlier time that a booked call is being offered, if any."""
    if appointment.status != Status.BOOKED:
        return []
    return list(appointment.holds.filter(status=Status.PROPOSED, held_until__gt=now).order_by("start", "pk"))


@transaction.atomic
def take_earlier(
    *, appointment: Appointment, proposal: str, now: dt.datetime, version: int | None = None
) -> Appointment:
    """Yes: the call moves to the offered time, off the list, and its old time is free.

    Raises InvalidTransition when the offer is not, or no longer, theirs, SlotTaken when it was closed meanwhile,
    StaleVersion.
    """
    seen = earlier_offers(appointment, now=now)
    holding.lock_practitioners([appointment.practitioner_id, *(offer.practitioner_id for offer in seen)])
    row = rules.lock(appointment, "take_earlier", version=version)
    chosen = next((offer for offer in earlier_offers(row, now=now) if str(offer.pk) == proposal), None)
    if chosen is None:
        raise InvalidTransition(row.status, row.version)
    rules.refuse_once_begun(row, now)
    rules.refuse_once_begun(row, now, start=chosen.start)
    if Closure.objects.closing(practitioner=chosen.practitioner_id, start=chosen.start, end=chosen.end).exists():
        raise SlotTaken(partial(slots.nearest, kind=row.appointment_type, start=chosen.start, now=now))
    before = rules.snapshot(row)
    freed = FreedTime.objects.filter(hold=chosen)
    freed.update(hold=None, closed_at=now, outcome=FreedTime.Outcome.TAKEN)
    holding.release(row, status=Status.PROPOSED)
    time = {name: getattr(chosen, name) for name in ("practitioner_id", "start", "end", "occupied", "choice")}
    changes = {**time, "sequence": row.sequence + 1, "attendance_confirmed_at": None, "wants_earlier_at": None}
    return rules.write(row, kind="earlier_taken", by=story.PATIENT, now=now, before=before, **changes)


@transaction.atomic
def refuse_earlier(*, appointment: Appointment, now: dt.datetime, version: int | None = None) -> Appointment:
    """No: the call stays where it is, on the list for other times; the next person is asked.

    Raises InvalidTransition when nothing is offered, StaleVersion.
    """
    row = rules.lock(appointment, "refuse_earlier", version=version)
    if not holding.release(row, status=Status.PROPOSED):
        raise InvalidTransition(row.status, row.version)
    return rules.write(row, kind="earlier_refused", by=story.PATIENT, now=now)


@transaction.atomic
def withdraw_offers(*, closure: Closure, now: dt.datetime) -> int:
    """Take back the earlier times on offer that a closure takes away; the calls themselves stay. How many were."""
    ids = list(closure.practitioners.values_list("pk", flat=True))
    holds = Appointment.objects.earlier_offers().filter(start__lt=closure.end, end__gt=closure.start)
    holds = holds.filter(practitioner__in=ids) if ids else holds
    found = list(Appointment.objects.filter(pk__in=holds.values("held_for")).order_by("pk"))
    for appointment in found:
        row = rules.lock_any(appointment)
        if row.status == Status.BOOKED and holding.release(row, status=Status.PROPOSED):
            rules.write(row, kind="earlier_lapsed", by=story.SYSTEM, now=now, facts={"closed": True})
    return len(found)
