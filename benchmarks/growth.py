"""What a request for the free times costs as a clinic grows: a plot against practitioners, days and history."""

from collections.abc import Iterator

from django.db import connection

from benchmarks.clinic import open_clinic
from benchmarks.history import FILL
from benchmarks.server import ask, running
from benchmarks.slots import path
from benchmarks.table import Row, medians

PRACTITIONERS, DAYS, PAST = (1, 10, 20, 50), (1, 7, 30, 60), (0, 20_000, 200_000)
MIDDLE = 10  # practitioners, while something else grows
MS_A_MARK = 1


def measure() -> Iterator[Row]:
    """Bars of CPU milliseconds a request, web and PostgreSQL together; the ratio is to the first bar."""
    measured: list[tuple[str, float]] = []
    with running() as port:
        for practitioners in PRACTITIONERS:
            open_clinic(practitioners)
            measured.append((f"slots of {practitioners} practitioners × 30 days, CPU", cost(port, 30)))
        open_clinic(MIDDLE)
        measured += [(f"of {MIDDLE} × {days} days", cost(port, days)) for days in DAYS]
        for more, total in zip((PAST[1], PAST[2] - PAST[1]), PAST[1:], strict=True):
            fill(more)
            measured += [(f"of {MIDDLE} × 60 days after {total:,} calls", cost(port, 60))]
    for figure, spent in measured:
        bar = "█" * max(1, round(spent / MS_A_MARK))
        yield Row(figure=figure, ours=f"{spent:.1f} ms {bar}", against="", value=spent / measured[0][1])


def cost(port: int, days: int) -> float:
    (spent,) = medians(lambda: ask(port, path(days), times=15).cpu_ms)
    return spent


def fill(past: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(FILL, {"each": past // MIDDLE})
        cursor.execute("analyze scheduling_appointment")
