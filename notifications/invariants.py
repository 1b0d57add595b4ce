"""What must never contradict itself, looked up in the database: after a fault, or any time.

The names are those of the house: I1 no time held twice, I2 each message once, I3 nobody holds a message for ever,
I5 no message of a state that never was, I6 the story unbroken, I7 legal histories, I8 earlier times
offered to who wants them, one each, I9 no time held for what is set aside.
"""

import datetime as dt
from collections.abc import Callable, Iterator
from itertools import groupby
from typing import Any

from django.db import connection
from django.db.models import Count, F, Q

from inquiries import story
from inquiries.models import Activity
from notifications.models import Notification
from scheduling.booking import TRANSITIONS
from scheduling.models import Appointment

GRACE = dt.timedelta(minutes=5)
SHOWN = 20
OVERLAPS = """
select one.id, other.id
from scheduling_appointment one
join scheduling_appointment other
  on one.practitioner_id = other.practitioner_id and one.id < other.id and one.occupied && other.occupied
where one.status = any(%(holding)s) and other.status = any(%(holding)s)
"""
# activity: the verb that tells it
VERBS = {
    "confirmed": "confirm",
    "declined": "decline",
    "move_declined": "decline",
    "proposed": "propose",
    "accepted": "accept",
    "offers_refused": "refuse",
    "move_requested": "ask_to_move",
    "move_expired": "expire",
    "move_withdrawn": "ask_to_move",
    "rescheduled": "reschedule",
    "reassigned": "reassign",
    "withdrawn": "withdraw",
    "cancelled": "cancel",
    "expired": "expire",
    "displaced": "displace",
    "completed": "complete",
    "missed": "no_show",
    "called_back": "call_back",
    "attendance_confirmed": "confirm_attendance",
    "earlier_wanted": "want_earlier",
    "earlier_not_wanted": "want_earlier",
    "earlier_offered": "offer_earlier",
    "earlier_taken": "take_earlier",
    "earlier_refused": "refuse_earlier",
    "earlier_lapsed": "lapse_earlier",
}
BEGINNINGS = ("requested", "booked")


def report(*, now: dt.datetime) -> dict[str, list[str]]:
    """What is wrong, by invariant; at most `SHOWN` of each, as ids."""
    checks: dict[str, Callable[[], Iterator[Any]]] = {
        "I1_no_overlap": _overlaps,
        "I2_each_message_once": _doubled,
        "I3_no_lost_lease": lambda: _lapsed(now),
        "I5_no_message_of_what_never_was": _unfounded,
        "I6_story_unbroken": story.broken_chains,
        "I7_legal_histories": _illegal,
        "I8_earlier_offers_fair": unfair_offers,
        "I9_set_aside_holds_nothing": _held_aside,
    }
    return {name: [str(found) for _, found in zip(range(SHOWN), find(), strict=False)] for name, find in checks.items()}


def _overlaps() -> Iterator[str]:
    with connection.cursor() as cursor:
        cursor.execute(OVERLAPS, {"holding": list(Appointment.HOLDING)})
        for one, other in cursor.fetchall():
            yield f"{one} {other}"


def _doubled() -> Iterator[str]:
    key = ("inquiry", "appointment", "calendar", "unread_since", "kind", "sequence", "recipient_index", "variant")
    for row in Notification.objects.order_by().values(*key).annotate(times=Count("pk")).filter(times__gt=1):
        yield f"{row['kind']} {row['appointment'] or row['inquiry'] or row['calendar']}"


def _lapsed(now: dt.datetime) -> Iterator[Any]:
    yield from Notification.objects.lapsed(now - GRACE).values_list("pk", flat=True)


def _unfounded() -> Iterator[Any]:
    """Messages whose activity is of another inquiry or appointment, or whose sequence or copy never was."""
    of_another = Q(appointment__isnull=False) & ~Q(appointment=F("activity__appointment_id"))
    elsewhere = ~Q(inquiry=F("activity__inquiry")) | of_another
    beyond = Q(appointment__isnull=False, sequence__gt=F("appointment__sequence"))
    not_yet = Q(unread_since__gt=F("calendar__read_at"))
    about_people = Q(inquiry__isnull=False) & (elsewhere | beyond)
    yield from Notification.objects.filter(about_people | not_yet).values_list("pk", flat=True)


def _illegal() -> Iterator[str]:
    told = Activity.objects.exclude(appointment_id=None).order_by("appointment_id", "pk").iterator()
    known = dict(Appointment.objects.spoken_of().values_list("pk", "version"))
    for appointment, history in groupby(told, lambda activity: activity.appointment_id):
        version = known.pop(appointment, None)
        wrong = wrong_step(list(history), version=version)
        if wrong:
            yield f"{appointment} {wrong}"
    for appointment in known:
        yield f"{appointment} without a story"


def unfair_offers() -> Iterator[Any]:
    """Earlier times held for a booked call without being its one freed time, or for one that has not asked."""
    theirs = Q(freed_time__offered_to=F("held_for"), start=F("freed_time__start"))
    asked_for = theirs & Q(practitioner=F("freed_time__practitioner"), held_for__wants_earlier_at__isnull=False)
    yield from Appointment.objects.earlier_offers().exclude(asked_for).values_list("pk", flat=True)


def _held_aside() -> Iterator[Any]:
    yield from Appointment.objects.holding_time().exclude(inquiry__set_aside="").values_list("pk", flat=True)


def wrong_step(history: list[Activity], *, version: int | None) -> str:
    """The first step of an appointment's history that no verb can have made, '' when all are legal."""
    status, seen = "", 0
    for activity in history:
        kind, facts = activity.kind.removeprefix("appointment."), activity.facts
        legal = kind in BEGINNINGS if not status else _is_legal(kind, before=status)
        if not legal or facts["version"] != seen + 1 or facts.get("before", {}).get("status", status) != status:
            return f"{kind} at version {facts['version']}"
        status, seen = facts["status"], facts["version"]
    return "" if seen == version else f"ends at version {seen}, is at {version}"


def _is_legal(kind: str, *, before: str) -> bool:
    return kind == "undone" or before in TRANSITIONS.get(VERBS.get(kind, ""), ())
