"""Our processes as children of a test: on the test's own database, its Redis and its mail server."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import pytest
from django.conf import settings
from django.db import connection

from config.embedded.processes import dies_with_parent, spawn, stop
from tests.sink import SmtpSink

BASE = Path(__file__).resolve().parents[2]
Start = Callable[..., "subprocess.Popen[bytes]"]


def environment(sink: SmtpSink) -> dict[str, str]:
    address = urlsplit(os.environ["DATABASE_URL"])
    database = urlunsplit(address._replace(path=f"/{connection.settings_dict['NAME']}"))
    return {
        **os.environ,
        "DATABASE_URL": database,
        "REDIS_URL": settings.REDIS_URL,
        "EMAIL_URL": sink.url,
        "UNDO_SECONDS": "0",
    }


@pytest.fixture
def celery(smtp_sink: SmtpSink, tmp_path: Path) -> Iterator[Start]:
    """Start `celery -A config …`; what is still up at the end is ended."""
    children = []

    def start(*arguments: Any) -> "subprocess.Popen[bytes]":
        argv = [*dies_with_parent("KILL"), sys.executable, "-m", "celery", "-A", "config", *map(str, arguments)]
        child = spawn(argv, log=tmp_path / f"{arguments[0]}.log", env=environment(smtp_sink), cwd=BASE)
        children.append(child)
        return child

    yield start
    stop(children, signal.SIGKILL, seconds=5)


@pytest.fixture
def manage(smtp_sink: SmtpSink, tmp_path: Path) -> Iterator[Start]:
    """Start a command of `manage.py`; what is still up at the end is ended."""
    children = []

    def start(*arguments: Any, **variables: str) -> "subprocess.Popen[bytes]":
        argv = [*dies_with_parent("KILL"), sys.executable, "manage.py", *map(str, arguments)]
        env = environment(smtp_sink) | {"EMAIL_TIMEOUT": "2", **variables}
        child = spawn(argv, log=tmp_path / f"{arguments[0]}.log", env=env, cwd=BASE)
        children.append(child)
        return child

    yield start
    stop(children, signal.SIGKILL, seconds=5)


@pytest.fixture
def worker(celery: Start) -> Start:
    """Start a worker that is one process, so that killing it kills the send."""
    return lambda: celery("worker", "--pool", "solo", "--without-gossip", "--without-mingle", "--without-heartbeat")
