"""Many people at once: real threads, each with a database connection of its own."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import pairwise
from threading import Barrier
from typing import Any, TypeVar

from django.db import connections

from scheduling import booking
from scheduling.models import Appointment

Result = TypeVar("Result")


AtOnce = Callable[[list[Callable[[], Any]]], list[Any]]


def at_once(calls: list[Callable[[], Result]]) -> list[Result | Exception]:
    """Run the calls in threads of their own that start together; their results or refusals, in order."""
    with standing_crowd(len(calls)) as all_at_once:
        return all_at_once(calls)


@contextmanager
def standing_crowd(size: int) -> Iterator[AtOnce]:
    """`at_once` for many rounds: so many threads, which keep their connections until the end."""
    gate = Barrier(size)

    def run(call: Callable[[], Any]) -> Any:
        gate.wait()
        try:
            return call()
        except booking.Refusal as refusal:
            return refusal

    with ThreadPoolExecutor(size) as pool:
        try:
            yield lambda calls: list(pool.map(run, calls))
        finally:
            gate.reset()
            list(pool.map(run, [connections.close_all] * size))


def overlapping_pairs() -> list[Any]:
    """Invariant I1, by a plain self-join: pairs of rows that hold the same practitioner's time twice."""
    rows = (
        Appointment.objects.holding_time().order_by("practitioner", "occupied").values("practitioner", "occupied", "pk")
    )
    return [
        (one["pk"], two["pk"])
        for one, two in pairwise(rows)
        if one["practitioner"] == two["practitioner"] and one["occupied"].upper > two["occupied"].lower
    ]
