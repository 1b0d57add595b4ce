"""Two hundred clients for twenty times: exactly twenty win, the others are told what is free."""

import os
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from statistics import quantiles
from threading import Barrier

from benchmarks.booking import WISH
from benchmarks.clinic import open_clinic
from benchmarks.server import running
from benchmarks.slots import path
from benchmarks.table import Row
from tests.race.server import call

CLIENTS, TIMES = 200, 20
ROUNDS = int(os.environ.get("RACE_ROUNDS", "5"))


def one_round(port: int, number: int, starts: list[str]) -> tuple[list[int], list[float]]:
    """The statuses, and how long each answer took in seconds."""
    gate = Barrier(CLIENTS)

    def client(nth: int) -> tuple[int, float]:
        appointment = {"appointment_type": "screening-call", "start": starts[nth % TIMES]}
        wish = WISH | {"email": f"r{number}-{nth}@example.com", "appointment": appointment}
        gate.wait()
        began = time.perf_counter()
        return call(port, "POST", "/api/v1/inquiries/", wish).status, time.perf_counter() - began

    with ThreadPoolExecutor(CLIENTS) as pool:
        answers = list(pool.map(client, range(CLIENTS)))
    return [status for status, _ in answers], [took for _, took in answers]


def measure() -> Iterator[Row]:
    statuses: list[int] = []
    took: list[float] = []
    with running() as port:
        for number in range(ROUNDS):
            open_clinic(1)
            starts = [slot["start"] for slot in call(port, "GET", path(14)).body["slots"]][::2][:TIMES]
            seen, times = one_round(port, number, starts)
            statuses, took = statuses + seen, took + times
    won, lost = statuses.count(201), statuses.count(409)
    told = f"{won} won, {lost} × 409, {len(statuses) - won - lost} others"
    yield Row(
        figure=f"{CLIENTS} clients for {TIMES} times, {ROUNDS} rounds",
        ours=told,
        against=f"{TIMES * ROUNDS} times",
        value=won / (TIMES * ROUNDS),
        at_least=1,
        at_most=1,
    )
    yield Row(
        figure="the same, HTTP p99 in seconds",
        ours=f"{quantiles(took, n=100)[-1]:.2f} s",
        against="1 s",
        value=quantiles(took, n=100)[-1],
        at_most=1,
    )
