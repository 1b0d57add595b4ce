"""What a plan is made from, and what it is: values, without database or clock. Instants are aware UTC."""

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum


class Scope(StrEnum):
    """Which of the messages planned earlier, and still open, are untrue now."""

    NOTHING = "nothing"
    REMINDERS = "reminders"  # of every call of this inquiry
    URGENT = "urgent"  # the alert about an urgent inquiry
    ACKNOWLEDGEMENTS = "acknowledgements"  # what was to be said of the inquiry itself
    EARLIER = "earlier"  # the offer of an earlier time
    APPOINTMENT = "appointment"  # everything about this appointment
    REQUEST = "request"  # both of these
    PATIENT = "patient"  # everything to the patient
    EVERYTHING = "everything"


@dataclass(frozen=True, kw_only=True)
class Happening:
    """An activity, with the facts of the appointment after it.

    `was` is the status before; `until` the end of an earlier time's offer.
    `alert_again` is when somebody who needs help today, and whom nobody has taken on, is told of once more.
    """

    kind: str
    at: dt.datetime
    by: str = "patient"
    urgent: bool = False
    choosing: bool = False
    has_appointment: bool = False
    status: str = ""
    was: str = ""
    sequence: int = 0
    version: int = 0
    start: dt.datetime | None = None
    answer_by: dt.datetime | None = None
    held_until: dt.datetime | None = None
    until: dt.datetime | None = None
    alert_again: tuple[dt.datetime, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Reader:
    """The patient: `unreachable` is the reason why no mail reaches them, '' when it does; `zone` an IANA name."""

    unreachable: str = ""
    reminders_ok: bool = True
    zone: str = "UTC"


@dataclass(frozen=True, kw_only=True)
class Rules:
    """Of the appointment type; `undo` is how long staff can take a decision back."""

    offsets_minutes: tuple[int, ...] = ()
    quiet_minutes: int = 0
    undo: dt.timedelta = dt.timedelta()


@dataclass(frozen=True, kw_only=True)
class Told:
    """What the patient was told last about this appointment, and whether an invitation is in their calendar.

    `reminded` are the variants of the reminders of that time that had their moment, whatever came of them.
    """

    status: str = ""
    start: dt.datetime | None = None
    at: dt.datetime | None = None
    invited: bool = False
    reminded: frozenset[str] = frozenset()


@dataclass(frozen=True, kw_only=True)
class Message:
    """One message; a skipped one has the reason in `skip`."""

    kind: str
    due_at: dt.datetime
    expires_at: dt.datetime
    sequence: int = 0
    variant: str = ""
    skip: str = ""


@dataclass(frozen=True, kw_only=True)
class Plan:
    messages: tuple[Message, ...] = ()
    supersedes: Scope = Scope.NOTHING
