"""Mail from due row to accepted and recorded, against smtplib pushing ready bytes and against a task a message."""

import os
import smtplib
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from statistics import median

from django.conf import settings
from django.db import connection
from django.utils import timezone

from benchmarks import ledger
from benchmarks.clinic import open_clinic
from benchmarks.table import Row
from inquiries import intake
from inquiries.models import Inquiry
from notifications import planner, tasks, work, writing
from notifications.models import Notification
from notifications.work import drain

MAILS, ROUNDS = 400, 7
PEER_MAILS = 300
SENT = int(os.environ.get("SENT", "200000"))  # rows; SENT=1000000 is the long form


def measure() -> Iterator[Row]:
    open_clinic(1)
    with sink() as port:
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
        yield from one_and_two(port)
        yield from against_the_peer(port)
        yield tasks_a_thousand()
    yield planning()
    yield idle()


@contextmanager
def sink() -> Iterator[int]:
    """The port of a mail server in a process of its own."""
    argv = [sys.executable, "-m", "benchmarks.sink"]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield int(process.stdout.readline())
        finally:
            process.kill()


def one_and_two(port: int) -> Iterator[Row]:
    for workers, at_least in ((1, 0.65), (2, 0.6)):
        ours, floors = [], []
        for _ in range(ROUNDS):
            ledger.due(MAILS, at=timezone.now(), now=timezone.now())
            ready = Notification.objects.filter(status="due")[0].body.reveal().encode()
            floors.append(MAILS / side_by_side(workers, partial(push, port, ready, MAILS // workers)))
            ours.append(MAILS / side_by_side(workers, lambda: drain(clock=timezone.now, seconds=120)))
            assert not Notification.objects.exclude(status="sent").exists()
        one, floor = median(ours), median(floors)
        yield Row(
            figure=f"mails/s from due row to accepted and recorded, {workers} worker{'s' * (workers > 1)}",
            ours=f"{one:.0f}/s",
            against=f"smtplib, ready bytes, {workers} connection{'s' * (workers > 1)} {floor:.0f}/s",
            value=one / floor,
            at_least=at_least,
        )


def side_by_side(count: int, do: Callable[[], object]) -> float:
    """The seconds that it takes so many processes to do it, all at once."""
    connection.close()
    began, children = time.perf_counter(), []
    for _ in range(count):
        child = os.fork()
        if child == 0:
            do()
            os._exit(0)
        children.append(child)
    assert {os.waitpid(child, 0)[1] for child in children} == {0}
    return time.perf_counter() - began


def push(port: int, ready: bytes, mails: int) -> None:
    """What `smtplib` alone does with ready bytes on one connection."""
    with smtplib.SMTP("127.0.0.1", port) as client:
        for _ in range(mails):
            client.sendmail("a@example.com", ["b@example.com"], ready)


def against_the_peer(port: int) -> Iterator[Row]:
    ledger.due(PEER_MAILS, at=timezone.now(), now=timezone.now())
    peer = PEER_MAILS / peers_seconds(port)
    ours = PEER_MAILS / side_by_side(1, lambda: drain(clock=timezone.now, seconds=120))
    yield Row(
        figure="the same, one worker",
        ours=f"{ours:.0f}/s",
        against=f"send_mail in a Celery task each {peer:.0f}/s",
        value=ours / peer,
        at_least=4,
    )


def peers_seconds(port: int) -> float:
    """From the first task handed to a running worker until the last mail is out."""
    from benchmarks.peer import send_one

    env = {**os.environ, "EMAIL_URL": f"smtp://127.0.0.1:{port}", "DJANGO_SETTINGS_MODULE": "config.settings"}
    argv = [
        sys.executable,
        "-m",
        "celery",
        "-A",
        "benchmarks.peer_app",
        "worker",
        "--pool",
        "solo",
        "--loglevel",
        "ERROR",
    ]
    import redis

    broker = redis.Redis.from_url(os.environ["REDIS_URL"])
    with subprocess.Popen(argv, env=env, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL) as worker:
        try:
            wait_for_the_worker(broker, send_one)
            ids = [str(pk) for pk in Inquiry.objects.order_by("-created_at").values_list("pk", flat=True)[:PEER_MAILS]]
            began = time.perf_counter()
            for each in ids:
                send_one.delay(each)
            while broker.llen("celery") or broker.hlen("unacked"):
                time.sleep(0.005)
            return time.perf_counter() - began
        finally:
            worker.kill()


def wait_for_the_worker(broker: object, send_one: object) -> None:
    """Until it has taken a first task."""
    send_one.delay(str(Inquiry.objects.earliest("pk").pk))  # type: ignore[attr-defined]
    while broker.llen("celery") or broker.hlen("unacked"):  # type: ignore[attr-defined]
        time.sleep(0.05)


def tasks_a_thousand() -> Row:
    ledger.due(1000, at=timezone.now(), now=timezone.now())
    count = 0
    while Notification.objects.filter(status="due").exists():
        tasks.work(by="wake")
        count += 1
    return Row(
        figure="Celery tasks per 1,000 messages", ours=str(count), against="one a message", value=count, at_most=10
    )


def planning() -> Row:
    now = timezone.now()
    for number in range(MAILS):
        person = intake.Person(given_name="Ana", email=f"m{number}@example.com")
        intake.receive(person=person, wishes=intake.Wishes(time_zone="America/New_York"), now=now)
    began = time.perf_counter()
    while planner.plan_pending(now=timezone.now()):
        pass
    while writing.write_ahead(now=timezone.now()):
        pass
    rate = MAILS / (time.perf_counter() - began)
    return Row(
        figure="activities a second, to stored and written messages",
        ours=f"{rate:.0f}/s",
        against="300/s",
        value=rate / 300,
        at_least=1,
    )


def idle() -> Row:
    """A look for work that finds none."""
    open_clinic(1)
    drain(clock=timezone.now, seconds=1)
    empty = median(look() for _ in range(40))
    ledger.due(1, at=timezone.now(), now=timezone.now())
    ledger.sent_long_ago(SENT)
    Notification.objects.filter(status="due").delete()
    full = median(look() for _ in range(40))
    return Row(
        figure=f"an idle look for work, {SENT:,} sent messages",
        ours=f"{1000 * full:.1f} ms",
        against=f"empty ledger {1000 * empty:.1f} ms",
        value=full / empty,
        at_most=1.2,
    )


def look() -> float:
    began = time.perf_counter()
    assert str(drain(clock=timezone.now, seconds=9)[0]) == str(work.Done())
    return time.perf_counter() - began
