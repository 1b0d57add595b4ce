"""Many people at once: real threads, each with a database connection of its own."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from threading import Barrier
from typing import Any, TypeVar

from django.db import connections

from scheduling import booking
from scheduling.models import Appointment

Result = TypeVar("Result")


def at_once(calls: list[Callable[[], Result]]) -> list[Result | Exception]:
    """Run the calls in threads of their own that start together; their results or refusals, in order."""
    gate = Barrier(len(calls))

    def run(call: Callable[[], Result]) -> Result | Exception:
        gate.wait()
        try:
            return call()
        except booking.Refusal as refusal:
            return refusal
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))


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
