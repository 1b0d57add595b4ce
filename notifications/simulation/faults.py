"""What goes wrong, decided by the seed: dead hours, a failing mail server, workers that are killed, doubled ticks."""

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from random import Random
from typing import Any

from django.db import connection

from notifications.simulation.mailbox import Fate

Span = tuple[dt.datetime, dt.datetime]
OFTEN_KILLED, OFTEN_DOUBLED = 0.04, 0.06
QUERIES_TO_LIVE = 60
# out of a thousand messages
FATES = {Fate.PUT_OFF: 20, Fate.PUT_OFF_AFTER_DATA: 10, Fate.GONE: 10, Fate.UNANSWERED: 8, Fate.LOST: 4}
DAYS_BETWEEN_OUTAGES = 6


class WorkerKilled(BaseException):
    """The worker is gone, as by `kill -9`: nothing after this statement happened. No `except Exception` stops it."""


@dataclass
class Faults:
    """The seed's faults. `dead` are addresses whose server refuses everything for good."""

    seed: int
    idle: list[Span] = field(default_factory=list)
    mail_down: list[Span] = field(default_factory=list)
    dead: set[str] = field(default_factory=set)
    kills: list[dt.datetime] = field(default_factory=list)
    doubled: int = 0
    is_over: bool = False
    _met: Counter[str] = field(default_factory=Counter)

    @classmethod
    def of(cls, seed: int, *, start: dt.datetime, days: int) -> "Faults":
        random = Random(f"{seed}/outages")
        spans = [_outages(random, start, days) for _ in range(2)]
        return cls(seed, idle=spans[0], mail_down=spans[1])

    def idle_until(self, now: dt.datetime) -> dt.datetime | None:
        """When beat, Redis or the workers, who are gone, come back; None while they are there."""
        return next((end for begin, end in self.idle if begin <= now < end), None)

    def is_mail_down(self, now: dt.datetime) -> bool:
        return any(begin <= now < end for begin, end in self.mail_down)

    def fate_of(self, recipient: str) -> Fate:
        """Of the recipient's next message; their first, second, … has the same whatever else happens in between."""
        self._met[recipient] += 1
        if recipient in self.dead:
            return Fate.REFUSED
        lot = Random(f"{self.seed}/{recipient}/{self._met[recipient]}").randrange(1000)
        if self.is_over:
            return Fate.TAKEN
        for fate, share in FATES.items():
            if lot < share:
                return fate
            lot -= share
        return Fate.TAKEN

    def hit(self, span: Span) -> bool:
        """Whether anything that touches everybody went wrong in the span."""
        first, last = span
        spans = any(begin <= last and end >= first for begin, end in (*self.idle, *self.mail_down))
        return spans or any(first <= at <= last for at in self.kills)


def _outages(random: Random, start: dt.datetime, days: int) -> list[Span]:
    """One in so many days, of a few minutes up to ten hours."""
    found = []
    for _ in range(max(1, days // DAYS_BETWEEN_OUTAGES)):
        begin = start + dt.timedelta(minutes=random.randrange(days * 24 * 60))
        found.append((begin, begin + dt.timedelta(minutes=random.choice([5, 30, 120, 360, 600]))))
    return sorted(found)


@contextmanager
def killed_at(query: int) -> Iterator[None]:
    """The worker dies around its so-manieth statement: of even ones PostgreSQL heard, of odd ones it did not.

    What it still tries on its way out is not heard either.
    """
    heard = 0

    def count(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
        nonlocal heard
        heard += 1
        if heard == query and query % 2 == 0:
            execute(sql, params, many, context)
        if heard >= query:
            raise WorkerKilled
        return execute(sql, params, many, context)

    with connection.execute_wrapper(count):
        yield
