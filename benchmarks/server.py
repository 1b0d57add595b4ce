"""Gunicorn as in production, and one client on one connection that asks as fast as it is answered."""

import json
import os
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from statistics import quantiles
from types import MappingProxyType

from benchmarks.clinic import _children, cpu_seconds, postmaster
from tests.race.server import serving


@dataclass(frozen=True, slots=True)
class Load:
    """Of one run: requests a second, CPU milliseconds a request (web and PostgreSQL), percentiles in ms."""

    per_second: float
    cpu_ms: float
    p95_ms: float
    p99_ms: float


@contextmanager
def running() -> Iterator[int]:
    """The port of a server of two processes."""
    with tempfile.TemporaryDirectory() as folder, serving("config.wsgi:application", Path(folder)) as port:
        yield port


def ask(
    port: int,
    path: str,
    *,
    times: int,
    headers: Mapping[str, str] = MappingProxyType({}),
    pause: float = 0,
    until: float = float("inf"),
) -> Load:
    """So many GETs over one connection, none begun after `until` (of the monotonic clock), and pauses between.

    Raises RuntimeError on any answer but 200.
    """
    client, took = HTTPConnection("127.0.0.1", port, timeout=60), []
    pids = [*_children(os.getpid()), postmaster()]
    cpu, began = sum(map(cpu_seconds, pids)), time.perf_counter()
    while len(took) < times and time.monotonic() < until:
        if pause:
            time.sleep(pause)
        at = time.perf_counter()
        client.request("GET", path, headers=dict(headers))
        answer = client.getresponse()
        body = answer.read()
        took.append(time.perf_counter() - at)
        if answer.status != 200:
            raise RuntimeError(json.loads(body))
    elapsed = time.perf_counter() - began
    client.close()
    spent = sum(map(cpu_seconds, pids)) - cpu
    cuts = quantiles(took, n=100)
    return Load(len(took) / elapsed, 1000 * spent / len(took), 1000 * cuts[94], 1000 * cuts[98])
