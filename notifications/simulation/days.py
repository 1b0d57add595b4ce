"""The days of a simulation: who comes, what a manager and the weather do, and ticks in which the real work is done."""

import datetime as dt
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from django.db import connection
from django.db.models import Min

from notifications.models import Notification
from notifications.simulation import people, staff
from notifications.simulation.aftermath import Aftermath
from notifications.simulation.clinic import Clinic, Reactions
from notifications.simulation.faults import (
    OFTEN_DOUBLED,
    OFTEN_KILLED,
    QUERIES_TO_LIVE,
    Faults,
    WorkerKilled,
    killed_at,
)
from notifications.simulation.persons import DAY, HOUR, Person
from notifications.simulation.promises import Promises
from notifications.work import drain
from scheduling.models import Appointment

BEAT_SECONDS = 20
LONGEST_PAUSE = 12 * HOUR
WORKDAY_HOURS = (7, 8, 9, 9, 10, 11, 12, 13, 14, 15, 16, 17, 19, 21, 23)
ROUNDS = 200
REACTIONS = Reactions(
    to_somebody_new=staff.meet, to_a_request=staff.hear_of_a_request, to_the_time_of_a_call=staff.hold_the_call
)


class Days:
    """So many people a day come to a clinic, `promises` looks at what follows."""

    def __init__(self, *, seed: int, start: dt.datetime, days: int, a_day: int, faults: Faults) -> None:
        self.clinic = Clinic(seed=seed, start=start, days=days, faults=faults, reactions=REACTIONS)
        self.promises = Promises(self.clinic)
        for number in range(days * a_day):
            self._expect(Person.of(seed, number), day=number // a_day)
        for share, offsets in ((0.3, (4320, 2880, 1440)), (0.5, (1440,)), (0.7, (4320, 1440, 600))):
            self.clinic.at(start + days * share * DAY, partial(staff.change_the_reminders, self.clinic, *offsets))
        for day in range(9, days, 11):
            self.clinic.at(start + day * DAY, self._storm)

    def _expect(self, person: Person, *, day: int) -> None:
        hour = person.lot.choice(WORKDAY_HOURS) + person.lot.random()
        self.clinic.at(self.clinic.now + day * DAY + hour * HOUR, lambda: people.arrives(self.clinic, person))
        if person.email and person.chance(0.03):
            self.clinic.faults.dead.add(person.email)

    def _storm(self) -> None:
        staff.close_for_a_storm(self.clinic, self.clinic.lot.choice((4, 12, 30)))

    def run(self) -> None:
        """Until the days are over; then nothing goes wrong any more, nobody comes, and all that is open ends."""
        while self.clinic.now < self.clinic.end:
            self.clinic.do_what_is_on_the_agenda()
            self.clinic.now = self._next_moment(settled=self._tick())
        self.clinic.nobody_comes_any_more()
        staff.take_everybody_on(self.clinic)
        self.clinic.faults.is_over = True
        last = self.clinic.end + (self.clinic.kind.horizon_days + 3) * DAY
        while self.clinic.now < last:
            self.clinic.now = self._next_moment(settled=self._tick())
        self.promises.look_back()
        Aftermath(self.promises).look()

    def _tick(self) -> bool:
        """Do what is due, unless nobody is there or the worker is killed; whether all of it is done."""
        if self.clinic.faults.idle_until(self.clinic.now):
            return False
        settled = True
        if not self.clinic.faults.is_over and self.clinic.lot.random() < OFTEN_KILLED:
            settled = self._work_until_killed(self.clinic.lot.randint(1, QUERIES_TO_LIVE))
        elif not self.clinic.faults.is_over and self.clinic.lot.random() < OFTEN_DOUBLED:
            self._work_twice_at_once()
        if settled:
            self._work()
        self.promises.look_at_new_mail(settled=settled)
        return settled

    def _work(self) -> None:
        _, more = drain(clock=lambda: self.clinic.now, seconds=60, rounds=ROUNDS)
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
            self.clinic.faults.kills.append(self.clinic.now)
            return False
        return True

    def _work_twice_at_once(self) -> None:
        self.clinic.faults.doubled += 1
        side_by_side([self._work, self._work])

    def _next_moment(self, *, settled: bool) -> dt.datetime:
        """When something is on the agenda, or a beat finds something due; twelve hours from now at the latest."""
        moments = [self.clinic.now + LONGEST_PAUSE]
        planned = self.clinic.next_on_the_agenda()
        if planned is not None:
            moments.append(planned)
        back = self.clinic.faults.idle_until(self.clinic.now)
        if back is not None:
            return min(back, *moments)
        due = self.clinic.now if not settled else _due_after(self.clinic.now)
        if due is not None:
            moments.append(_next_beat(due))
        return max(min(moments), self.clinic.now + dt.timedelta(seconds=1))


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
