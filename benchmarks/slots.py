"""The slots endpoint through the whole stack, against a bare Django view on the same server."""

import datetime as dt
from collections.abc import Iterator
from statistics import median

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from benchmarks.clinic import open_clinic
from benchmarks.server import Load, ask, running
from benchmarks.table import ROUNDS, Row
from inquiries.clinic import clinic

BARE = "/healthz"


def path(days: int) -> str:
    start = timezone.now().date() + dt.timedelta(days=7 - timezone.now().weekday())  # next Monday
    return f"/api/v1/slots/?appointment_type=screening-call&start={start}&end={start + dt.timedelta(days=days)}"


def rounds(port: int, asked: dict[str, tuple[str, int]]) -> dict[str, Load]:
    """The median of each figure of each path, over rounds in which the paths take turns."""
    for place, _times in asked.values():
        ask(port, place, times=20)
    turns = [{name: ask(port, place, times=times) for name, (place, times) in asked.items()} for _ in range(ROUNDS)]
    return {
        name: Load(*(median(getattr(turn[name], field) for turn in turns) for field in Load.__slots__))
        for name in asked
    }


def queries(practitioners: int, days: int) -> int:
    """Of a request in a process that has read the clinic's own facts, as each does every ten seconds."""
    open_clinic(practitioners)
    clinic()
    with CaptureQueriesContext(connection) as asked:
        assert Client().get(path(days), headers={"host": "localhost"}).status_code == 200
    return len(asked)


def measure() -> Iterator[Row]:
    counts = {queries(practitioners, days) for practitioners in (1, 50) for days in (1, 60)}
    yield Row(
        figure="queries of slots/, 1 or 50 practitioners, 1 or 60 days",
        ours=str(sorted(counts)),
        against="constant",
        value=max(counts),
        at_most=2,
    )
    open_clinic(1)
    with running() as port:
        seen = rounds(port, {"bare": (BARE, 300), "day": (path(1), 300)})
        open_clinic(20)
        month = rounds(port, {"month": (path(30), 20)})["month"]
    bare, day = seen["bare"], seen["day"]
    against = f"bare view {bare.per_second:.0f}/s, {bare.cpu_ms:.2f} ms CPU"
    yield Row(
        figure="one practitioner's day over HTTP, requests/s",
        ours=f"{day.per_second:.0f}/s",
        against=against,
        value=day.per_second / bare.per_second,
        at_least=0.22,
    )
    yield Row(
        figure="the same, p95",
        ours=f"{day.p95_ms:.1f} ms",
        against=f"bare view {bare.p95_ms:.1f} ms",
        value=day.p95_ms / bare.p95_ms,
        at_most=6,
    )
    yield Row(
        figure="20 practitioners × 30 days over HTTP, CPU",
        ours=f"{month.cpu_ms:.1f} ms",
        against=f"one practitioner's day {day.cpu_ms:.1f} ms",
        value=month.cpu_ms / day.cpu_ms,
        at_most=25,
    )
