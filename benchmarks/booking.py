"""`POST inquiries/` with a time, by eight clients, against the same rows written by bare prepared statements."""

import json
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from statistics import median, quantiles
from typing import Any

import psycopg
from django.conf import settings

from benchmarks.clinic import open_clinic
from benchmarks.server import ask, running
from benchmarks.slots import BARE, path
from benchmarks.table import ROUNDS, Row
from scheduling.models import Appointment
from tests.race.server import call

CLIENTS, BOOKINGS = 8, 400
WISH = {"given_name": "Ana", "time_zone": "America/New_York", "consent": {"contact": True}}
# What a booking writes, and nothing else: the rows of a real one, under new ids, at a time of its own.
COPIES = (
    """insert into inquiries_inquiry select (jsonb_populate_record(old, jsonb_build_object('id', %(new)s::uuid))).*
       from inquiries_inquiry old where id = %(old)s""",
    """insert into inquiries_contact
       select (jsonb_populate_record(old, jsonb_build_object('inquiry_id', %(new)s::uuid))).*
       from inquiries_contact old where inquiry_id = %(old)s""",
    """insert into scheduling_appointment select (jsonb_populate_record(old, jsonb_build_object('id', %(new)s::uuid,
       'inquiry_id', %(new)s::uuid, 'occupied', tstzrange(lower(occupied) + %(shift)s * interval '1 year',
       upper(occupied) + %(shift)s * interval '1 year'), 'start', start + %(shift)s * interval '1 year',
       'end', "end" + %(shift)s * interval '1 year'))).*
       from scheduling_appointment old where inquiry_id = %(old)s on conflict do nothing""",
    """insert into inquiries_activity (inquiry_id, number, kind, appointment_id, actor, at, facts, digest)
       select %(new)s::uuid, number, kind, appointment_id, actor, at, facts, digest
       from inquiries_activity where inquiry_id = %(old)s""",
)


def per_second(work: Callable[[int], Any]) -> float:
    began = time.perf_counter()
    with ThreadPoolExecutor(CLIENTS) as pool:
        done = sum(pool.map(work, range(CLIENTS)))
    return done / (time.perf_counter() - began)


def over_http(port: int, starts: list[str]) -> float:
    """Bookings a second, each of a time of its own."""
    return per_second(lambda number: len(book(port, starts[number::CLIENTS], f"n{number}")))


def book(port: int, starts: list[str], name: str) -> list[float]:
    """How many milliseconds each booking took, over one connection. Raises RuntimeError when one is refused."""
    connection, took = HTTPConnection("127.0.0.1", port, timeout=60), []
    for index, start in enumerate(starts):
        appointment = {"appointment_type": "screening-call", "start": start}
        wish = WISH | {"email": f"{name}-{index}@example.com", "appointment": appointment}
        began = time.perf_counter()
        connection.request("POST", "/api/v1/inquiries/", json.dumps(wish), {"Content-Type": "application/json"})
        answer = connection.getresponse()
        body = answer.read()
        took.append(1000 * (time.perf_counter() - began))
        if answer.status != 201:
            raise RuntimeError(body)
    connection.close()
    return took


def bare(bookings: int, *, years: int) -> float:
    """The same rows a second, so many years later, by plain statements in one transaction a booking."""
    database = settings.DATABASES["default"]
    where = {name.lower(): database[name] for name in ("HOST", "PORT", "USER", "PASSWORD")} | {
        "dbname": database["NAME"]
    }
    old = list(Appointment.objects.values_list("inquiry_id", flat=True).distinct()[:bookings])

    def client(number: int) -> int:
        mine = old[number::CLIENTS]
        with psycopg.connect(**where) as connection:
            for row in mine:
                new = connection.execute("select gen_random_uuid()").fetchone()[0]  # type: ignore[index]
                for statement in COPIES:
                    connection.execute(statement, {"old": row, "new": new, "shift": 5 * years}, prepare=True)
                connection.commit()
        return len(mine)

    return per_second(client)


def measure() -> Iterator[Row]:
    open_clinic(10)
    with running() as port:
        offered = [slot["start"] for slot in call(port, "GET", path(60)).body["slots"]]
        one_by_one, at_once = offered[:240:2], offered[240:][: 2 * BOOKINGS : 2]
        over_http(port, offered[1:32:2])  # one turn that does not count
        chunks = [at_once[nth::ROUNDS] for nth in range(ROUNDS)]
        alone = [one_by_one[nth::ROUNDS] for nth in range(ROUNDS)]
        turns = [
            (
                over_http(port, chunks[nth]),
                bare(BOOKINGS // ROUNDS, years=nth + 1),
                quantiles(book(port, alone[nth], f"alone{nth}"), n=20)[-1],
                ask(port, BARE, times=100).p95_ms,
            )
            for nth in range(ROUNDS)
        ]
    ours, floor, p95, bare_p95 = (median(column) for column in zip(*turns, strict=True))
    yield Row(
        figure=f"POST inquiries/ with a time, {CLIENTS} clients",
        ours=f"{ours:.0f}/s",
        against=f"bare statements {floor:.0f}/s",
        value=ours / floor,
        at_least=0.13,
    )
    yield Row(
        figure="the same by one client, p95",
        ours=f"{p95:.1f} ms",
        against=f"bare view {bare_p95:.1f} ms",
        value=p95 / bare_p95,
        at_most=10,
    )
