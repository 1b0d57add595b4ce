"""Against django-appointment: its slots of one day, its bookings, and its race, on the same PostgreSQL and server."""

import datetime as dt
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from threading import Barrier
from urllib.parse import urlencode, urlsplit, urlunsplit

import psycopg
from django.utils import timezone

from benchmarks import booking
from benchmarks.clinic import open_clinic
from benchmarks.server import ask, running
from benchmarks.slots import path
from benchmarks.table import ROUNDS, Row, medians
from tests.race.server import call, serving

CLIENTS = 50
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
AJAX = {"X-Requested-With": "XMLHttpRequest"}


@dataclass(frozen=True, slots=True)
class Peer:
    """The site as it runs; `sessions` are those of clients who are signed in, which spares it their verification."""

    port: int
    database: str
    service: int
    staff: int
    sessions: list[str]

    @property
    def day(self) -> str:
        """The address of one staff member's free times of next Monday."""
        asked = {"selected_date": monday(0), "staff_member": self.staff, "service_id": self.service}
        return f"/ajax/available_slots/?{urlencode(asked)}"

    def appointments(self) -> int:
        with psycopg.connect(self.database) as connection:
            return connection.execute("select count(*) from appointment_appointment").fetchone()[0]  # type: ignore[index]


def monday(days_later: int) -> dt.date:
    today = timezone.localdate()
    return today + dt.timedelta(days=7 - today.weekday() + days_later)


@contextmanager
def peer_running() -> Iterator[Peer]:
    """A database of its own beside ours, filled, and served by the same gunicorn with the same configuration."""
    ours = os.environ["DATABASE_URL"]
    theirs = urlunsplit(urlsplit(ours)._replace(path="/peer"))
    with psycopg.connect(ours, autocommit=True) as connection:
        connection.execute("drop database if exists peer with (force)")
        connection.execute("create database peer")
    variables = {"DJANGO_SETTINGS_MODULE": "benchmarks.peersite.settings", "PEER_DATABASE_URL": theirs}
    fill = [sys.executable, "-m", "benchmarks.peersite.fill", str(CLIENTS)]
    filled = subprocess.run(fill, env=os.environ | variables, check=True, capture_output=True, text=True)
    facts = json.loads(filled.stdout.splitlines()[-1])
    site = "benchmarks.peersite.wsgi:application"
    with tempfile.TemporaryDirectory() as folder, serving(site, Path(folder), **variables) as port:
        yield Peer(port=port, database=theirs, **facts)


def book(peer: Peer, session: str, day: dt.date, minute: int) -> None:
    """The two forms that a client of the peer sends for one appointment. Raises RuntimeError when one is refused."""
    start = dt.datetime.combine(day, dt.time(9)) + dt.timedelta(minutes=minute)
    time = {"date": day, "start_time": start.time(), "end_time": (start + dt.timedelta(minutes=20)).time()}
    about = {
        "name": "Ana",
        "phone_0": "US",
        "phone_1": "3055550123",
        "address": "Miami",
        "additional_info": "",
        "payment_type": "full",
    }
    client = HTTPConnection("127.0.0.1", peer.port, timeout=60)
    place = "/request-submit/"
    for form in (time | {"service": peer.service, "staff_member": peer.staff}, about):
        client.request("POST", place, urlencode(form), FORM | {"Cookie": f"sessionid={session}"})
        answer = client.getresponse()
        body = answer.read()
        place = answer.getheader("Location") or ""
        if answer.status != 302:
            raise RuntimeError(answer.status, body[:2000])
    client.close()


def booked_per_second(peer: Peer, offset: int) -> float:
    """Appointments a second of as many clients as ours, each at a time of its own."""
    each = 5

    def client(number: int) -> int:
        for index in range(each):
            book(peer, peer.sessions[number], monday(offset + number // 4), 20 * (index + each * (number % 4)))
        return each

    return booking.per_second(client)


def race(peer: Peer) -> int:
    """How many appointments come of as many requests at once for one time."""
    before, gate = peer.appointments(), Barrier(CLIENTS)

    def client(session: str) -> None:
        gate.wait()
        book(peer, session, monday(400), 0)

    with ThreadPoolExecutor(CLIENTS) as pool:
        list(pool.map(client, peer.sessions))
    return peer.appointments() - before


def ours_per_second(port: int, starts: Iterator[str]) -> float:
    return booking.over_http(port, [next(starts) for _ in range(5 * booking.CLIENTS)])


def measure() -> Iterator[Row]:
    with running() as port, peer_running() as peer:
        open_clinic(1)
        day, theirs = medians(
            lambda: ask(port, path(1), times=100).cpu_ms,
            lambda: ask(peer.port, peer.day, times=30, headers=AJAX).cpu_ms,
        )
        open_clinic(20)
        (month,) = medians(lambda: ask(port, path(30), times=20).cpu_ms)
        open_clinic(10)
        starts = iter([slot["start"] for slot in call(port, "GET", path(60)).body["slots"]])
        offsets = iter(range(0, 7 * (ROUNDS + 1), 7))
        ours, bookings = medians(lambda: ours_per_second(port, starts), lambda: booked_per_second(peer, next(offsets)))
        sold = race(peer)
    against = f"django-appointment {theirs:.1f} ms"
    yield Row(
        figure="one practitioner's day, CPU",
        ours=f"{day:.2f} ms",
        against=against,
        value=theirs / day,
        at_least=15,
    )
    yield Row(
        figure="20 practitioners × 30 days, CPU",
        ours=f"{month:.1f} ms",
        against=f"{against}, one of one",
        value=month / theirs,
        at_most=1,
    )
    yield Row(
        figure="bookings a second, 8 clients",
        ours=f"{ours:.0f}/s",
        against=f"django-appointment {bookings:.0f}/s",
        value=ours / bookings,
        at_least=12,
    )
    yield Row(
        figure=f"{CLIENTS} clients of django-appointment for one time",
        ours="1 of ours",
        against=f"{sold} of theirs",
        value=sold,
    )
