"""What all of a simulation share: the clock, an agenda of what people and staff mean to do, and who is who."""

import datetime as dt
import heapq
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Any
from uuid import UUID

from django.db import transaction

from inquiries import intake
from inquiries.models import StaffMember
from notifications.simulation.faults import Faults
from notifications.simulation.mailbox import Mailbox
from notifications.simulation.persons import DAY, Person
from scheduling import booking
from scheduling.models import Appointment, AppointmentType

REFUSALS = (booking.Refusal, intake.InquiryClosed, intake.NothingToAcknowledge, intake.AlreadyErased)
Reaction = Callable[["Clinic", Person], object]


@dataclass(frozen=True, kw_only=True)
class Reactions:
    """What staff do about what people do, who know nothing of the staff."""

    to_somebody_new: Reaction
    to_a_request: Reaction
    to_the_time_of_a_call: Reaction


class Clinic:
    """`now` is the clock; all that acts or works reads it here."""

    def __init__(self, *, seed: int, start: dt.datetime, days: int, faults: Faults, reactions: Reactions) -> None:
        self.seed, self.now, self.end, self.faults = seed, start, start + days * DAY, faults
        self.mailbox = Mailbox(
            clock=lambda: self.now, fate_of=faults.fate_of, is_down=lambda: faults.is_mail_down(self.now)
        )
        self.lot = Random(f"{seed}/clinic")
        self.kind = AppointmentType.objects.get(slug="screening-call")
        self.staff = StaffMember.objects.order_by("pk")[0]
        self.reactions = reactions
        self.happened: Counter[str] = Counter()
        self.people: dict[UUID, Person] = {}
        self.rules_changed: list[dt.datetime] = []
        self._agenda: list[tuple[dt.datetime, int, Callable[[], object]]] = []
        self._numbers = iter(range(10**9))

    # --- the agenda ---------------------------------------------------------------------------------

    def at(self, when: dt.datetime, action: Callable[[], object]) -> None:
        heapq.heappush(self._agenda, (max(when, self.now), next(self._numbers), action))

    def later(self, delay: dt.timedelta, action: Callable[[], object]) -> None:
        self.at(self.now + delay, action)

    def do_what_is_on_the_agenda(self) -> None:
        while self._agenda and self._agenda[0][0] <= self.now:
            heapq.heappop(self._agenda)[2]()

    def next_on_the_agenda(self) -> dt.datetime | None:
        return self._agenda[0][0] if self._agenda else None

    def nobody_comes_any_more(self) -> None:
        self._agenda.clear()

    # --- what people and staff need ---------------------------------------------------------------

    def count(self, what: str, times: int = 1) -> None:
        self.happened[what] += times

    def attempt(self, what: str, verb: Callable[..., Any], **arguments: Any) -> Any:
        """What the verb returns (True for nothing), or None when it was refused; a refusal is an answer."""
        try:
            with transaction.atomic():
                done = verb(**arguments, now=self.now)
        except REFUSALS as refusal:
            self.count(f"refused: {what} ({type(refusal).__name__})")
            return None
        self.count(what)
        return True if done is None else done

    def change(self, what: str, verb: Callable[..., Appointment], **arguments: Any) -> Appointment | None:
        """The same, of a verb that changes an appointment; a call that is booked by it is held when it is over."""
        done: Appointment | None = self.attempt(what, verb, **arguments)
        if done is not None and done.status == Appointment.Status.BOOKED:
            self.at(done.end, lambda: self.reactions.to_the_time_of_a_call(self, self.person_of(done)))
        return done

    def request(self, person: Person, start: dt.datetime) -> dict[str, Any]:
        return {"inquiry": person.inquiry, "kind": self.kind, "start": start}

    def met(self, person: Person) -> None:
        """Staff have somebody to look after."""
        if person.inquiry is not None:
            self.people[person.inquiry.pk] = person
            self.reactions.to_somebody_new(self, person)

    def staff_hear(self, person: Person) -> None:
        self.reactions.to_a_request(self, person)

    def person_of(self, row: Appointment) -> Person:
        return self.people[row.inquiry_id]

    def newest(self, person: Person) -> Appointment | None:
        return Appointment.objects.current_of(person.inquiry) if person.inquiry else None

    def current(self, person: Person) -> Appointment | None:
        """The one that still holds time."""
        row = self.newest(person)
        return row if row is not None and row.status in Appointment.HOLDING else None
