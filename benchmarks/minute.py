"""Ten thousand messages due within one minute, by a real worker and beat, while visitors ask for free times."""

import datetime as dt
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from statistics import quantiles

from django.db.models import ExpressionWrapper, F, fields
from django.utils import timezone

from benchmarks import ledger
from benchmarks.clinic import open_clinic
from benchmarks.delivery import sink
from benchmarks.server import Load, ask, running
from benchmarks.slots import path
from benchmarks.table import Row
from notifications.models import Notification

MAILS = int(os.environ.get("MINUTE_MAILS", "10000"))
WORKERS, GIVE_UP_SECONDS = "2", 240
MINUTE, LATER = dt.timedelta(minutes=1), dt.timedelta(hours=1)
LATE = ExpressionWrapper(F("sent_at") - F("due_at"), output_field=fields.DurationField())


def measure() -> Iterator[Row]:
    open_clinic(1)
    now = timezone.now()
    with sink() as mail_port, running() as port:
        # Written before they are due, as `write_ahead` does in the quarter of an hour before.
        ledger.due(MAILS, at=now + LATER, over=MINUTE, now=now)
        ask(port, path(1), times=40)  # that do not count
        idle = visits(port, until=time.monotonic() + 10)
        begin = timezone.now() + dt.timedelta(seconds=15)
        sooner = now + LATER - begin
        Notification.objects.update(due_at=F("due_at") - sooner, try_at=F("due_at") - sooner)
        with working(mail_port):
            time.sleep(max(0, (begin - timezone.now()).total_seconds()))
            busy = visits(port, until=time.monotonic() + MINUTE.total_seconds())
            wait_until_sent()
    late = sorted(each.total_seconds() for each in Notification.objects.values_list(LATE, flat=True))
    yield Row(
        figure=f"{MAILS:,} mails due in one minute: 99 % handed over within",
        ours=f"{quantiles(late, n=100)[-1]:.1f} s",
        against=f"60 s; {sum(each < 0 for each in late)} early",
        value=quantiles(late, n=100)[-1] / 60,
        at_most=1,
    )
    yield Row(
        figure="a visitor's look at free times meanwhile, p99",
        ours=f"{busy.p99_ms:.0f} ms",
        against=f"idle {idle.p99_ms:.0f} ms",
        value=busy.p99_ms / idle.p99_ms,
        at_most=1.5,
    )


def visits(port: int, *, until: float) -> Load:
    """One visitor after the other, some twenty a second."""
    return ask(port, path(1), times=10**6, pause=0.05, until=until)


@contextmanager
def working(mail_port: int) -> Iterator[None]:
    """A Celery worker of two processes, and its beat."""
    env = os.environ | {"EMAIL_URL": f"smtp://127.0.0.1:{mail_port}", "DJANGO_SETTINGS_MODULE": "config.settings"}
    with tempfile.TemporaryDirectory() as folder:
        options = ["--beat", "--schedule", f"{folder}/beat", "--concurrency", WORKERS, "--loglevel", "ERROR"]
        argv = [sys.executable, "-m", "celery", "-A", "config", "worker", *options]
        with subprocess.Popen(argv, env=env, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL) as worker:
            try:
                yield
            finally:
                worker.terminate()


def wait_until_sent() -> None:
    """Raises TimeoutError when there is no end of it."""
    give_up = time.monotonic() + GIVE_UP_SECONDS
    while Notification.objects.exclude(status="sent").exists():
        if time.monotonic() > give_up:
            raise TimeoutError(f"{Notification.objects.exclude(status='sent').count()} of {MAILS} are not sent")
        time.sleep(0.5)
