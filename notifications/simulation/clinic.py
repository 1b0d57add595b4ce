"""The clinic on its fake clock: an agenda of what people do, and ticks in which the real work is done."""

import datetime as dt
import heapq
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from random import Random
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Min

from inquiries import intake
from inquiries.models import StaffMember
from notifications.models import Notification
from notifications.simulation import people, staff
from notifications.simulation.faults import (
    OFTEN_DOUBLED,
    OFTEN_KILLED,
    QUERIES_TO_LIVE,
    Faults,
    WorkerKilled,
    killed_at,
)
from notifications.simulation.mailbox import Mailbox
from notifications.simulation.people import DAY, HOUR, Person
from notifications.simulation.promises import Promises
from notifications.work import drain
from scheduling import booking
from scheduling.models import Appointment, AppointmentType

BEAT_SECONDS = 20
LONGEST_PAUSE = 12 * HOUR
WORKDAY_HOURS = (7, 8, 9, 9, 10, 11, 12, 13, 14, 15, 16, 17, 19, 21, 23)
ROUNDS = 200
REFUSALS = (booking.Refusal, intake.InquiryClosed, intake.NothingToAcknowledge, intake.AlreadyErased)


class Clinic:
    """`now` is the clock; all that acts or works reads it here."""

    def __init__(self, *, seed: int, start: dt.datetime, days: int, a_day: int, faults: Faults) -> None:
        self.seed, self.now, self.end, self.faults = seed, start, start + days * DAY, faults
        self.mailbox = Mailbox(
            clock=lambda: self.now, fate_of=faults.fate_of, is_down=lambda: faults.is_mail_down(self.now)
        )
        self.lot = Random(f"{seed}/clinic")
        self.kind = AppointmentType.objects.get(slug="screening-call")
        self.staff = StaffMember.objects.order_by("pk")[0]
        self.happened: Counter[str] = Counter()
        self.people: dict[UUID, Person] = {}
        self.rules_changed: list[dt.datetime] = []
        self.promises = Promises(self)
        self._agenda: list[tuple[dt.datetime, int, Callable[[], object]]] = []
        self._numbers = iter(range(10**9))
        for number in range(days * a_day):
            self._expect(Person.of(seed, number), day=number // a_day)
        for share, offsets in ((0.3, (4320, 2880, 1440)), (0.5, (1440,)), (0.7, (4320, 1440, 600))):
            self.at(start + days * share * DAY, partial(staff.change_the_reminders, self, *offsets))
        for day in range(9, days, 11):
            self.at(start + day * DAY, lambda: staff.close_for_a_storm(self, self.lot.choice((4, 12, 30))))

    def _expect(self, person: Person, *, day: int) -> None:
        hour = person.lot.choice(WORKDAY_HOURS) + person.lot.random()
        self.at(self.now + day * DAY + hour * HOUR, lambda: people.arrives(self, person))
        if person.email and person.chance(0.03):
            self.faults.dead.add(person.email)

    # --- what people and staff need ---------------------------------------------------------------

    def at(self, when: dt.datetime, action: Callable[[], object]) -> None:
        heapq.heappush(self._agenda, (max(when, self.now), next(self._numbers), action))

    def later(self, delay: dt.timedelta, action: Callable[[], object]) -> None:
        self.at(self.now + delay, action)

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
            self.at(done.end, lambda: staff.hold_the_call(self, self.person_of(done)))
        return done

    def request(self, person: Person, start: dt.datetime) -> dict[str, Any]:
        return {"inquiry": person.inquiry, "kind": self.kind, "start": start}

    def met(self, person: Person) -> None:
        """Staff have somebody to look after."""
        if person.inquiry is None:
            return
        self.people[person.inquiry.pk] = person
        if person.urgent and person.chance(0.9):
            self.later(person.within(HOUR / 12, HOUR), lambda: staff.acknowledge(self, person))
        self.later(person.within(HOUR, 2 * DAY), lambda: staff.call(self, person))

    def staff_hear(self, person: Person) -> None:
        staff.hear_of_a_request(self, person)

    def person_of(self, row: Appointment) -> Person:
        return self.people[row.inquiry_id]

    def newest(self, person: Person) -> Appointment | None:
        return Appointment.objects.current_of(person.inquiry) if person.inquiry else None

    def current(self, person: Person) -> Appointment | None:
        """The one that still holds time."""
        row = self.newest(person)
        return row if row is not None and row.status in Appointment.HOLDING else None

    # --- the clock ----------------------------------------------------------------------------------

    def run(self) -> None:
        """Until the days are over; then nothing goes wrong any more, nobody comes, and all that is open ends."""
        while self.now < self.end:
            self._do_what_is_on_the_agenda()
            self.now = self._next_moment(settled=self._tick())
        self._agenda.clear()
        self.faults.is_over = True
        last = self.end + (self.kind.horizon_days + 3) * DAY
        while self.now < last:
            self.now = self._next_moment(settled=self._tick())
        self.promises.look_back()

    def _do_what_is_on_the_agenda(self) -> None:
        while self._agenda and self._agenda[0][0] <= self.now:
            heapq.heappop(self._agenda)[2]()

    def _tick(self) -> bool:
        """Do what is due, unless nobody is there or the worker is killed; whether all of it is done."""
        if self.faults.idle_until(self.now):
            return False
        settled = True
        if not self.faults.is_over and self.lot.random() < OFTEN_KILLED:
            settled = self._work_until_killed(self.lot.randint(1, QUERIES_TO_LIVE))
        elif not self.faults.is_over and self.lot.random() < OFTEN_DOUBLED:
            self._work_twice_at_once()
        if settled:
            self._work()
        self.promises.look_at_new_mail(settled=settled)
        return settled

    def _work(self) -> None:
        _, more = drain(clock=lambda: self.now, seconds=60, rounds=ROUNDS)
        if more:
            raise RuntimeError("The work does not end.")

    def _work_until_killed(self, query: int) -> bool:
        """Whether it was done before its end came."""

        def work() -> None:
            with killed_at(query):
                self._work()

        try:
            side_by_side([work])
        except WorkerKilled:
            self.faults.kills.append(self.now)
            return False
        return True

    def _work_twice_at_once(self) -> None:
        self.faults.doubled += 1
        side_by_side([self._work, self._work])

    def _next_moment(self, *, settled: bool) -> dt.datetime:
        """When something is on the agenda, or a beat finds something due; twelve hours from now at the latest."""
        moments = [self.now + LONGEST_PAUSE]
        if self._agenda:
            moments.append(self._agenda[0][0])
        back = self.faults.idle_until(self.now)
        if back is not None:
            return min(back, *moments)
        due = self.now if not settled else _due_after(self.now)
        if due is not None:
            moments.append(_next_beat(due))
        return max(min(moments), self.now + dt.timedelta(seconds=1))


def side_by_side(workers: list[Callable[[], None]]) -> None:
    """Run the workers at once, each with a connection of its own that ends with it, as its process would."""

    def live(work: Callable[[], None]) -> None:
        try:
            work()
        finally:
            if connection.connection is not None:
                connection.connection.close()

    with ThreadPoolExecutor(len(workers)) as pool:
        for done in [pool.submit(live, work) for work in workers]:
            done.result()


def _due_after(now: dt.datetime) -> dt.datetime | None:
    """The next moment at which the database says that there is something to do."""
    rows, calls = Notification.objects.order_by(), Appointment.objects.spoken_of().order_by()
    found = [
        rows.filter(status__in=["due", "uncertain"], try_at__gt=now).aggregate(at=Min("try_at"))["at"],
        rows.filter(status="sending", lease_until__gt=now).aggregate(at=Min("lease_until"))["at"],
        calls.filter(status__in=Appointment.UNSETTLED, held_until__gt=now).aggregate(at=Min("held_until"))["at"],
    ]
    return min(filter(None, found), default=None)


def _next_beat(moment: dt.datetime) -> dt.datetime:
    """Beat ticks every 20 seconds: the first tick after that moment."""
    return dt.datetime.fromtimestamp((moment.timestamp() // BEAT_SECONDS + 1) * BEAT_SECONDS, dt.UTC)
