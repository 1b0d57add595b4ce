"""The story of an inquiry in words: one sentence for every kind of activity."""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import IntegerField, OuterRef, QuerySet, Subquery, Value
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast, Coalesce, Concat, NullIf, Trim
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop

from inquiries.models import Activity, Inquiry, StaffMember, Statement
from scheduling import wording
from scheduling.desk import words
from scheduling.models import CallAttempt, Practitioner

LIMIT = 200

SENTENCES = {
    "inquiry.received": gettext_noop("Asked to be contacted"),
    "inquiry.set_aside": gettext_noop("Asked to be contacted; set aside, as it may come from a program"),
    "inquiry.released": gettext_noop("Said that a person sent it"),
    "inquiry.acknowledged": gettext_noop("Saw that help is needed today, and took it on"),
    "inquiry.assigned": gettext_noop("Gave the inquiry to %(member)s"),
    "inquiry.unassigned": gettext_noop("Made the inquiry nobody's"),
    "inquiry.noted": gettext_noop("Wrote a note"),
    "inquiry.closed": gettext_noop("Closed the inquiry"),
    "inquiry.contact_stopped": gettext_noop("Nothing more is sent to them: they asked not to be contacted"),
    "inquiry.call_attempted": gettext_noop("Called, attempt %(number)s"),
    "inquiry.checklist_kept": gettext_noop("Went through the checklist: %(asked)s of %(lines)s asked"),
    "inquiry.followed_up": gettext_noop("Settled the follow-up of the missed call"),
    "inquiry.reopened": gettext_noop("Opened the inquiry again"),
    "inquiry.windows_preferred": gettext_noop("None of the free times suited; said when would"),
    "inquiry.zone_changed": gettext_noop("Reads times on another clock from now on"),
    "inquiry.link_requested": gettext_noop("Asked for a fresh link to their page"),
    "inquiry.reminders_stopped": gettext_noop("Wants no more reminders"),
    "inquiry.called_instead": gettext_noop("Called, because a message could not reach them"),
    "inquiry.erasure_requested": gettext_noop("Asked for everything about them to be erased"),
    "inquiry.erased": gettext_noop("Erased name, contact and all that was written"),
    "appointment.requested": gettext_noop("Asked for %(time)s; held with %(practitioner)s"),
    "appointment.booked": gettext_noop("Booked %(time)s with %(practitioner)s"),
    "appointment.confirmed": gettext_noop("Confirmed %(time)s with %(practitioner)s"),
    "appointment.declined": gettext_noop("Declined the request"),
    "appointment.proposed": gettext_noop("Offered %(offered)s, until %(until)s"),
    "appointment.displaced": gettext_noop("Closed %(old)s and offered %(offered)s, until %(until)s"),
    "appointment.accepted": gettext_noop("Took the offered time: %(time)s with %(practitioner)s"),
    "appointment.offers_refused": gettext_noop("None of the offered times suited"),
    "appointment.move_requested": gettext_noop("Asked to move the call from %(old)s to %(time)s"),
    "appointment.move_declined": gettext_noop("Declined the move; the call stays at %(time)s"),
    "appointment.move_withdrawn": gettext_noop("Keeps the confirmed time after all: %(time)s"),
    "appointment.move_expired": gettext_noop("Nobody answered the wish to move; the call stays at %(time)s"),
    "appointment.rescheduled": gettext_noop("Moved the call from %(old)s to %(time)s with %(practitioner)s"),
    "appointment.reassigned": gettext_noop("Gave the call to %(practitioner)s"),
    "appointment.withdrawn": gettext_noop("Cancelled"),
    "appointment.cancelled": gettext_noop("Cancelled the call"),
    "appointment.expired": gettext_noop("Not answered in time; the time is free again"),
    "appointment.completed": gettext_noop("Recorded that the call was held"),
    "appointment.called_back": gettext_noop("Recorded that they were spoken with after all"),
    "appointment.missed": gettext_noop("Recorded that the patient was not there"),
    "appointment.attendance_confirmed": gettext_noop("Said that they will be there"),
    "appointment.earlier_wanted": gettext_noop("Would take an earlier time"),
    "appointment.earlier_not_wanted": gettext_noop("No longer looks for an earlier time"),
    "appointment.earlier_offered": gettext_noop(
        "Offered an earlier time, %(offered)s, until %(until)s; the call stays"
    ),
    "appointment.earlier_taken": gettext_noop("Took the earlier time: from %(old)s to %(time)s with %(practitioner)s"),
    "appointment.earlier_refused": gettext_noop("Keeps the call as it is; the earlier time goes to the next"),
    "appointment.earlier_lapsed": gettext_noop("The offer of an earlier time ended; the call stays"),
    "appointment.undone": gettext_noop("Took back %(undone)s"),
}
TAKEN_BACK = {
    "appointment.confirmed": gettext_noop("the confirmation"),
    "appointment.declined": gettext_noop("the refusal"),
    "appointment.move_declined": gettext_noop("the refusal"),
    "appointment.proposed": gettext_noop("the offer"),
    "appointment.rescheduled": gettext_noop("the move"),
    "appointment.reassigned": gettext_noop("the change of practitioner"),
    "appointment.cancelled": gettext_noop("the cancellation"),
    "appointment.completed": gettext_noop("the outcome"),
    "appointment.called_back": gettext_noop("the outcome"),
    "appointment.missed": gettext_noop("the missed call"),
}
URGENT = gettext_lazy("Asked to be contacted, and needs help today")
CALLED, CALLED_URGENT = gettext_lazy("Wrote down a caller"), gettext_lazy("Wrote down a caller who needs help today")
OVERRULED = gettext_lazy("Outside the rules, knowingly")
ACTORS: dict[str, Any] = {
    Activity.Actor.PATIENT: gettext_lazy("Patient"),
    Activity.Actor.SYSTEM: gettext_lazy("Firstcall"),
}


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that happened.

    `why` is the reason given, in words; `quote` what a note says; `version` the appointment's after it (0: unchanged).
    """

    at: dt.datetime
    who: str
    by: str
    kind: str
    sentence: str
    why: str
    quote: str
    appointment: str
    version: int


def lines_of(inquiry: Inquiry, *, statements: Iterable[Statement], people: Iterable[Practitioner]) -> list[Line]:
    """The story, the newest line first; one query."""
    activities = _with_assignees(inquiry.activities.select_related("staff_member")).order_by("-number")[:LIMIT]
    quotes = {str(statement.pk): statement.text.reveal() for statement in statements}
    names = {person.pk: person.name for person in people}
    return [_line(activity, quotes, names) for activity in activities]


def _with_assignees(rows: QuerySet[Activity]) -> QuerySet[Activity]:
    """Each with the `member`'s name to whom it gave the inquiry; only an id is in the story."""
    rows = rows.annotate(assignee=Cast(KeyTextTransform("assigned_to", "facts"), IntegerField()))
    full = Trim(Concat("first_name", Value(" "), "last_name"))
    named = StaffMember.objects.annotate(name=Coalesce(NullIf(full, Value("")), "username"))
    return rows.annotate(member=Subquery(named.filter(pk=OuterRef("assignee")).values("name")[:1]))


def _line(activity: Activity, quotes: Mapping[str, str], names: Mapping[int, str]) -> Line:
    return Line(
        at=activity.at,
        who=activity.staff_member.display_name if activity.staff_member else str(ACTORS[activity.actor]),
        by=activity.actor,
        kind=activity.kind,
        sentence=sentence_of(activity, names),
        why=why_of(activity),
        quote=quotes.get(activity.facts.get("statement", ""), ""),
        appointment=str(activity.appointment_id or ""),
        version=activity.facts.get("version", 0),
    )


def sentence_of(activity: Activity, names: Mapping[int, str]) -> str:
    """What happened, without who did it; `names` are the practitioners' by id."""
    if activity.kind == "inquiry.received" and activity.actor == Activity.Actor.STAFF:
        return str(CALLED_URGENT if activity.facts.get("urgent") else CALLED)
    if activity.kind == "inquiry.received" and activity.facts.get("urgent"):
        return str(URGENT)
    template = SENTENCES.get(activity.kind)
    if not template:
        return activity.kind
    return _(template) % (_facts(activity.facts, names) | {"member": vars(activity).get("member") or "–"})


def why_of(activity: Activity) -> str:
    """The reason or the outcome that staff gave, in words; '' for none."""
    facts = activity.facts
    if activity.kind == "appointment.earlier_offered":
        return words.turn(facts["place"], facts["passed_over"])
    if activity.kind == "inquiry.set_aside":
        return str(Inquiry.SetAside(facts["set_aside"]).label)
    if activity.kind == "inquiry.closed":
        return str(wording.CLOSINGS.get(facts.get("reason"), ""))
    if activity.kind == "inquiry.call_attempted":
        return str(CallAttempt.Result(facts["result"]).label)
    return str(
        wording.REASONS.get(facts.get("why"), "")
        or wording.CLOSURE_TEXTS.get(facts.get("text"), "")
        or wording.OUTCOMES.get(facts.get("outcome"), "")
        or (OVERRULED if facts.get("overruled") else "")
    )


def _facts(facts: Mapping[str, Any], names: Mapping[int, str]) -> dict[str, str]:
    return {
        "time": _time(facts.get("start")),
        "old": _time((facts.get("before") or {}).get("start")),
        "until": _time(facts.get("until")),
        "offered": " · ".join(_time(start) for start in facts.get("offered", [])),
        "practitioner": names.get(facts.get("practitioner", 0), "–"),
        "number": str(facts.get("number", "")),
        "asked": str(facts.get("asked", "")),
        "lines": str(facts.get("lines", "")),
        "undone": _(TAKEN_BACK.get(facts.get("undone", ""), "–")),
    }


def _time(written: str | None) -> str:
    return words.short(dt.datetime.fromisoformat(written)) if written else "–"
