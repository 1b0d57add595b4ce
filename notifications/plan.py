"""What is said to whom, and when, about what happened: pure tables, no database and no clock.

`plan` makes the whole plan of one activity, with what is skipped and why, so that it can be seen before anything is
sent. Instants are aware UTC.
"""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, replace

from notifications.facts import Happening, Message, Plan, Reader, Rules, Scope, Told
from notifications.models import Notification
from notifications.night import by_day
from scheduling.models import Appointment

Kind = Notification.Kind
Reason, Status = Notification.Reason, Appointment.Status
A_DAY = dt.timedelta(days=1)
# How long somebody who goes on to choose a time may take; if they do, one mail tells of both.
TIME_TO_CHOOSE = dt.timedelta(minutes=10)
# Variants of `staff_unanswered`: to the coordinators first, then to the managers.
NUDGE, SECOND = "nudge", "second"
# Beginning of the variants of `times_proposed` that offer an earlier time to who is booked already.
EARLIER = "earlier-"
# Variants of `urgent_inquiry` when it is told once more; the second also begins those of `alarms`.
AGAIN, EVERYBODY = "again", "everybody"
# Nothing is said about a call to come once it has begun.
OF_A_CALL_TO_COME = {
    Kind.REQUEST_RECEIVED,
    Kind.APPOINTMENT_CONFIRMED,
    Kind.APPOINTMENT_RESCHEDULED,
    Kind.TIMES_PROPOSED,
    Kind.REMINDER,
}


@dataclass(frozen=True)
class _Case:
    """One activity with everything that its messages depend on."""

    happening: Happening
    reader: Reader
    rules: Rules
    told: Told

    @property
    def start(self) -> dt.datetime:
        return self.happening.start or self.happening.at

    def to_patient(self, kind: str, *, until: dt.datetime | None = None) -> Message:
        """Due at once, or when the decision of staff can't be taken back; until the call's start, or a day."""
        due = self.happening.at + (self.rules.undo if self.happening.by == "staff" else dt.timedelta())
        ends = until or (self.start if self.start > due else due + A_DAY)
        skip = self.reader.unreachable
        if not skip and kind in OF_A_CALL_TO_COME and min(ends, self.start) <= due:
            skip = Reason.TOO_LATE
        sequence = self.happening.sequence
        return Message(kind=kind, due_at=due, expires_at=max(due, ends), sequence=sequence, skip=skip)

    def to_staff(self, kind: str, *, due: dt.datetime | None = None, until: dt.datetime | None = None) -> Message:
        due = due or self.happening.at
        ends = max(due, until or due + A_DAY)
        return Message(kind=kind, due_at=due, expires_at=ends, sequence=self.happening.sequence)

    def reminders(self, *, known: bool = False) -> list[Message]:
        """One for each offset, earliest first; each gives way when the next one is due, the last when the call starts.

        What is due before the patient learned of the time, or soon after, is skipped; of a time that is `known` from
        what they were told last, what had its moment too. What would wake somebody goes the evening before; one, where
        that is two.
        """
        learned = self.told.at if known and self.told.at else self.happening.at
        quiet_until = learned + dt.timedelta(minutes=self.rules.quiet_minutes)
        ends, found = self.start, []
        for offset in sorted(set(self.rules.offsets_minutes)):
            due = by_day(self.start - dt.timedelta(minutes=offset), self.reader.zone)
            over = due <= learned or due < quiet_until or (known and str(offset) in self.told.reminded)
            late = Reason.TOO_LATE if over else Reason.NIGHT if due >= ends else ""
            skip = self.reader.unreachable or ("" if self.reader.reminders_ok else Reason.NO_CONSENT) or late
            message = self.to_patient(Kind.REMINDER)
            found.append(replace(message, due_at=due, expires_at=max(due, ends), variant=str(offset), skip=skip))
            ends = ends if late else due
        return found[::-1]

    def alerts(self) -> list[Message]:
        """At once to whoever is on call, and again until somebody takes the person on; the last time to everybody."""
        first, again = self.to_staff(Kind.URGENT_INQUIRY), self.happening.alert_again
        repeats = [replace(self.to_staff(Kind.URGENT_INQUIRY, due=due), variant=AGAIN) for due in again[:-1]]
        last = [replace(self.to_staff(Kind.URGENT_INQUIRY, due=due), variant=EVERYBODY) for due in again[-1:]]
        return [first, *repeats, *last]

    def nudge(self) -> list[Message]:
        """Coordinators hear again of a request that nobody has answered when its promise is over.

        Managers hear of it halfway from there to the moment when its time is let go.
        """
        due, until = self.happening.answer_by, self.happening.held_until
        if due is None:
            return []
        nudge = replace(self.to_staff(Kind.STAFF_UNANSWERED, due=due, until=until), variant=NUDGE)
        if until is None or until <= due:
            return [nudge]
        second = self.to_staff(Kind.STAFF_UNANSWERED, due=due + (until - due) / 2, until=until)
        return [nudge, replace(second, variant=SECOND)]


def _received(case: _Case) -> list[Message]:
    """A person who asked with a time hears of the time instead; who called staff has heard already."""
    happening, found = case.happening, []
    if happening.urgent:
        found += case.alerts()
    if happening.has_appointment or happening.by == "staff":
        return found
    received = case.to_patient(Kind.INQUIRY_RECEIVED, until=happening.at + A_DAY)
    found.append(replace(received, due_at=happening.at + TIME_TO_CHOOSE) if happening.choosing else received)
    return found if happening.urgent else [*found, case.to_staff(Kind.STAFF_NEW_REQUEST)]


def _released(case: _Case) -> list[Message]:
    """Staff, who have it before them, are alerted only when help is needed today."""
    received = case.to_patient(Kind.INQUIRY_RECEIVED, until=case.happening.at + A_DAY)
    return [*(case.alerts() if case.happening.urgent else []), received]


def _asked(case: _Case, staff_hear: str) -> list[Message]:
    until = min(case.happening.at + A_DAY, case.start)
    to_patient = case.to_patient(Kind.REQUEST_RECEIVED, until=until)
    return [to_patient, case.to_staff(staff_hear), *case.nudge()]


def _requested(case: _Case) -> list[Message]:
    return _asked(case, Kind.STAFF_NEW_REQUEST)


def _booked(case: _Case) -> list[Message]:
    to_staff = [] if case.happening.by == "staff" else [case.to_staff(Kind.STAFF_NEW_REQUEST)]
    return [*_confirmed(case), *to_staff]


def _confirmed(case: _Case) -> list[Message]:
    return [case.to_patient(Kind.APPOINTMENT_CONFIRMED), *case.reminders()]


def _accepted(case: _Case) -> list[Message]:
    return [*_confirmed(case), case.to_staff(Kind.STAFF_PATIENT_CHANGED)]


def _rescheduled(case: _Case) -> list[Message]:
    return [case.to_patient(Kind.APPOINTMENT_RESCHEDULED), *case.reminders()]


def _move_requested(case: _Case) -> list[Message]:
    """Pending until staff answer, or booked at once where the type confirms by itself."""
    if case.happening.status == Status.BOOKED:
        return [*_rescheduled(case), case.to_staff(Kind.STAFF_PATIENT_CHANGED)]
    return _asked(case, Kind.STAFF_PATIENT_CHANGED)


def _move_declined(case: _Case) -> list[Message]:
    return [case.to_patient(Kind.REQUEST_DECLINED), *case.reminders()]


def _move_expired(case: _Case) -> list[Message]:
    return [case.to_patient(Kind.REQUEST_EXPIRED), *case.reminders()]


def _move_withdrawn(case: _Case) -> list[Message]:
    """The patient wants the confirmed time after all: they know it, its reminders count again."""
    return [*case.reminders(), case.to_staff(Kind.STAFF_PATIENT_CHANGED)]


def _expired(case: _Case) -> list[Message]:
    to_patient = case.to_patient(Kind.REQUEST_EXPIRED, until=case.happening.at + A_DAY)
    was_offer = case.happening.was == Status.PROPOSED
    return [to_patient, *([case.to_staff(Kind.STAFF_PATIENT_CHANGED)] if was_offer else [])]


def _withdrawn(case: _Case) -> list[Message]:
    return [case.to_patient(Kind.APPOINTMENT_CANCELLED), case.to_staff(Kind.STAFF_PATIENT_CHANGED)]


def _offers_refused(case: _Case) -> list[Message]:
    """The patient saw the answer on their page; only an entry in their calendar still has to go."""
    to_patient = [case.to_patient(Kind.APPOINTMENT_CANCELLED)] if case.told.invited else []
    return [*to_patient, case.to_staff(Kind.STAFF_PATIENT_CHANGED)]


def _earlier_offered(case: _Case) -> list[Message]:
    """The call stands as it is, and so does its sequence: only the version tells one such offer from the next."""
    message = case.to_patient(Kind.TIMES_PROPOSED, until=case.happening.until)
    return [replace(message, variant=f"{EARLIER}{case.happening.version}")]


def _earlier_taken(case: _Case) -> list[Message]:
    return [*_rescheduled(case), case.to_staff(Kind.STAFF_PATIENT_CHANGED)]


def _undone(case: _Case) -> list[Message]:
    """What holds again, unless it is what the patient was told last; reminders anew in either case.

    Staff, who have just had the request in hand, are told of it only from now on.
    """
    happening, told = case.happening, case.told
    knows = (told.status, told.start) == (happening.status, happening.start)
    if happening.status == Status.BOOKED:
        standing = [] if knows else [case.to_patient(Kind.APPOINTMENT_CONFIRMED)]
        return [*standing, *case.reminders(known=knows)]
    if happening.status == Status.PROPOSED:
        return [] if knows else [case.to_patient(Kind.TIMES_PROPOSED, until=happening.held_until)]
    if happening.status == Status.NOSHOW:
        return [] if knows else _missed(case)
    nudges = [replace(each, skip=Reason.TOO_LATE) if each.due_at <= happening.at else each for each in case.nudge()]
    return [*([] if knows else [case.to_patient(Kind.REQUEST_RECEIVED)]), *nudges]


def _one(kind: str, *, until_held: bool = False, days: int = 0) -> Callable[[_Case], list[Message]]:
    def say(case: _Case) -> list[Message]:
        until = case.happening.held_until if until_held else case.happening.at + days * A_DAY if days else None
        return [case.to_patient(kind, until=until)]

    return say


_missed = _one(Kind.NO_SHOW_FOLLOW_UP, days=2)


def _fresh_link(case: _Case) -> list[Message]:
    """One for each time that it is asked for: the moment tells them apart."""
    link = case.to_patient(Kind.FRESH_LINK, until=case.happening.at + A_DAY)
    return [replace(link, variant=f"{case.happening.at:%Y%m%d%H%M%S}")]


def _silence(case: _Case) -> list[Message]:
    return []


# activity: (what is said, which open messages it makes untrue); an activity that is not here says and undoes nothing
TABLE: dict[str, tuple[Callable[[_Case], list[Message]], Scope]] = {
    "inquiry.received": (_received, Scope.NOTHING),
    "inquiry.released": (_released, Scope.NOTHING),
    "inquiry.acknowledged": (_silence, Scope.URGENT),
    "inquiry.reminders_stopped": (_silence, Scope.REMINDERS),
    "inquiry.closed": (_silence, Scope.ACKNOWLEDGEMENTS),
    "inquiry.contact_stopped": (_silence, Scope.PATIENT),
    "inquiry.link_requested": (_fresh_link, Scope.NOTHING),
    "inquiry.erasure_requested": (_one(Kind.ERASED, days=1), Scope.EVERYTHING),
    "inquiry.erased": (_silence, Scope.EVERYTHING),
    "appointment.requested": (_requested, Scope.REQUEST),
    "appointment.booked": (_booked, Scope.REQUEST),
    "appointment.confirmed": (_confirmed, Scope.APPOINTMENT),
    "appointment.accepted": (_accepted, Scope.APPOINTMENT),
    "appointment.declined": (_one(Kind.REQUEST_DECLINED), Scope.APPOINTMENT),
    "appointment.proposed": (_one(Kind.TIMES_PROPOSED, until_held=True), Scope.APPOINTMENT),
    "appointment.displaced": (_one(Kind.TIMES_PROPOSED, until_held=True), Scope.APPOINTMENT),
    "appointment.offers_refused": (_offers_refused, Scope.APPOINTMENT),
    "appointment.move_requested": (_move_requested, Scope.APPOINTMENT),
    "appointment.move_declined": (_move_declined, Scope.APPOINTMENT),
    "appointment.move_expired": (_move_expired, Scope.APPOINTMENT),
    "appointment.move_withdrawn": (_move_withdrawn, Scope.APPOINTMENT),
    "appointment.rescheduled": (_rescheduled, Scope.APPOINTMENT),
    "appointment.withdrawn": (_withdrawn, Scope.APPOINTMENT),
    "appointment.cancelled": (_one(Kind.APPOINTMENT_CANCELLED), Scope.APPOINTMENT),
    "appointment.expired": (_expired, Scope.APPOINTMENT),
    "appointment.completed": (_silence, Scope.APPOINTMENT),
    "appointment.called_back": (_silence, Scope.APPOINTMENT),
    "appointment.missed": (_missed, Scope.APPOINTMENT),
    "appointment.undone": (_undone, Scope.APPOINTMENT),
    "appointment.earlier_offered": (_earlier_offered, Scope.NOTHING),
    "appointment.earlier_taken": (_earlier_taken, Scope.APPOINTMENT),
    "appointment.earlier_refused": (_silence, Scope.EARLIER),
    "appointment.earlier_lapsed": (_silence, Scope.EARLIER),
    "appointment.earlier_not_wanted": (_silence, Scope.EARLIER),
}


# what a call's reminders are planned from
PLANS_REMINDERS = [
    *("appointment.booked", "appointment.confirmed", "appointment.accepted", "appointment.rescheduled"),
    "appointment.earlier_taken",
    *("appointment.move_requested", "appointment.move_declined", "appointment.move_expired"),
    *("appointment.move_withdrawn", "appointment.undone"),
]


def plan(happening: Happening, *, reader: Reader, rules: Rules, told: Told | None = None) -> Plan:
    """The messages of one activity, in the order in which they are due to each reader, and what they supersede."""
    say, supersedes = TABLE.get(happening.kind, (_silence, Scope.NOTHING))
    messages = say(_Case(happening, reader, rules, told or Told()))
    return Plan(messages=tuple(messages), supersedes=supersedes)
