"""Calendars elsewhere: an HTTP server that answers as it is told, and a real CalDAV server in a process of its own."""

import base64
import hashlib
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

HEAD = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//tests//EN\r\n"
CONFIG = """
[server]
hosts = 127.0.0.1:{port}
[auth]
type = htpasswd
htpasswd_filename = {folder}/people
htpasswd_encryption = plain
delay = 0
[storage]
filesystem_folder = {folder}/calendars
[logging]
level = warning
"""
MKCALENDAR = b'<?xml version="1.0"?><c:mkcalendar xmlns:d="DAV:" xmlns:c="urn:ietf:params:xml:ns:caldav"/>'


def event(*lines: str, uid: str = "") -> str:
    """One event with these properties."""
    uid = uid or hashlib.sha256("".join(lines).encode()).hexdigest()[:16]
    body = ("BEGIN:VEVENT", f"UID:{uid}", "DTSTAMP:20261201T000000Z", "SUMMARY:Therapy", *lines, "END:VEVENT")
    return "".join(f"{line}\r\n" for line in body)


def calendar(*events: str) -> bytes:
    return f"{HEAD}{''.join(events)}END:VCALENDAR\r\n".encode()


class FeedServer:
    """Serves `body` at every path, with `status` and `headers`; `answer` answers by hand instead."""

    def __init__(self) -> None:
        self.body, self.status, self.headers = calendar(), 200, dict[str, str]()
        self.answer: Callable[[BaseHTTPRequestHandler], None] | None = None
        self.asked: list[tuple[str, dict[str, str]]] = []
        feed = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                feed.asked.append((self.path, {name.lower(): value for name, value in self.headers.items()}))
                with suppress(OSError):
                    (feed.answer or feed.plain)(self)

            do_REPORT = do_PROPFIND = do_GET  # noqa: N815 the names of methods

            def log_message(self, *said: Any) -> None:
                """Nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.origin = f"http://127.0.0.1:{self.server.server_port}"
        self.url = f"{self.origin}/private-5ecre7/basic.ics?key=k3y"

    def plain(self, caller: BaseHTTPRequestHandler) -> None:
        caller.send_response(self.status)
        for name, value in self.headers.items():
            caller.send_header(name, value)
        caller.end_headers()
        if self.status != 304:
            caller.wfile.write(self.body)


@contextmanager
def feed_server() -> Iterator[FeedServer]:
    feed = FeedServer()
    Thread(target=feed.server.serve_forever, args=[0.05], daemon=True).start()
    yield feed
    feed.server.shutdown()
    feed.server.server_close()


class CalDavServer:
    """Radicale with one person, rosa, and one calendar of hers."""

    def __init__(self, folder: Path, port: int) -> None:
        self.folder, self.url = folder, f"http://127.0.0.1:{port}/rosa/work/"
        self.set_password("dahlia")

    def set_password(self, password: str) -> None:
        (self.folder / "people").write_text(f"rosa:{password}\n")
        self.password = password

    def send(self, method: str, path: str = "", body: bytes = b"") -> int:
        mark = base64.b64encode(f"rosa:{self.password}".encode()).decode()
        headers = {"Authorization": f"Basic {mark}", "Content-Type": "text/calendar; charset=utf-8"}
        request = urllib.request.Request(self.url + path, data=body or None, method=method, headers=headers)
        with urllib.request.urlopen(request, timeout=10) as answer:
            return int(answer.status)

    def put(self, name: str, *lines: str) -> None:
        self.send("PUT", f"{name}.ics", calendar(event(*lines, uid=name)))


@contextmanager
def caldav_server(folder: Path) -> Iterator[CalDavServer]:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    server = CalDavServer(folder, port)
    config = folder / "config"
    config.write_text(CONFIG.format(port=port, folder=folder))
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen([sys.executable, "-m", "radicale", "-C", str(config)], stderr=log, stdout=log)
    try:
        _wait_for(process, port)
        server.send("MKCALENDAR", body=MKCALENDAR)
        yield server
    finally:
        process.terminate()
        process.wait(10)


def _wait_for(process: subprocess.Popen[bytes], port: int) -> None:
    until = time.monotonic() + 30
    while time.monotonic() < until and process.poll() is None:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.1)
    raise AssertionError("Radicale does not answer")
