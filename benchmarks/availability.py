"""The pure engine against the bare interval algebra: 20 practitioners, 30 days, half full, real zones."""

import datetime as dt
import random
import time
from collections.abc import Callable, Iterator

from benchmarks import algebra
from benchmarks.table import Row, medians
from scheduling import availability
from scheduling.availability import Claim, Diary, Rules

ZONES = ("America/New_York", "America/Chicago", "America/Los_Angeles", "America/Puerto_Rico", "Europe/Madrid")
RULES = Rules(duration_minutes=20, slot_step_minutes=20, horizon_days=60)
NOW = int(dt.datetime(2027, 1, 4, tzinfo=dt.UTC).timestamp())
START = NOW + availability.DAY
END = START + 30 * availability.DAY


def half_full(practitioner: int) -> Diary:
    """Nine to five in their zone, on every day; every other time at random is taken."""
    chance = random.Random(practitioner)
    zone = ZONES[practitioner % len(ZONES)]
    empty = Diary(practitioner=practitioner, zone=zone, hours={day: [(540, 1020)] for day in range(7)})
    starts = availability.free_starts(empty, RULES, now=NOW, start=NOW, end=END + availability.DAY)
    taken = sorted(chance.sample(starts, len(starts) // 2))
    claims = [Claim(at, at + 1200, at, at + 1200) for at in taken]
    return Diary(practitioner=practitioner, zone=zone, hours=empty.hours, claims=claims)


def milliseconds(work: Callable[[], object]) -> float:
    """CPU of this process."""
    began = time.process_time_ns()
    work()
    return (time.process_time_ns() - began) / 1e6


def measure() -> Iterator[Row]:
    diaries = [half_full(number) for number in range(20)]

    def free() -> list[list[int]]:
        return [availability.free_starts(one, RULES, now=NOW, start=START, end=END) for one in diaries]

    def bare() -> list[list[int]]:
        return [algebra.free_starts(one, RULES, start=START, end=END) for one in diaries]

    def every_reason() -> int:
        window = {"now": NOW, "start": START, "end": END}
        return sum(len(availability.decisions(one, RULES, **window)) for one in diaries)

    assert sum(map(len, free())) == sum(map(len, bare()))
    ours, reasons, floor = medians(
        *(lambda work=work: milliseconds(work) for work in (free, every_reason, bare)), rounds=15
    )
    against = f"bare interval algebra {floor:.2f} ms"
    yield Row(
        figure="free times, 20 practitioners × 30 days, CPU",
        ours=f"{ours:.2f} ms",
        against=against,
        value=ours / floor,
        at_most=1.5,
    )
    yield Row(
        figure=f"the same with every reason ({every_reason():,} decisions)",
        ours=f"{reasons:.2f} ms",
        against=against,
        value=reasons / floor,
        at_most=3,
    )
