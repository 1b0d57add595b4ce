"""Gunicorn as it runs in production, on the test's database; and many clients that call it at the same moment."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from threading import Barrier
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from django.conf import settings
from django.db import connection

from config.embedded.processes import free_port

READY_SECONDS = 30


@dataclass(frozen=True)
class Answer:
    status: int
    body: dict[str, Any]


@contextmanager
def serving(application: str, folder: Path, **variables: str) -> Iterator[int]:
    """The port at which two processes of eight threads serve `module:application`, with further `variables`."""
    port = free_port()
    url = urlsplit(os.environ["DATABASE_URL"])
    database = urlunsplit(url._replace(path=f"/{connection.settings_dict['NAME']}"))
    ours = {"DATABASE_URL": database, "HOST": "127.0.0.1", "PORT": str(port), "SITE_URL": f"http://127.0.0.1:{port}"}
    command = [sys.executable, "-m", "gunicorn", "-c", "config/gunicorn.py", application]
    log = folder / "gunicorn.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, cwd=settings.BASE_DIR, env={**os.environ, **ours, **variables}, stdout=output, stderr=output
        )
    try:
        wait_until_ready(process, port, log)
        yield port
    finally:
        process.terminate()
        process.wait(timeout=20)


def wait_until_ready(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline:
        assert process.poll() is None, log.read_text()
        try:
            if call(port, "GET", "/healthz").status == 200:
                return
        except OSError:
            time.sleep(0.05)
    raise AssertionError(log.read_text())


def call(port: int, method: str, path: str, body: dict[str, Any] | None = None) -> Answer:
    client = HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        client.request(method, path, json.dumps(body) if body else None, {"Content-Type": "application/json"})
        response = client.getresponse()
        text = response.read()
    finally:
        client.close()
    is_json = "json" in (response.getheader("Content-Type") or "")
    return Answer(response.status, json.loads(text) if is_json else {})


def post_at_once(port: int, path: str, bodies: list[dict[str, Any]]) -> list[Answer]:
    """Every body sent by a client of its own, all released together; the answers, in order."""
    gate = Barrier(len(bodies))

    def run(body: dict[str, Any]) -> Answer:
        gate.wait()
        return call(port, "POST", path, body)

    with ThreadPoolExecutor(len(bodies)) as pool:
        return list(pool.map(run, bodies))
